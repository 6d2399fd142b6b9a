import type { TaskSpec } from '@countermand/service/decision.ts'
import { later, type RefundCall } from '../channels/channel.ts'
import type { Route } from '../channels/index.ts'
import { postTender } from '../ledger/post.ts'
import { callOf, lyingOf, type Refund, type Tender, tenderOf } from '../state.ts'
import { wayOfCall } from './channel-rules.ts'
import { routeOf } from './routing.ts'
import { withheld } from './withheld.ts'
import { type Context, posted, type Work, withRefund, withTender } from './work.ts'

/** The payload of a task that asks a channel. */
export interface ChannelTask {
  readonly refundId: string
  readonly route: Route
  readonly call: RefundCall
  /** Its channel is asked first whether it knows of the refund. */
  readonly lookFirst?: true
  /** It is only asked whether it knows of the refund, for this reason: nothing is sent. */
  readonly lookOnly?: string
  /** It is only asked whether it knows of the refund: it keeps a failure for the key. */
  readonly pastFailure?: PastFailure
}

/** `absentAt` (ISO 8601): when it did not know of the refund for the first time. */
export interface PastFailure {
  readonly absentAt?: string
}

export const scheduled = (work: Work, task: TaskSpec): Work => ({ ...work, schedule: [...work.schedule, task] })

/** Who is asked for a refund; nobody for what was never ours. */
export const routed = (work: Work, refund: Refund, { policy }: Context): Route | undefined =>
  routeOf(policy.routing, tenderOf(work.state, refund.tenderId).channel, refund.destination)

const routeFor = (work: Work, refund: Refund, context: Context): Route => {
  const route = routed(work, refund, context)
  if (route === undefined) throw new Error(`expected refund ${refund.refundId} to have a channel, got none`)
  return route
}

const asks = (
  work: Work,
  refund: Refund,
  task: Omit<TaskSpec, 'payload'>,
  context: Context,
  way: Pick<ChannelTask, 'lookFirst' | 'lookOnly' | 'pastFailure'> = {},
): Work => {
  const route = routeFor(work, refund, context)
  const { refundId } = refund
  const { account, known } = withAccount(work, refund, route, context)
  const payload: ChannelTask = { refundId, route, call: callOf(known.state, refund, account), ...way }
  // What the ledger holds asks nobody.
  const party = context.policy.terms(route).heldByLedger ? {} : { party: account }
  return scheduled(known, { ...task, payload, ...party })
}

/** The account is known that the tender was paid with: its money lies there. */
export const assigned = (work: Work, tender: Tender, { now }: Pick<Context, 'now'>): Work => {
  const amount = lyingOf(work.state, tender)
  return posted(withTender(work, tender), postTender(work.state, tender, 'assigned', { amount, at: now }))
}

/** Money goes back with the account that it was paid with; once one is asked with, it stays so. */
export const withAccount = (
  work: Work,
  refund: Refund,
  route: Route,
  context: Context,
): { readonly account: string; readonly known: Work } => {
  const { policy } = context
  const tender = tenderOf(work.state, refund.tenderId)
  const isOwn = route === policy.routing.own(tender.channel)
  if (isOwn && tender.account !== undefined) return { account: tender.account, known: work }
  const { account, isNamed } = policy.accountFor(route, work.state.merchantId)
  return { account, known: isOwn && isNamed ? assigned(work, { ...tender, account }, context) : work }
}

/** Asks the channel for the refund when it is due; its attempts are counted per round. `pastFailure`: only whether it knows of it. */
export const call = (
  work: Work,
  refund: Refund,
  due: Pick<TaskSpec, 'dueAt' | 'uncounted'>,
  context: Context,
  pastFailure?: PastFailure,
): Work => {
  const why = withheld(work.state, refund)
  if (why !== undefined) return lookOnly(work, refund, due, why, context)
  const { facts } = context.policy.terms(routeFor(work, refund, context))
  const way = wayOfCall(facts, refund, due.dueAt)
  if (way === 'in-doubt') return leaveInDoubt(work, refund)
  const task = { id: `call/${refund.refundId}/${refund.round}`, kind: 'call-channel', ...due }
  if (pastFailure !== undefined && canBeAsked(work, refund, context))
    return asks(work, refund, task, context, { pastFailure })
  return asks(work, refund, task, context, way === 'look-first' ? { lookFirst: true } : {})
}

/**
 * What came of its calls is asked for; nothing more is sent, for `why`. Where nobody can be asked it is left as it is, for a person: no
 * other channel has it, or one that tells by itself.
 */
export const lookOnly = (
  work: Work,
  refund: Refund,
  due: Pick<TaskSpec, 'dueAt' | 'uncounted'>,
  why: string,
  context: Context,
): Work => {
  const { progress } = refund
  if (progress.state !== 'submitted') return work
  if (!canBeAsked(work, refund, context))
    return withRefund(work, { ...refund, progress: { ...progress, calling: false, failure: why } })
  const looked: Refund = { ...refund, progress: { ...progress, calling: true, inDoubt: true } }
  const task = { id: `call/${refund.refundId}/${refund.round}`, kind: 'call-channel', ...due }
  return asks(withRefund(work, looked), looked, task, context, { lookOnly: why })
}

const canBeAsked = (work: Work, refund: Refund, context: Context): boolean => {
  const { facts, heldByLedger } = context.policy.terms(routeFor(work, refund, context))
  return facts.asks !== 'never' && heldByLedger !== true
}

/** More than any call takes. */
const longestCallMs = 90_000

/** Nothing more is sent, if it is to be kept back: a call may be under way just now, so what came of it is asked for once that is over. */
export const holdBack = (work: Work, refund: Refund, context: Context): Work => {
  const { progress } = refund
  if (progress.state !== 'submitted' || !progress.calling || !canBeAsked(work, refund, context)) return work
  const why = withheld(work.state, refund)
  const dueAt = later(context.now, longestCallMs)
  return why === undefined ? work : lookOnly(work, refund, { dueAt }, why, context)
}

const tooOld = 'its channel cannot be asked, and may have forgotten the key: nothing is sent'

/** Nothing is sent that might be done twice: a person decides. */
const leaveInDoubt = (work: Work, refund: Refund): Work => {
  if (refund.progress.state !== 'submitted') return work
  const { failure = tooOld } = refund.progress
  return withRefund(work, { ...refund, progress: { ...refund.progress, calling: false, inDoubt: true, failure } })
}

/** Looks at `dueAt` how the refund is. */
export const poll = (work: Work, refund: Refund, dueAt: string, context: Context): Work =>
  // Of one that tells by itself the word is waited for.
  context.policy.terms(routeFor(work, refund, context)).facts.asks === 'never'
    ? work
    : asks(work, refund, { id: `poll/${refund.refundId}`, kind: 'poll-refund', dueAt }, context)

/** Looks again after what the channel's own schedule says of the `attempt`-th time. */
export const pollAgain = (work: Work, refund: Refund, attempt: number, context: Context): Work => {
  const route = routed(work, refund, context)
  if (route === undefined) return work
  return poll(work, refund, later(context.now, context.policy.terms(route).pollAfterMs(attempt)), context)
}

const [soonMs, longInComingMs] = [30_000, 5_000]

/**
 * Looks again at what was accepted just now. A provider's word that comes while it is being asked is not kept: an answer that was long in
 * coming may be older than that word, so that it is looked at soon.
 */
export const pollAccepted = (work: Work, refund: Refund, context: Context): Work => {
  const { firstAskedAt = context.now } = refund
  const isLate = Date.parse(context.now) - Date.parse(firstAskedAt) > longInComingMs
  const route = routed(work, refund, context)
  if (!isLate || route === undefined) return pollAgain(work, refund, 1, context)
  const waitMs = Math.min(soonMs, context.policy.terms(route).pollAfterMs(1))
  return poll(work, refund, later(context.now, waitMs), context)
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
  const inDoubt = elsewhere && (progress.inDoubt || progress.calling || progress.received)
  const stopped: Refund = { ...refund, progress: { ...progress, calling: false, received: false, inDoubt } }
  const next = withRefund({ ...work, unschedule: [...work.unschedule, `call/${refundId}/${round}`] }, stopped)
  return inDoubt ? poll(next, stopped, context.now, context) : next
}

const deadlineId = (refund: Refund) => `overdue/${refund.refundId}`
export const receivedId = (refund: Refund) => `received/${refund.refundId}`
/** What ends with a refund. */
export const deadlines = (refund: Refund) => [deadlineId(refund), receivedId(refund)]

/** From now on the channel has `REFUND_PATIENCE`. */
export const startDeadline = (work: Work, refund: Refund, context: Context): Work =>
  scheduled(work, {
    id: deadlineId(refund),
    kind: 'refund-overdue',
    dueAt: later(context.now, context.policy.refundPatienceMs),
    payload: { refundId: refund.refundId },
  })
