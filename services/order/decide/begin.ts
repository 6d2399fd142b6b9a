import {
  type Answer,
  type AnswerTo,
  type CancelRequested,
  type CommandData,
  merchantDecides,
  refusalCodes,
} from '@countermand/contracts'
import { policyFor } from '@countermand/contracts/policy-for.ts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/service/decision.ts'
import type { Policies, Policy } from '@countermand/settings/policies.ts'
import { isReused, type OrderState, requestOf, reuseMessage, withRequest } from '../state.ts'
import type { Claim } from './claim.ts'
import { held, type Order, versionOf } from './order.ts'
import { parcelsOf } from './parcels.ts'
import { type Begun, begunAnswer, type CancellationRequest, decidedAbout, type EndedRequest } from './request.ts'
import { endEvent, startedEvent, storyOf } from './story.ts'
import { type Refusal, verify } from './verify.ts'

type BeginAnswer = AnswerTo<'BeginCancellation'>
type BeginDecision = Decision<OrderState, BeginAnswer>

const alreadyEnded = (request: EndedRequest): Answer<'AlreadyEnded'> => {
  const { end } = request
  const code = 'code' in end ? end.code : undefined
  const { outcome, stage } = end
  return { type: 'AlreadyEnded', outcome, stage, ...(code && { code }), ...decidedAbout(request) }
}

const reused = (request: CancelRequested): Answer<'RequestIdReused'> => ({
  type: 'RequestIdReused',
  message: reuseMessage(request),
})

/** A "no" ends the request at once and for ever. */
const refuse = (
  state: OrderState | undefined,
  asked: CancellationRequest,
  refusal: Refusal,
  at: Moment,
): BeginDecision => {
  const { request, records } = asked
  const code = refusalCodes[refusal.type]
  const end = { outcome: 'refused', code, stage: 'verifying', at: at.now, message: refusal.message } as const
  return {
    state: withRequest(state, { request, records, status: 'refused', end }),
    answer: refusal,
    publish: [endEvent(storyOf(state?.order, asked, at.now), end)],
  }
}

/** Whose decision counts; `undefined`: anybody's. */
const decidersOf = ({ DECISIONS_FROM }: Policy, merchantId: string): string[] | undefined =>
  DECISIONS_FROM.includes('anyone')
    ? undefined
    : DECISIONS_FROM.map((each) => (each === 'merchant' ? merchantId : each))

const approvalOf = (
  merchantId: string,
  request: CancelRequested,
  parcels: Begun['parcels'],
  policy: Policy,
  at: Moment,
): Begun['approval'] => {
  if (!merchantDecides(policy.MERCHANT_APPROVAL, request.initiator.kind, parcels)) return { needed: false }
  const decideBy = new Date(Date.parse(at.now) + policy.MERCHANT_DEADLINE).toISOString()
  const from = decidersOf(policy, merchantId)
  return { needed: true, decideBy, onSilence: policy.MERCHANT_SILENCE, ...(from && { from }) }
}

const begunOf = (order: Order, request: CancelRequested, claim: Claim, policy: Policy, at: Moment): Begun => {
  const { merchantId, customerId, currency, tenders } = order.placed
  const parcels = parcelsOf(order, claim.lines).map(({ shipmentId, status }) => ({ shipmentId, status }))
  return {
    at: at.now,
    merchantId,
    customerId,
    currency,
    ...claim,
    parcels,
    tenders: tenders.map(({ tenderId, channel, amount }) => ({ tenderId, channel, amount })),
    approval: approvalOf(merchantId, request, parcels, policy, at),
    ...(order.edits && { orderVersion: versionOf(order) }),
    refundFallback: policy.REFUND_FALLBACK,
  }
}

const hold = (state: OrderState, order: Order, asked: CancellationRequest, begun: Begun): BeginDecision => {
  const { request, records } = asked
  const holding = { request, records, status: 'holding', begun } as const
  return {
    state: withRequest({ ...state, order: held(order, request.requestId) }, holding),
    answer: begunAnswer(begun, records),
    publish: [startedEvent(storyOf(order, holding, begun.at))],
  }
}

/** Verifies a request and puts its order on hold; a "no" ends it. */
export const begin = (
  policies: Policies,
  state: OrderState | undefined,
  { round: _, publishedAt, ...request }: CommandData<'BeginCancellation'>,
  at: Moment,
): BeginDecision | NotYet => {
  if (isReused(state, request)) return { answer: reused(request) }
  const asked = requestOf(state, request)
  if (asked.status === 'holding') return { answer: begunAnswer(asked.begun, asked.records) }
  if (asked.status !== 'asked') return { answer: alreadyEnded(asked) }
  if (state?.order === undefined) {
    if (!at.patienceOver) return notYet
    return refuse(state, asked, { type: 'OrderNotFound', message: `no order ${request.orderId} was placed` }, at)
  }
  const policy = policyFor(policies, state.order.placed)
  const verdict = verify(state.order, { request, publishedAt }, policy, at)
  if ('type' in verdict) return refuse(state, asked, verdict, at)
  return hold(state, state.order, asked, begunOf(state.order, request, verdict, policy, at))
}

/**
 * The answer to a duplicate: the hold with all that was decided since, or what the request came to. Verification's "no" is
 * given again as it was, so that a run whose history lost it still ends by it.
 */
export const beginAgain = (
  state: OrderState | undefined,
  { round: _, publishedAt: __, ...request }: CommandData<'BeginCancellation'>,
  stored: BeginAnswer | undefined,
): BeginAnswer => {
  if (isReused(state, request)) return reused(request)
  const known = requestOf(state, request)
  switch (known.status) {
    case 'holding':
      return begunAnswer(known.begun, known.records)
    case 'abandoned':
    case 'confirmed':
      return alreadyEnded(known)
    case 'refused':
      return stored ?? alreadyEnded(known)
    case 'asked':
      return stored ?? { type: 'StepPending' }
  }
}
