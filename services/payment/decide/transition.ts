import type { RefundChanged } from '@countermand/contracts'
import type { Publication, TaskSpec } from '@countermand/messaging/decision.ts'
import { later, type RefundCall, type Terms } from '../channels/channel.ts'
import type { Route, Routing } from '../channels/index.ts'
import {
  type AskedRequest,
  callOf,
  type Destination,
  isClosedFor,
  isSettledByHand,
  type LedgerEntry,
  type Payment,
  type Refund,
  tenderOf,
  told,
} from '../state.ts'
import { nextRefund } from './next-refund.ts'
import { routeOf } from './routing.ts'

/** What a decision has come to so far. */
export interface Work {
  readonly state: Payment
  readonly publish: readonly Publication[]
  readonly schedule: readonly TaskSpec[]
  readonly unschedule: readonly string[]
}

export interface Policy {
  /** How long a channel may take from accepting a refund to its end. */
  readonly refundPatienceMs: number
  /** How many keys of one tender and destination a channel may call dead before that is its no. */
  readonly keys: number
  readonly terms: (route: Route) => Terms
  readonly routing: Routing
}

export interface Context {
  /** ISO 8601. */
  readonly now: string
  readonly policy: Policy
}

export const begin = (state: Payment): Work => ({ state, publish: [], schedule: [], unschedule: [] })

export const withRequest = (work: Work, request: AskedRequest): Work => {
  const others = work.state.requests.filter((each) => each.requestId !== request.requestId)
  return { ...work, state: { ...work.state, requests: [...others, request] } }
}

const changeRequest = (work: Work, requestId: string, change: Partial<AskedRequest>): Work => {
  const requests = work.state.requests.map((each) =>
    each.requestId === requestId && each.status === 'asked' ? { ...each, ...change } : each,
  )
  return { ...work, state: { ...work.state, requests } }
}

export const withRefund = (work: Work, refund: Refund): Work => {
  const refunds = work.state.refunds.map((each) => (each.refundId === refund.refundId ? refund : each))
  return { ...work, state: { ...work.state, refunds } }
}

/** What an end of a refund means after a person had closed it; `undefined`: somebody still waits for its end. */
const afterClosing = (state: Payment, { requestId, tenderId, progress }: Refund): RefundChanged['afterClosing'] => {
  const request = state.requests.find((each) => each.requestId === requestId)
  if (request?.status !== 'asked' || !isClosedFor(request, tenderId)) return undefined
  if (request.openRound !== undefined && (request.tenderId ?? tenderId) === tenderId) return undefined
  const byHand = isSettledByHand(request, tenderId)
  if (progress.state === 'succeeded') return byHand ? 'twice' : undefined
  return progress.state === 'failed' || progress.state === 'reversed' ? (byHand ? 'settled' : 'owed') : undefined
}

const publish = (work: Work, refund: Refund, at: string, ...more: readonly string[]): Work => {
  const events = told(work.state, refund).flatMap((data): Publication[] => {
    if (data.state === 'action-required') return []
    const { requestId, refundId, round } = refund
    const { orderId } = work.state
    // A round tells a second try of the same refund apart from the first.
    const id = [requestId, refundId, String(round), ...more]
    const means = afterClosing(work.state, refund)
    const event = { ...data, refundId, requestId, orderId, at, ...(means !== undefined && { afterClosing: means }) }
    return [{ type: `refund.${data.state}.v1`, id, data: event }]
  })
  return { ...work, publish: [...work.publish, ...events] }
}

/** Says once more how a refund is, because a person's decision made it news: it is owed now, or paid twice. */
export const publishAtClosing = (work: Work, refund: Refund, at: string): Work => {
  const means = afterClosing(work.state, refund)
  return means === 'owed' || means === 'twice' ? publish(work, refund, at, 'closed') : work
}

const enter = (work: Work, refund: Refund, kind: 'refund' | 'reversal', at: string): Work => {
  const { refundId, requestId, tenderId, amount, destination } = refund
  const entry: LedgerEntry = {
    entryId: `${refundId}/${kind}`,
    refundId,
    requestId,
    tenderId,
    amount,
    destination,
    kind,
    at,
  }
  const change = kind === 'refund' ? amount : -amount
  const tenders = work.state.tenders.map((each) =>
    each.tenderId === tenderId ? { ...each, refunded: each.refunded + change } : each,
  )
  return { ...work, state: { ...work.state, tenders, newEntries: [...work.state.newEntries, entry] } }
}

/** The payload of a task that asks a channel. */
export interface ChannelTask {
  readonly refundId: string
  readonly route: Route
  readonly call: RefundCall
}

const scheduled = (work: Work, task: TaskSpec): Work => ({ ...work, schedule: [...work.schedule, task] })

const routed = (work: Work, refund: Refund, { policy }: Context): Route | undefined =>
  routeOf(policy.routing, tenderOf(work.state, refund.tenderId).channel, refund.destination)

const asks = (work: Work, refund: Refund, task: Omit<TaskSpec, 'payload'>, context: Context): Work => {
  const route = routed(work, refund, context)
  if (route === undefined) throw new Error(`expected refund ${refund.refundId} to have a channel, got none`)
  const payload: ChannelTask = { refundId: refund.refundId, route, call: callOf(work.state, refund) }
  return scheduled(work, { ...task, payload })
}

/** Asks the channel for the refund at `dueAt`; its attempts are counted per round. */
export const call = (work: Work, refund: Refund, dueAt: string, context: Context): Work =>
  asks(work, refund, { id: `call/${refund.refundId}/${refund.round}`, kind: 'call-channel', dueAt }, context)

/** Looks at `dueAt` how the refund is. */
export const poll = (work: Work, refund: Refund, dueAt: string, context: Context): Work =>
  asks(work, refund, { id: `poll/${refund.refundId}`, kind: 'poll-refund', dueAt }, context)

/** Looks again after what the channel's own schedule says of the `attempt`-th time. */
export const pollAgain = (work: Work, refund: Refund, attempt: number, context: Context): Work => {
  const route = routed(work, refund, context)
  if (route === undefined) return work
  return poll(work, refund, later(context.now, context.policy.terms(route).pollAfterMs(attempt)), context)
}

/**
 * Calls no more for a refund that a person has closed. A call may be under way just now: whether it has moved money is asked for, as
 * it is for one that was in doubt before. What the ledger holds itself has not moved without its row.
 */
export const stopCalling = (work: Work, refund: Refund, context: Context): Work => {
  const { progress, refundId, round } = refund
  const route = routed(work, refund, context)
  if (progress.state !== 'submitted' || route === undefined) return work
  const elsewhere = !context.policy.terms(route).heldByLedger
  const inDoubt = elsewhere && (progress.inDoubt || progress.calling)
  const stopped: Refund = { ...refund, progress: { ...progress, calling: false, inDoubt } }
  const next = withRefund({ ...work, unschedule: [...work.unschedule, `call/${refundId}/${round}`] }, stopped)
  return inDoubt ? poll(next, stopped, context.now, context) : next
}

const deadlineId = (refund: Refund) => `overdue/${refund.refundId}`

/** From now on the channel has `REFUND_PATIENCE`. */
export const startDeadline = (work: Work, refund: Refund, context: Context): Work =>
  scheduled(work, {
    id: deadlineId(refund),
    kind: 'refund-overdue',
    dueAt: later(context.now, context.policy.refundPatienceMs),
    payload: { refundId: refund.refundId },
  })

const arrives = (work: Work, refund: Refund, context: Context): string | undefined => {
  const route = routed(work, refund, context)
  return refund.expectedBy ?? (route && context.policy.terms(route).expectedBy(context.now))
}

/**
 * Commits to a refund: the pivot is crossed with the first one. For cash on delivery there is nobody to call and no money
 * to move, so it is over at once and does not count as accepted.
 */
export const submit = (work: Work, refund: Refund, context: Context): Work => {
  if (routed(work, refund, context) === undefined) return succeed(work, refund, context, false)
  const { progress } = refund
  const inDoubt = progress.state === 'submitted' && progress.inDoubt
  const submitted: Refund = {
    ...refund,
    progress: { state: 'submitted', calling: true, inDoubt, attempts: 0, failure: undefined },
  }
  const request = work.state.requests.find((each) => each.requestId === refund.requestId)
  const crossedAt = request?.status === 'asked' ? (request.crossedAt ?? context.now) : context.now
  const crossed = changeRequest(withRefund(work, submitted), refund.requestId, { crossedAt })
  return call(publish(crossed, submitted, context.now), submitted, context.now, context)
}

/** The channel has accepted the refund and settles it later. */
export const accept = (work: Work, refund: Refund, context: Context): Work => {
  const pending: Refund = { ...refund, expectedBy: arrives(work, refund, context), progress: { state: 'pending' } }
  const accepted = changeRequest(withRefund(work, pending), refund.requestId, { accepted: true })
  return pollAgain(startDeadline(publish(accepted, pending, context.now), pending, context), pending, 1, context)
}

/** The money has moved. */
export const succeed = (work: Work, refund: Refund, context: Context, reversible: boolean): Work => {
  const done: Refund = { ...refund, expectedBy: arrives(work, refund, context), progress: { state: 'succeeded' } }
  const accepted = routed(work, refund, context) !== undefined
  const moved = accepted ? changeRequest(work, refund.requestId, { accepted }) : work
  const entered = publish(enter(withRefund(moved, done), done, 'refund', context.now), done, context.now)
  const freed = { ...entered, unschedule: [...entered.unschedule, deadlineId(refund)] }
  return reversible ? pollAgain(freed, done, 1, context) : freed
}

/** A final no. */
export const fail = (work: Work, refund: Refund, failure: string, context: Context): Work => {
  const failed: Refund = { ...refund, expectedBy: undefined, progress: { state: 'failed', failure } }
  const next = publish(withRefund(work, failed), failed, context.now)
  return { ...next, unschedule: [...next.unschedule, deadlineId(refund)] }
}

/** The money moved, and came back to us: the tender owes it again. */
export const reverse = (work: Work, refund: Refund, failure: string, context: Context): Work => {
  const reversed: Refund = { ...refund, expectedBy: undefined, progress: { state: 'reversed', failure } }
  return publish(enter(withRefund(work, reversed), reversed, 'reversal', context.now), reversed, context.now)
}

/** Puts a new operation in the place of one that came to nothing: to another destination, or under a new key. */
export const replace = (work: Work, refund: Refund, destination: Destination, round: number): Work => {
  const next = nextRefund(work.state, { ...refund, destination, round })
  const marked = withRefund(work, { ...refund, replaced: true })
  return { ...marked, state: { ...marked.state, refunds: [...marked.state.refunds, next] } }
}
