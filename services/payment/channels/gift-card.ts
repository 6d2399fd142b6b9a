import type { TenderKind } from './channel.ts'
import { heldByLedger } from './held-by-ledger.ts'

/** A gift card gets back what was paid with it, at once, and never as cash. */
export const giftCard = { home: 'gift-card', open: () => heldByLedger(0) } satisfies TenderKind
