import { heldByLedger } from './held-by-ledger.ts'

/** Store credit is ours: the customer can spend it at once. */
export const storeCredit = heldByLedger(0)
