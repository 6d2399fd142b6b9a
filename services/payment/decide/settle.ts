import type { Answer, AnswerTo, TenderRefund } from '@countermand/contracts'
import {
  type AskedRequest,
  type OtherDestination,
  type Payment,
  type Refund,
  refundsOfRound,
  requestOf,
  tenderOf,
  toldTenders,
} from '../state.ts'
import { routeOf } from './routing.ts'
import { replace, submit } from './transition.ts'
import { type Context, type Work, withRequest } from './work.ts'

const asked = (state: Payment, requestId: string): AskedRequest => {
  const request = requestOf(state, requestId)
  if (request?.status !== 'asked')
    throw new Error(`expected request ${requestId} to be asked for, got ${request?.status}`)
  return request
}

/** Where a refused refund goes: a person's decision holds at once, the policy only after money has moved. */
const wayOut = (request: AskedRequest): OtherDestination | undefined =>
  request.elsewhere ?? (request.accepted && request.fallback !== 'attention' ? request.fallback : undefined)

const reroute = (work: Work, request: AskedRequest): Work => {
  const way = wayOut(request)
  if (way === undefined) return work
  return refundsOfRound(work.state, request)
    .filter((each) => each.progress.state === 'failed' && each.destination !== way)
    .reduce((next, each) => replace(next, each, way, request.round), work)
}

const needsCall = (state: Payment, refund: Refund, { policy }: Context): boolean =>
  routeOf(policy.routing, tenderOf(state, refund.tenderId).channel, refund.destination) !== undefined

/**
 * Which refunds to commit to now. While nothing was accepted, one after another, and one that is stuck holds up the rest;
 * once one was accepted, all. Cash on delivery moves nothing, so it comes last, and only where nothing was refused.
 */
const due = (state: Payment, request: AskedRequest, context: Context): readonly Refund[] => {
  const current = refundsOfRound(state, request)
  const planned = current.filter((each) => each.progress.state === 'planned')
  if (request.accepted) return planned
  if (current.some((each) => each.progress.state === 'submitted')) return []
  const first = planned.find((each) => needsCall(state, each, context))
  if (first !== undefined) return [first]
  return current.some((each) => each.progress.state === 'failed') ? [] : planned
}

/** Goes as far as it can without hearing from a channel. */
export const advance = (work: Work, requestId: string, context: Context): Work => {
  const rerouted = reroute(work, asked(work.state, requestId))
  const dueNow = due(rerouted.state, asked(rerouted.state, requestId), context)
  const next = dueNow.reduce((before, each) => submit(before, each, context), rerouted)
  // One that its channel need not be called for to say no makes room for others.
  return dueNow.some((each) => isRefused(next.state, each)) ? advance(next, requestId, context) : next
}

const isRefused = (state: Payment, { refundId }: Refund): boolean =>
  state.refunds.some((each) => each.refundId === refundId && each.progress.state === 'failed')

type Final = Answer<'RefundSettled' | 'RefundRefused' | 'RefundStuck' | 'StepFailed'>

const refusals = (refunds: readonly Refund[]): string =>
  refunds
    .flatMap(({ tenderId, progress }) =>
      progress.state === 'failed' ? [`tender ${tenderId}: ${progress.failure}`] : [],
    )
    .join('; ')

const failure = (refunds: readonly Refund[], tenders: TenderRefund[]): Answer<'StepFailed'> | undefined => {
  const stalled = refunds.flatMap(({ tenderId, progress }) =>
    progress.state === 'submitted' ? [{ tenderId, ...progress }] : [],
  )
  if (stalled.length === 0) return undefined
  return {
    type: 'StepFailed',
    error: stalled.map((each) => `tender ${each.tenderId}: ${each.failure ?? 'no answer'}`).join('; '),
    attempts: Math.max(...stalled.map((each) => each.attempts)),
    moneyInDoubt: stalled.some((each) => each.inDoubt),
    tenders,
  }
}

/** What a request has come to; absent while a channel is to be heard. Nothing is final while a call is under way, or a channel has it unjudged. */
export const outcome = (state: Payment, requestId: string): Final | undefined => {
  const refunds = refundsOfRound(state, asked(state, requestId))
  const tenders = toldTenders(state, requestId)
  // A refund that was reversed did settle: the case that it opens is another saga's.
  if (refunds.every(({ progress }) => progress.state === 'succeeded' || progress.state === 'reversed'))
    return { type: 'RefundSettled', tenders }
  if (refunds.some(({ progress }) => progress.state === 'submitted' && (progress.calling || progress.received)))
    return undefined
  const failed = failure(refunds, tenders)
  if (failed !== undefined) return failed
  if (refunds.every(({ progress }) => progress.state !== 'failed')) return undefined
  const message = refusals(refunds)
  return asked(state, requestId).accepted
    ? { type: 'RefundStuck', reason: 'refund-refused-after-pivot', tenders, message }
    : { type: 'RefundRefused', tenders, message }
}

/** The answer to the round that waits for one, and the state after it was given. */
export const conclude = (
  work: Work,
  requestId: string,
  context: Context,
): { work: Work; answer: Final | undefined } => {
  const request = asked(work.state, requestId)
  const answer = request.openRound === undefined ? undefined : outcome(work.state, requestId)
  return answer === undefined ? { work, answer } : { work: close(work, request, answer, context), answer }
}

/** Only a final no of every tender leads back over the pivot; what was settled without any call is over it too. */
const close = (work: Work, request: AskedRequest, answer: Final, context: Context): Work => {
  const uncrossed = answer.type === 'RefundRefused'
  const settledAt = answer.type === 'RefundSettled' ? context.now : undefined
  const crossedAt = uncrossed ? undefined : (request.crossedAt ?? settledAt)
  return withRequest(work, { ...request, crossedAt, openRound: undefined })
}

/** A channel did not settle a refund in time: whoever waits for the request is told, and the refund is looked at as before. */
export const concludeOverdue = (work: Work, refund: Refund): { work: Work; answer: Final | undefined } => {
  const request = asked(work.state, refund.requestId)
  const { tenderId, requestId } = refund
  const concerned = request.tenderId === undefined || request.tenderId === tenderId
  if (request.openRound === undefined || !concerned) return { work, answer: undefined }
  const tenders = toldTenders(work.state, requestId)
  const message = `tender ${tenderId}: its channel accepted the refund and has not settled it in time`
  const answer: Final = { type: 'RefundStuck', reason: 'refund-overdue', tenders, message }
  return { work: withRequest(work, { ...request, openRound: undefined }), answer }
}

/** How it goes, for whoever asks in between. */
export const underWay = (state: Payment | undefined, requestId: string): AnswerTo<'RefundOrder'> => ({
  type: 'StepPending',
  ...(state !== undefined && { tenders: toldTenders(state, requestId) }),
})
