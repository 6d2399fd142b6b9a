import type { Channel } from './channel.ts'
import type { SandboxBook } from './sandbox-book.ts'
import { sandboxPollAfterMs } from './sandbox-card.ts'

/** A wallet that behaves by its payment reference. A balance shows a refund at once. */
export const sandboxWallet = (book: Pick<SandboxBook, 'refund' | 'status'>): Channel => ({
  refund: book.refund,
  status: book.status,
  expectedBy: (now) => now,
  pollAfterMs: sandboxPollAfterMs,
})
