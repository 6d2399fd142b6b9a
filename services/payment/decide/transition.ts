import { later, type Refusal } from '../channels/channel.ts'
import { postRefund } from '../ledger/post.ts'
import { type Destination, type Refund, tenderOf, type WaitsFor } from '../state.ts'
import {
  call,
  deadlines,
  lookOnly,
  pollAccepted,
  pollAgain,
  receivedId,
  routed,
  scheduled,
  startDeadline,
  withAccount,
} from './asking.ts'
import { beyondLimits, mayBeAskedAt } from './channel-rules.ts'
import { nextRefund } from './next-refund.ts'
import { publish } from './telling.ts'
import { withheld } from './withheld.ts'
import { type Context, changeRequest, posted, type Work, withRefund } from './work.ts'

type Move = Parameters<typeof postRefund>[3]

const enter = (work: Work, refund: Refund, moves: readonly Move[], at: string): Work => {
  const tender = tenderOf(work.state, refund.tenderId)
  return posted(
    work,
    moves.map((move) => postRefund(work.state, tender, refund, move, at)),
  )
}

/** What has moved of the refund's tender is so much more, or less. */
const moved = (work: Work, { tenderId }: Refund, change: number): Work => {
  const tenders = work.state.tenders.map((each) =>
    each.tenderId === tenderId ? { ...each, refunded: each.refunded + change } : each,
  )
  return { ...work, state: { ...work.state, tenders } }
}

const arrives = (work: Work, refund: Refund, context: Context): string | undefined => {
  const route = routed(work, refund, context)
  return refund.expectedBy ?? (route && context.policy.terms(route).expectedBy(context.now))
}

/** From now on a channel may be asked for the request. */
const cross = (work: Work, { requestId }: Refund, { now }: Context): Work => {
  const request = work.state.requests.find((each) => each.requestId === requestId)
  const crossedAt = request?.status === 'asked' ? (request.crossedAt ?? now) : now
  return changeRequest(work, requestId, { crossedAt })
}

/** Nobody is asked for it until a person has seen to it; of one that may have been asked for before, what came of it is learned. */
const keepBack = (work: Work, refund: Refund, why: string, context: Context): Work => {
  const inDoubt = refund.progress.state === 'submitted' && refund.progress.inDoubt
  const kept: Refund = {
    ...refund,
    progress: { state: 'submitted', calling: false, inDoubt, received: false, attempts: 0, failure: why },
  }
  const crossed = cross(withRefund(work, kept), refund, context)
  return inDoubt ? lookOnly(crossed, kept, { dueAt: context.now }, why, context) : crossed
}

/**
 * Commits to a refund: the pivot is crossed with the first one. For cash on delivery there is nobody to call and no money
 * to move, so it is over at once and does not count as accepted.
 */
export const submit = (work: Work, refund: Refund, context: Context): Work => {
  const route = routed(work, refund, context)
  if (route === undefined) return succeed(work, refund, context)
  const { facts } = context.policy.terms(route)
  const beyond = beyondLimits(facts, work.state, refund, context.now)
  if (beyond !== undefined) return fail(work, refund, beyond, context)
  const why = withheld(work.state, refund)
  if (why !== undefined) return keepBack(work, refund, why, context)
  const dueAt = mayBeAskedAt(facts, work.state, refund, context.now)
  const { progress } = refund
  const inDoubt = progress.state === 'submitted' && progress.inDoubt
  const submitted: Refund = {
    ...refund,
    firstAskedAt: refund.firstAskedAt ?? dueAt,
    progress: { state: 'submitted', calling: true, inDoubt, received: false, attempts: 0, failure: undefined },
  }
  const crossed = cross(withRefund(work, submitted), refund, context)
  // Before it is told: by its account others know whose notifications are about it.
  const { known } = withAccount(crossed, submitted, route, context)
  return call(publish(known, submitted, context.now), submitted, { dueAt }, context)
}

/** The channel has it, and has not judged it. It counts as accepted when no word comes for a while. */
export const receive = (work: Work, refund: Refund, context: Context): Work => {
  if (refund.progress.state !== 'submitted') return work
  const progress = { ...refund.progress, calling: false, inDoubt: false, received: true, failure: undefined }
  const received: Refund = { ...refund, progress }
  const waiting = scheduled(withRefund(work, received), {
    id: receivedId(refund),
    kind: 'refund-received',
    dueAt: later(context.now, context.policy.receivedPatienceMs),
    payload: { refundId: refund.refundId },
  })
  return pollAgain(waiting, received, 1, context)
}

/** The channel has accepted the refund and settles it later. */
export const accept = (work: Work, refund: Refund, waitsFor: WaitsFor, context: Context): Work => {
  const expectedBy = arrives(work, refund, context)
  const pending: Refund = { ...refund, expectedBy, progress: { state: 'pending', waitsFor } }
  const accepted = changeRequest(withRefund(work, pending), refund.requestId, { accepted: true })
  const entered = enter(accepted, pending, ['accepted'], context.now)
  const known = { ...entered, unschedule: [...entered.unschedule, receivedId(refund)] }
  return pollAccepted(startDeadline(publish(known, pending, context.now), pending, context), pending, context)
}

/** What a pending refund waits for has changed: who has to do something is told, and when nobody has any more. */
export const waitFor = (work: Work, refund: Refund, waitsFor: WaitsFor, context: Context): Work => {
  const before = refund.progress.state === 'pending' ? refund.progress.waitsFor : undefined
  if (JSON.stringify(before) === JSON.stringify(waitsFor)) return work
  const next: Refund = { ...refund, progress: { state: 'pending', waitsFor } }
  const isNews = 'who' in waitsFor || (before !== undefined && 'who' in before)
  const kept = withRefund(work, next)
  return isNews ? publish(kept, next, context.now, context.now) : kept
}

/**
 * The money has moved; `uncaptured`: it was never taken, or is not any more, so that none has to. Either way there is no way back when a
 * channel did it.
 */
export const succeed = (
  work: Work,
  refund: Refund,
  context: Context,
  { reversibleUntil, uncaptured = false }: { readonly reversibleUntil?: string; readonly uncaptured?: boolean } = {},
): Work => {
  const done: Refund = {
    ...refund,
    ...(uncaptured && { destination: 'none' }),
    expectedBy: arrives(work, refund, context),
    progress: { state: 'succeeded', reversibleUntil },
  }
  const accepted = routed(work, refund, context) !== undefined
  const told = accepted ? changeRequest(work, refund.requestId, { accepted }) : work
  // What was settled at once was accepted first, too.
  const moves: readonly Move[] = refund.progress.state === 'pending' ? ['succeeded'] : ['accepted', 'succeeded']
  const kept = moved(withRefund(told, done), done, done.amount)
  const entered = publish(enter(kept, done, moves, context.now), done, context.now)
  const freed = { ...entered, unschedule: [...entered.unschedule, ...deadlines(refund)] }
  return reversibleUntil === undefined ? freed : pollAgain(freed, done, 1, context)
}

/** A final no. */
export const fail = (work: Work, refund: Refund, { reason, key, cure }: Refusal, context: Context): Work => {
  const progress = { state: 'failed', failure: reason, key, cure } as const
  const failed: Refund = { ...refund, expectedBy: undefined, progress }
  const moves: readonly Move[] = refund.progress.state === 'pending' ? ['late-no'] : []
  const next = publish(enter(withRefund(work, failed), failed, moves, context.now), failed, context.now)
  return { ...next, unschedule: [...next.unschedule, ...deadlines(refund)] }
}

/** The money moved, and came back to us: the tender owes it again. */
export const reverse = (work: Work, refund: Refund, failure: string, context: Context): Work => {
  const reversed: Refund = { ...refund, expectedBy: undefined, progress: { state: 'reversed', failure } }
  const kept = moved(withRefund(work, reversed), reversed, -reversed.amount)
  return publish(enter(kept, reversed, ['reversed'], context.now), reversed, context.now)
}

/** Puts a new operation in the place of one that came to nothing: to another destination, or under a new key. */
export const replace = (work: Work, refund: Refund, destination: Destination, round: number): Work => {
  const next = nextRefund(work.state, { ...refund, destination, round })
  const marked = withRefund(work, { ...refund, replaced: true })
  return { ...marked, state: { ...marked.state, refunds: [...marked.state.refunds, next] } }
}
