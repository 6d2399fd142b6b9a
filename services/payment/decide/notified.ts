import type { EventData } from '@countermand/contracts'
import type { Decision, Moment, NotYet } from '@countermand/service/decision.ts'
import type { Payment, Refund } from '../state.ts'
import { poll } from './asking.ts'
import { paymentCaptured } from './captured.ts'
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

/**
 * `channel.notified.v1`: a provider told of a refund. It is a reason to look, now instead of when it was planned: one that comes twice,
 * late, in another order, or before the answer to our own call changes nothing but when we look.
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
  if (kind === 'captured') return capturedAsTold(state, told, moment, policy)
  if (state === undefined || kind !== 'look') return {}
  const meant = state.refunds.filter((refund) => isWithChannel(refund) && isAbout(told, refund))
  return meant.reduce((work, refund) => poll(work, refund, now, { now, policy }), begin(state))
}
