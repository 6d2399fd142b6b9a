import { day, type ElsewhereKind } from './channel.ts'
import { heldByLedger } from './held-by-ledger.ts'

/** A sandbox bank: the transfer is made when the ledger says so, and arrives within 3 working days, weekend included. */
export const bankTransfer = { open: () => heldByLedger(5 * day) } satisfies ElsewhereKind
