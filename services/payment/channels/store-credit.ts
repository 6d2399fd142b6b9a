import type { TenderKind } from './channel.ts'
import { heldByLedger } from './held-by-ledger.ts'

/** Store credit is ours: the customer can spend it at once. */
export const storeCredit = { home: 'store-credit', open: () => heldByLedger(0) } satisfies TenderKind
