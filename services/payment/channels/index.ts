import { bankTransfer } from './bank-transfer.ts'
import type { Channel, Route } from './channel.ts'
import { giftCard } from './gift-card.ts'
import type { SandboxBook } from './sandbox-book.ts'
import { sandboxCard } from './sandbox-card.ts'
import { sandboxWallet } from './sandbox-wallet.ts'
import { storeCredit } from './store-credit.ts'

export type Channels = Readonly<Record<Route, Channel>>

/** Every way that money goes back. */
export const channels = (book: Pick<SandboxBook, 'refund' | 'status'>): Channels => ({
  'sandbox-card': sandboxCard(book),
  'sandbox-wallet': sandboxWallet(book),
  'gift-card': giftCard,
  'store-credit': storeCredit,
  'bank-transfer': bankTransfer,
})
