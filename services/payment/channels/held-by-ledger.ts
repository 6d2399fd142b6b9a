import { type Channel, later, withoutLimits } from './channel.ts'

/**
 * A channel that is ours: nobody else has to be told, for the ledger's row, written with the refund's success, is the
 * money's move. So a call is idempotent by doing nothing.
 */
export const heldByLedger = (arrivesAfterMs: number): Channel => ({
  facts: withoutLimits,
  refund: async ({ refundId }) => ({ outcome: 'succeeded', providerRef: refundId }),
  status: async ({ refundId }) => ({ outcome: 'succeeded', providerRef: refundId }),
  expectedBy: (now) => later(now, arrivesAfterMs),
  pollAfterMs: () => 60_000,
  heldByLedger: true,
})
