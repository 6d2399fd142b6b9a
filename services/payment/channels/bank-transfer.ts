import { isInfrastructureError } from '@countermand/database'
import {
  type BankDesk,
  type BankTransfer,
  type Channel,
  ChannelError,
  day,
  type ElsewhereKind,
  later,
  type RefundResult,
  withoutLimits,
} from './channel.ts'
import { heldByLedger } from './held-by-ledger.ts'

/** A transfer from the shop's own bank, by a file that two people have looked at: docs/providers/bank-transfer.md. */

/** For so long a bank may bring a transfer back. */
const returnsWithinMs = 30 * day
/** It is looked at when the bank's file is read; in between there is nothing to see. */
const pollMs = 600_000

const resultOf = ({ refundId, state, reason = '', changedAt }: BankTransfer): RefundResult => {
  switch (state) {
    case 'booked':
      return { outcome: 'succeeded', providerRef: refundId, reversibleUntil: later(changedAt, returnsWithinMs) }
    case 'rejected':
      return { outcome: 'refused', reason: `the bank: ${reason}`, key: 'dead', cure: 'elsewhere' }
    case 'returned':
      return { outcome: 'reversed', reason: `the bank: ${reason}` }
    default:
      return { outcome: 'pending', providerRef: refundId, why: 'processing' }
  }
}

/** Its rows are in a database that may be away, as banks are. */
const unlessAway = async <Value>(call: Promise<Value>): Promise<Value> => {
  try {
    return await call
  } catch (cause) {
    if (!isInfrastructureError(cause)) throw cause
    throw new ChannelError('expected the list of transfers to be there', 'unknown', {
      ...{ trouble: 'outage', retryAfterMs: 1_000, cause },
    })
  }
}

const byFile = (desk: BankDesk): Channel => ({
  facts: withoutLimits,
  refund: async (call) => resultOf(await unlessAway(desk.want(call))),
  status: async ({ refundId }) => {
    const found = await unlessAway(desk.find(refundId))
    return found === undefined ? { outcome: 'absent' } : resultOf(found)
  },
  // One or two working days once it was sent, and somebody has to look at it before.
  expectedBy: (now) => later(now, 7 * day),
  pollAfterMs: () => pollMs,
})

/** Without a desk a sandbox bank, which makes the transfer when the ledger says so; it arrives within 3 working days, weekend included. */
export const bankTransfer = {
  open: ({ bank }) => (bank === undefined ? heldByLedger(5 * day) : byFile(bank)),
} satisfies ElsewhereKind
