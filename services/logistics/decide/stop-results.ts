import type { Decision } from '@countermand/service'
import type { StatusResult, StopResult } from '../carriers/carrier.ts'
import type { LogisticsOrder } from '../state.ts'
import { advance, type Move, pending } from './advance.ts'
import { type Found, findParcel, type In } from './find-parcel.ts'
import type { ParcelStop, Stop, StopFailure } from './parcel-stop.ts'
import { resumeAfterCall } from './resume.ts'
import { changedByUs } from './shipment.ts'
import { carryOn, overtaken, type StopWork, towards } from './stop.ts'
import { type CallResult, callTask, type Due, type ParcelTask, waitIds } from './tasks.ts'

/** What came of a call that was to stop a parcel. */

const failed = (failure: StopFailure, open: boolean, reason?: string): ParcelStop => ({
  ...{ state: 'failed', failure, open },
  ...(reason !== undefined && { reason }),
})

/** A stop that took effect. What tracking told meanwhile counts more: a parcel that was delivered was not intercepted. */
const tookEffect = (
  { order, stop, shipment }: Found<ParcelStop>,
  work: StopWork,
  effect: 'voided' | 'intercepted',
  now: string,
): Move => {
  const news = overtaken(shipment, stop, work)
  if (news !== undefined) return towards(order, stop, shipment, news, now)
  const { shipmentId } = shipment
  return effect === 'voided'
    ? { shipmentId, progress: { state: 'label-voided' } }
    : { shipmentId, progress: { state: 'intercepted' }, changed: changedByUs(shipment, { status: 'returning' }, now) }
}

/** How what a carrier takes on is waited for. */
export interface StopPolicy {
  /** For how long (ms). */
  readonly interceptPatienceMs: number
  /** `accepted`: that an intercept was taken on counts as a yes; what comes of it is heard of all the same. */
  readonly interceptedWhen?: 'returning' | 'accepted'
}

/** The carrier answers later: it is asked again in a while, and given up in the end. */
const takenOn = (
  { order, stop, shipment, progress }: Found<In<'stopping'>>,
  { askAgainMs, carrierRef, fee }: StopResult & { result: 'accepted' },
  now: string,
  { interceptPatienceMs, interceptedWhen }: StopPolicy,
): Decision<LogisticsOrder> => {
  const { shipmentId, carrier } = shipment
  const news = overtaken(shipment, stop, progress)
  if (news !== undefined) return advance(order, stop, [towards(order, stop, shipment, news, now)])
  const { operation, begun } = progress
  const until = later(now, interceptPatienceMs)
  const counts = operation === 'intercept' && interceptedWhen === 'accepted'
  const schedule = [
    callTask(order, stop, shipment, 'poll', begun, later(now, askAgainMs), carrierRef),
    callTask(order, stop, shipment, 'deadline', begun, until),
  ]
  const said = { ...(carrierRef !== undefined && { carrierRef }), ...(fee !== undefined && { fee }) }
  const decision = advance(order, stop, [
    {
      ...{ shipmentId, ...said, schedule },
      progress: { state: 'accepted', operation, begun, until, ...(counts && { counts }) },
    },
  ])
  if (stop.answered || decision.settle !== undefined) return decision
  const message = `carrier ${carrier} has taken on the stop of parcel ${shipmentId}, its answer is due by ${until}`
  return { ...decision, settle: [pending(stop, 'do', message)] }
}

const later = (now: string, ms: number): string => new Date(Date.parse(now) + ms).toISOString()

/** The carrier's answer to `void-label` or `intercept`. */
export const stopCallReturned = (
  order: LogisticsOrder | undefined,
  task: ParcelTask,
  result: CallResult<StopResult>,
  now: string,
  policy: StopPolicy,
): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'stopping')
  if (found === undefined) return {}
  const { stop, shipment, progress } = found
  const { shipmentId } = shipment
  if (stop.phase === 'resuming') return resumeAfterCall(found, nothingDone(progress, result), now)
  if (!result.ok) return advance(found.order, stop, [afterFailure(found, result, now)])
  switch (result.value.result) {
    case 'voided':
    case 'intercepted':
      return advance(found.order, stop, [tookEffect(found, progress, result.value.result, now)])
    case 'refused': {
      const { failure, reason } = result.value
      return advance(found.order, stop, [{ shipmentId, progress: failed(failure, progress.inDoubt, reason) }])
    }
    case 'accepted':
      return takenOn(found, result.value, now, policy)
  }
}

type Failure = Extract<CallResult<never>, { ok: false }>

const afterFailure = (
  { order, stop, shipment, progress }: Found<In<'stopping'>>,
  failure: Failure,
  now: string,
): Move => {
  const inDoubt = progress.inDoubt || !failure.unasked
  const next = carryOn(shipment, stop, progress.begun, inDoubt)
  if (next.state !== 'stopping' || failure.again !== undefined)
    return towards(order, stop, shipment, next, failure.again ?? now)
  const { operation, begun } = progress
  const { error, attempts } = failure
  const late = wasAnsweredStopped(stop) ? { late: true as const } : {}
  return {
    shipmentId: shipment.shipmentId,
    progress: { state: 'stuck', operation, begun, inDoubt, ...late, error, attempts },
  }
}

/** Whether nobody waits for the stop any more: neither its answer, nor a person who was told that it is stuck. */
const wasAnsweredStopped = ({ answered, parcels }: Stop): boolean =>
  answered && !parcels.some(({ progress }) => progress.state === 'stuck' && progress.late === undefined)

/** Whether the carrier has done nothing, now or earlier. */
const nothingDone = ({ inDoubt }: In<'stopping'>, result: CallResult<StopResult>): boolean =>
  !inDoubt && (result.ok ? result.value.result === 'refused' : result.unasked)

/** The carrier's answer to a poll, or its own word of what has become of a stop. */
export const pollReturned = (
  order: LogisticsOrder | undefined,
  task: Pick<ParcelTask, 'requestId' | 'shipmentId' | 'begun'>,
  result: CallResult<StatusResult>,
  now: string,
): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'accepted')
  if (found === undefined) return {}
  const { stop, shipment, progress } = found
  const { shipmentId } = shipment
  const unschedule = waitIds(found.order, stop, shipmentId, progress.begun)
  const askAgain = (due: Due): Decision<LogisticsOrder> => ({
    schedule: [callTask(found.order, stop, shipment, 'poll', progress.begun, due)],
  })
  if (!result.ok) return askAgain(result.again ?? now)
  switch (result.value.result) {
    case 'pending':
      return askAgain(later(now, result.value.askAgainMs))
    case 'voided':
    case 'intercepted':
      return advance(found.order, stop, [{ ...tookEffect(found, progress, result.value.result, now), unschedule }])
    case 'none':
      // It had taken it on. What it has forgotten it may still do.
      return advance(found.order, stop, [{ shipmentId, unschedule, progress: failed('refused', true) }])
    case 'refused': {
      const { failure, reason } = result.value
      return advance(found.order, stop, [{ shipmentId, unschedule, progress: failed(failure, false, reason) }])
    }
  }
}

/** `INTERCEPT_PATIENCE` has passed since the carrier took it on. Only logistics turns a carrier's silence into a "no". */
export const deadlinePassed = (order: LogisticsOrder | undefined, task: ParcelTask): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'accepted')
  if (found === undefined) return {}
  const { shipmentId } = found.shipment
  const unschedule = waitIds(found.order, found.stop, shipmentId, found.progress.begun)
  return advance(found.order, found.stop, [{ shipmentId, unschedule, progress: failed('no-answer', true) }])
}
