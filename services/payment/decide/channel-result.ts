import type { Decision } from '@countermand/messaging/decision.ts'
import { later, type Reached, type RefundResult } from '../channels/channel.ts'
import { isClosedFor, type Payment, type Refund, requestOf } from '../state.ts'
import { advance, conclude, concludeOverdue, underWay } from './settle.ts'
import {
  accept,
  begin,
  type Context,
  call,
  fail,
  type Policy,
  pollAgain,
  replace,
  reverse,
  succeed,
  type Work,
  withRefund,
} from './transition.ts'

/** What came of asking a channel. */
export type Heard = RefundResult | { readonly outcome: 'technical'; readonly reached: Reached; readonly error: string }

/** When and how often a channel was asked. */
export interface Asking {
  /** ISO 8601. */
  readonly now: string
  /** Which run of the task this is, from 1; more than were heard of when one ended without a word. */
  readonly attempt: number
  /** ISO 8601; absent: the attempts are used up. */
  readonly retryAt: string | undefined
}

const find = (state: Payment | undefined, refundId: string): Refund | undefined =>
  state?.refunds.find((each) => each.refundId === refundId)

/** The result of asking a channel for a refund. What comes after the refund has an end changes nothing. */
export const refundCalled = (
  state: Payment | undefined,
  refundId: string,
  heard: Heard,
  asking: Asking,
  policy: Policy,
): Decision<Payment> => {
  const refund = find(state, refundId)
  if (state === undefined || refund?.progress.state !== 'submitted') return {}
  const context = { now: asking.now, policy }
  if (heard.outcome !== 'technical') return goOn(settled(begin(state), refund, heard, context), refund, context)
  return refund.progress.calling ? goOn(missed(begin(state), refund, heard, asking, context), refund, context) : {}
}

/** How a pending refund is, or one that may still be reversed. */
export const refundPolled = (
  state: Payment | undefined,
  refundId: string,
  heard: Heard,
  asking: Asking,
  policy: Policy,
): Decision<Payment> => {
  const refund = find(state, refundId)
  if (state === undefined || refund === undefined) return {}
  const context = { now: asking.now, policy }
  const work = begin(state)
  const lookAgain = () => pollAgain(work, refund, asking.attempt + 1, context)
  if (refund.progress.state === 'pending') {
    if (heard.outcome === 'technical' || heard.outcome === 'pending') return lookAgain()
    return goOn(settled(work, refund, heard, context), refund, context)
  }
  if (refund.progress.state === 'submitted') {
    if (!isWatched(state, refund, context)) return {}
    return heard.outcome === 'technical' ? lookAgain() : goOn(settled(work, refund, heard, context), refund, context)
  }
  if (refund.progress.state !== 'succeeded') return {}
  if (heard.outcome === 'reversed') return reverse(work, refund, heard.reason, context)
  return heard.outcome === 'technical' || (heard.outcome === 'succeeded' && heard.reversible) ? lookAgain() : {}
}

/** Nobody waits for it any more, and it may have moved money: it is asked for as long as a channel has to settle a refund. */
const isWatched = (state: Payment, { requestId, tenderId, progress }: Refund, { now, policy }: Context): boolean => {
  const request = requestOf(state, requestId)
  if (progress.state !== 'submitted' || progress.calling || !progress.inDoubt || request?.status !== 'asked')
    return false
  return (
    request.closed !== undefined &&
    isClosedFor(request, tenderId) &&
    now < later(request.closed.at, policy.refundPatienceMs)
  )
}

/** A pending refund has used up its patience. */
export const refundOverdue = (state: Payment | undefined, refundId: string): Decision<Payment> => {
  const refund = find(state, refundId)
  if (state === undefined || refund?.progress.state !== 'pending') return {}
  const { work, answer } = concludeOverdue(begin(state), refund)
  return answer === undefined ? {} : { ...work, settle: [settlement(refund.requestId, answer)] }
}

const settled = (work: Work, refund: Refund, heard: RefundResult, context: Context): Work => {
  switch (heard.outcome) {
    case 'succeeded':
      return succeed(work, refund, context, heard.reversible)
    case 'pending':
      return accept(work, refund, context)
    case 'refused':
      return fail(work, refund, heard.reason, context)
    case 'key-dead':
      return renew(work, refund, heard.reason, context)
    case 'reversed': {
      const succeeded = succeed(work, refund, context, false)
      return reverse(succeeded, find(succeeded.state, refund.refundId) ?? refund, heard.reason, context)
    }
  }
}

const renew = (work: Work, refund: Refund, reason: string, context: Context): Work => {
  const failed = fail(work, refund, reason, context)
  const used = work.state.refunds.filter(
    ({ requestId, tenderId, destination }) =>
      requestId === refund.requestId && tenderId === refund.tenderId && destination === refund.destination,
  ).length
  const dead = find(failed.state, refund.refundId)
  return dead === undefined || used >= context.policy.keys || !isAskedFor(work.state, refund.requestId)
    ? failed
    : replace(failed, dead, refund.destination, refund.round)
}

/** Once an attempt may have reached the channel, only an answer ends the doubt; so may a run that nothing was heard of. */
const missed = (
  work: Work,
  refund: Refund,
  heard: Heard & { outcome: 'technical' },
  asking: Asking,
  context: Context,
): Work => {
  if (refund.progress.state !== 'submitted') return work
  const silent = asking.attempt > refund.progress.attempts + 1
  const inDoubt = refund.progress.inDoubt || silent || heard.reached === 'unknown'
  const tried: Refund = {
    ...refund,
    progress: {
      state: 'submitted',
      calling: asking.retryAt !== undefined,
      inDoubt,
      attempts: asking.attempt,
      failure: heard.error,
    },
  }
  const next = withRefund(work, tried)
  return asking.retryAt === undefined ? next : call(next, tried, asking.retryAt, context)
}

const settlement = (
  requestId: string,
  answer: NonNullable<ReturnType<typeof conclude>['answer']> | ReturnType<typeof underWay>,
) => ({ requestId, step: 'refund', direction: 'do', answer }) as const

/** Only a round that waits for its answer goes on: when a person is asked, or has decided, news is written down and no more. */
const isAskedFor = (state: Payment, requestId: string): boolean => {
  const request = requestOf(state, requestId)
  return request?.status === 'asked' && request.openRound !== undefined
}

const goOn = (work: Work, refund: Refund, context: Context): Decision<Payment> => {
  const { requestId } = refund
  const waiting = isAskedFor(work.state, requestId)
  const advanced = waiting ? advance(work, requestId, context) : work
  const concluded = conclude(advanced, requestId, context)
  const { state } = concluded.work
  const becamePending =
    refund.progress.state !== 'pending' && find(state, refund.refundId)?.progress.state === 'pending'
  const answer = concluded.answer ?? (becamePending && waiting ? underWay(state, requestId) : undefined)
  return { ...concluded.work, ...(answer !== undefined && { settle: [settlement(requestId, answer)] }) }
}
