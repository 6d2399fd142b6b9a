import type { Decision } from '@countermand/service/decision.ts'
import { later, type RefundResult } from '../channels/channel.ts'
import { isClosedFor, isTakenOn, type Payment, type Refund, requestOf, type WaitsFor } from '../state.ts'
import { pollAgain, routed } from './asking.ts'
import { type Asking, isDead, type Missed, missed } from './missed.ts'
import { withNews } from './news.ts'
import { advance, conclude, concludeOverdue, underWay } from './settle.ts'
import { accept, fail, receive, replace, reverse, succeed, waitFor } from './transition.ts'
import { withheld } from './withheld.ts'
import { begin, type Context, type Policy, type Work } from './work.ts'

/** What came of asking a channel. */
export type Heard = RefundResult | Missed

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
  const why = heard.outcome === 'succeeded' && isOurMove(state, refund, context) ? withheld(state, refund) : undefined
  if (why !== undefined) return refundCalled(state, refundId, { ...setup, error: why }, asking, policy)
  if (heard.outcome === 'technical' && isDead(heard, asking))
    return refundCalled(state, refundId, { outcome: 'key-dead', reason: heard.error }, asking, policy)
  if (heard.outcome !== 'technical') return goOn(settled(begin(state), refund, heard, context), refund, context)
  return refund.progress.calling ? goOn(missed(begin(state), refund, heard, asking, context), refund, context) : {}
}

/** The ledger's own row is its move: until it is made nothing has moved. */
const isOurMove = (state: Payment, refund: Refund, context: Context): boolean => {
  const route = routed(begin(state), refund, context)
  return route !== undefined && context.policy.terms(route).heldByLedger === true
}

/** What only a person can mend. */
const setup = { outcome: 'technical', reached: 'before-anything', trouble: 'setup' } as const

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
  const lookAgain = (known: Work = work) => pollAgain(known, refund, asking.attempt + 1, context)
  const { progress } = refund
  if (progress.state === 'pending') {
    if (heard.outcome === 'technical' || heard.outcome === 'received') return lookAgain()
    if (heard.outcome === 'pending' || heard.outcome === 'action-required')
      return lookAgain(waitFor(work, named(refund, heard), waitsForOf(heard), context))
    return goOn(settled(work, refund, heard, context), refund, context)
  }
  if (progress.state === 'submitted') {
    const isWaitedFor = progress.received || isWatched(state, refund, context)
    if (!isWaitedFor && !isLeftInDoubt(state, refund)) return {}
    if (heard.outcome === 'technical' || heard.outcome === 'received') return isWaitedFor ? lookAgain() : {}
    return goOn(settled(work, refund, heard, context), refund, context)
  }
  if (progress.state !== 'succeeded') return {}
  // Some providers have one word for a no and for money that came back: what had succeeded tells which.
  if (heard.outcome === 'reversed' || heard.outcome === 'refused') return reverse(work, refund, heard.reason, context)
  if (heard.outcome === 'technical')
    return progress.reversibleUntil === undefined || isBefore(context.now, progress.reversibleUntil) ? lookAgain() : {}
  const until = heard.outcome === 'succeeded' ? heard.reversibleUntil : undefined
  return until !== undefined && isBefore(context.now, until) ? lookAgain() : {}
}

/** The word of a provider that cannot be asked. It counts wherever its refund is: before the answer of our call, after it, or without one. */
export const refundTold = (
  state: Payment,
  refund: Refund,
  heard: RefundResult,
  context: Context,
): Decision<Payment> => {
  const { progress, refundId, round } = refund
  const work = begin(state)
  switch (progress.state) {
    case 'submitted': {
      const next = settled({ ...work, unschedule: [`call/${refundId}/${round}`] }, refund, heard, context)
      return goOn(next, refund, context)
    }
    case 'pending':
      return goOn(settled(work, refund, heard, context), refund, context)
    case 'succeeded':
      return heard.outcome === 'reversed' || heard.outcome === 'refused'
        ? reverse(work, named(refund, heard), heard.reason, context)
        : {}
    default:
      return {}
  }
}

const isBefore = (one: string, other: string): boolean => Date.parse(one) < Date.parse(other)

/** A channel that has a refund has not judged it in time: that counts as its yes. */
export const refundReceived = (
  state: Payment | undefined,
  refundId: string,
  now: string,
  policy: Policy,
): Decision<Payment> => {
  const refund = find(state, refundId)
  if (state === undefined || refund?.progress.state !== 'submitted' || !refund.progress.received) return {}
  const context = { now, policy }
  return goOn(accept(begin(state), refund, { why: 'processing' }, context), refund, context)
}

/** As the provider calls it. */
const named = (refund: Refund, heard: RefundResult): Refund => ({
  ...refund,
  providerRef: 'providerRef' in heard ? heard.providerRef : refund.providerRef,
})

const waitsForOf = (heard: RefundResult & { outcome: 'pending' | 'action-required' }): WaitsFor =>
  heard.outcome === 'pending' ? { why: heard.why } : { who: heard.who, what: heard.what }

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

/** Its calls are used up, and may have moved money: a look that somebody's word has caused may find what became of it. */
const isLeftInDoubt = (state: Payment, { requestId, tenderId, progress }: Refund): boolean => {
  const request = requestOf(state, requestId)
  if (progress.state !== 'submitted' || progress.calling || !progress.inDoubt) return false
  return request?.status === 'asked' && !isClosedFor(request, tenderId)
}

/** A pending refund has used up its patience. */
export const refundOverdue = (state: Payment | undefined, refundId: string): Decision<Payment> => {
  const refund = find(state, refundId)
  if (state === undefined || refund?.progress.state !== 'pending') return {}
  const { work, answer } = concludeOverdue(begin(state), refund)
  return answer === undefined ? {} : { ...work, settle: [settlement(refund.requestId, answer)] }
}

const settled = (work: Work, asked: Refund, heard: RefundResult, context: Context): Work => {
  const refund = named(asked, heard)
  switch (heard.outcome) {
    case 'succeeded':
      return succeed(work, refund, context, heard)
    case 'nothing-captured':
      return succeed(work, refund, context, { uncaptured: true })
    case 'received':
      return receive(work, refund, context)
    case 'pending':
    case 'action-required':
      return accept(work, refund, waitsForOf(heard), context)
    case 'refused':
      return fail(work, refund, heard, context)
    case 'key-dead':
      return renew(work, refund, heard.reason, context)
    case 'reversed': {
      const succeeded = succeed(work, refund, context)
      return reverse(succeeded, find(succeeded.state, refund.refundId) ?? refund, heard.reason, context)
    }
  }
}

const renew = (work: Work, refund: Refund, reason: string, context: Context): Work => {
  const failed = fail(work, refund, { reason, key: 'dead', cure: 'none' }, context)
  const used = work.state.refunds.filter(
    ({ requestId, tenderId, destination }) =>
      requestId === refund.requestId && tenderId === refund.tenderId && destination === refund.destination,
  ).length
  const dead = find(failed.state, refund.refundId)
  const round = openRoundOf(work.state, refund.requestId)
  // It serves the round that waits now: the refund may be pending since an earlier one, which a person has closed.
  return dead === undefined || used >= context.policy.keys || round === undefined
    ? failed
    : replace(failed, dead, refund.destination, round)
}

const settlement = (
  requestId: string,
  answer: NonNullable<ReturnType<typeof conclude>['answer']> | ReturnType<typeof underWay>,
) => ({ requestId, step: 'refund', direction: 'do', answer }) as const

/** Only a round that waits for its answer goes on: when a person is asked, or has decided, news is written down and told. */
const openRoundOf = (state: Payment, requestId: string): number | undefined => {
  const request = requestOf(state, requestId)
  return request?.status === 'asked' ? request.openRound : undefined
}

const goOn = (work: Work, refund: Refund, context: Context): Decision<Payment> => {
  const { requestId } = refund
  const waiting = openRoundOf(work.state, requestId) !== undefined
  const advanced = waiting ? advance(work, requestId, context) : work
  const concluded = conclude(advanced, requestId, context)
  const { state } = concluded.work
  const isTaken = !isTakenOn(refund) && isTakenOn(find(state, refund.refundId))
  const answer = concluded.answer ?? (isTaken && waiting ? underWay(state, requestId) : undefined)
  const told = waiting ? concluded.work : withNews(concluded.work, refund.refundId)
  return { ...told, ...(answer !== undefined && { settle: [settlement(requestId, answer)] }) }
}
