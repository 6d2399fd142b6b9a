import type { EventData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/service/decision.ts'
import type { Payment, Refund } from '../state.ts'
import { poll, routed } from './asking.ts'
import { paymentCaptured } from './captured.ts'
import { refundTold } from './channel-result.ts'
import { claimed } from './claimed.ts'
import { begin, type Policy } from './work.ts'

type Notified = EventData<'channel.notified.v1'>

/** What can be looked at: its channel has it, or may have. One that is being asked for just now is heard of by its answer. */
const isWithChannel = ({ replaced, progress }: Refund): boolean => {
  if (replaced) return false
  if (progress.state === 'submitted') return progress.received || (progress.inDoubt && !progress.calling)
  return progress.state === 'pending' || progress.state === 'succeeded'
}

const isAbout = ({ refundId, tenderId, providerRef }: Notified, refund: Refund): boolean => {
  if (refundId !== undefined) return refund.refundId === refundId
  if (providerRef !== undefined && refund.providerRef !== undefined) return refund.providerRef === providerRef
  return refund.tenderId === tenderId
}

/** The provider says it where checkout did not: the first of them counts. */
const capturedAsTold = (
  state: Payment | undefined,
  { orderId, tenderId, amount, occurredAt }: Notified,
  moment: Moment,
  policy: Policy,
): Decision<Payment> | NotYet =>
  tenderId === undefined || amount === undefined
    ? {}
    : paymentCaptured(state, { orderId, tenderId, amount, at: occurredAt }, moment, policy)

const invalid = ({ orderId }: Notified, expected: string, got: string): Decision<Payment> => ({
  deadLetter: { reason: 'invalid-data', error: `expected ${expected} for the fact of order ${orderId}, got ${got}` },
})

/** What makes it another one's, or one that cannot be; `undefined`: it is of this refund. */
const objection = (told: Notified, refund: Refund): readonly [expected: string, got: string] | undefined => {
  const { amount, currency, providerRef, progress } = refund
  if (told.amount !== amount || told.currency !== currency)
    return [`${amount} ${currency}`, `${told.amount} ${told.currency}`]
  if (providerRef !== undefined && told.providerRef !== providerRef) return [providerRef, told.providerRef ?? 'none']
  const isOver = progress.state === 'failed' || progress.state === 'reversed' || progress.state === 'planned'
  return isOver && told.fact?.outcome === 'succeeded' ? ['a refund that was asked for', progress.state] : undefined
}

/** `fact`: what a provider says that cannot be asked. It is matched by our name, the provider's, and what was asked for. */
const factTold = (
  state: Payment | undefined,
  told: Notified,
  moment: Moment,
  policy: Policy,
): Decision<Payment> | NotYet => {
  const refund = state?.refunds.find((each) => each.refundId === told.refundId)
  if (state === undefined || refund === undefined)
    return moment.patienceOver ? invalid(told, 'a refund of ours', told.refundId ?? 'none') : notYet
  const context = { now: moment.now, policy }
  const route = routed(begin(state), refund, context)
  const hear = route && policy.terms(route).hear
  if (hear === undefined || told.fact === undefined)
    return isWithChannel(refund) ? poll(begin(state), refund, moment.now, context) : {}
  const why = objection(told, refund)
  if (why !== undefined) return invalid(told, ...why)
  const { providerRef, occurredAt: at, fact } = told
  const { outcome, reason } = fact
  const news = {
    outcome,
    at,
    ...(reason !== undefined && { reason }),
    ...(providerRef !== undefined && { providerRef }),
  }
  return refundTold(state, refund, hear(news), context)
}

/**
 * `channel.notified.v1`: a provider told of a refund. It is a reason to look, now instead of when it was planned: one that comes twice,
 * late, in another order, or before the answer to our own call changes nothing but when we look. Of one that cannot be asked it is the answer.
 */
export const channelNotified = (
  state: Payment | undefined,
  told: Notified,
  moment: Moment,
  policy: Policy,
): Decision<Payment> | NotYet => {
  const { now } = moment
  const { kind } = told
  if (kind === 'foreign-refund' || kind === 'dispute') return claimed(state, { ...told, kind }, moment, policy)
  if (kind === 'fact') return factTold(state, told, moment, policy)
  if (kind === 'captured') return capturedAsTold(state, told, moment, policy)
  if (state === undefined || kind !== 'look') return {}
  const meant = state.refunds.filter((refund) => isWithChannel(refund) && isAbout(told, refund))
  return meant.reduce((work, refund) => poll(work, refund, now, { now, policy }), begin(state))
}
