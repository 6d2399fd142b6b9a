import { type Channel, type TenderKind, withoutLimits } from './channel.ts'
import { sandboxPollAfterMs } from './sandbox-card.ts'

/** A wallet that behaves by its payment reference. A balance shows a refund at once. */
export const sandboxWallet = {
  home: 'original',
  open: ({ sandbox }): Channel => ({
    facts: withoutLimits,
    refund: sandbox.refund,
    status: sandbox.status,
    ...(sandbox.list !== undefined && { list: sandbox.list }),
    expectedBy: (now) => now,
    pollAfterMs: sandboxPollAfterMs,
  }),
} satisfies TenderKind
