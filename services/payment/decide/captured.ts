import { believed, type EventData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, unknownOrder } from '@countermand/service/decision.ts'
import { postTender } from '../ledger/post.ts'
import { isNotTaken, lyingOf, type Payment, type Refund, requestOf, type Tender } from '../state.ts'
import { destinationOf } from './routing.ts'
import { reverse } from './transition.ts'
import { begin, type Context, type Policy, posted, type Work, withRefund, withTender } from './work.ts'

type Captured = EventData<'payment.captured.v1'>

/** What was planned to be released, and nobody was asked for, is given back instead. */
const giveBack = (work: Work, refund: Refund, tender: Tender, { policy }: Context): Work => {
  const request = requestOf(work.state, refund.requestId)
  const fallback = request?.status === 'asked' ? request.fallback : 'attention'
  const destination =
    refund.destination === 'none' ? destinationOf(policy.routing, tender, 'original', fallback) : refund.destination
  return withRefund(work, { ...refund, destination, operation: 'refund' })
}

/**
 * What was taken beyond what refunds have left to take is owed again: the newest refunds that it covers were none. What it covers of no
 * refund whole stays, and is found when the payment itself is compared.
 */
const owedAgain = (work: Work, tender: Tender, excess: number, context: Context): Work => {
  let left = excess
  return work.state.refunds.toReversed().reduce((next, refund) => {
    const isReleased = refund.tenderId === tender.tenderId && refund.destination === 'none'
    if (!isReleased || refund.progress.state !== 'succeeded' || refund.amount > left) return next
    left -= refund.amount
    return reverse(next, refund, 'the payment was taken after all', context)
  }, work)
}

/**
 * `payment.captured.v1`: a tender that was held is taken, or cash was collected on delivery. Refunds of it give money back from now on.
 */
export const paymentCaptured = (
  state: Payment | undefined,
  { orderId, tenderId, amount, at }: Captured,
  moment: Moment,
  policy: Policy,
): Decision<Payment> | NotYet => {
  const error = (expected: string, got: string) => `expected ${expected} for a capture of order ${orderId}, got ${got}`
  if (state?.currency === undefined) return unknownOrder(moment, error('an order that was accepted', 'none'))
  const known = state.tenders.find((each) => each.tenderId === tenderId)
  if (known === undefined) return { deadLetter: { reason: 'invalid-data', error: error('a tender of it', tenderId) } }
  if (!isNotTaken(known)) return {}
  const context = { now: moment.now, policy }
  const tender = { ...known, authorized: false, paidAt: believed(at, moment.now), paidTotal: known.paidTotal ?? amount }
  const work = withTender(begin(state), tender)
  const taken = posted(work, postTender(work.state, tender, 'taken', { amount: lyingOf(state, known), at: moment.now }))
  const planned = state.refunds.filter((each) => each.tenderId === tenderId && each.progress.state === 'planned')
  const given = planned.reduce((work, refund) => giveBack(work, refund, tender, context), taken)
  return owedAgain(given, tender, amount - (known.captured - known.refunded), context)
}
