import type { Decision } from '@countermand/messaging'
import type { StatusResult, StopResult } from '../carriers/carrier.ts'
import type { LogisticsOrder } from '../state.ts'
import { advance, type Move, pending } from './advance.ts'
import { type Found, findParcel, type In } from './find-parcel.ts'
import type { ParcelStop, StopFailure } from './parcel-stop.ts'
import { resumeParcel } from './resume.ts'
import { changedByUs } from './shipment.ts'
import { carryOn, overtaken, type StopWork, towards } from './stop.ts'
import { type CallResult, callTask, type ParcelTask, waitIds } from './tasks.ts'

/** What came of a call that was to stop a parcel. */

const failed = (failure: StopFailure, open: boolean): ParcelStop => ({ state: 'failed', failure, open })

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

/** The carrier answers later: it is asked again in a while, and given up in the end. */
const takenOn = (
  { order, stop, shipment, progress }: Found<In<'stopping'>>,
  askAgainMs: number,
  now: string,
  patienceMs: number,
): Decision<LogisticsOrder> => {
  const { shipmentId, carrier } = shipment
  const news = overtaken(shipment, stop, progress)
  if (news !== undefined) return advance(order, stop, [towards(order, stop, shipment, news, now)])
  const { operation, begun } = progress
  const until = later(now, patienceMs)
  const schedule = [
    callTask(order, stop, shipment, 'poll', begun, later(now, askAgainMs)),
    callTask(order, stop, shipment, 'deadline', begun, until),
  ]
  const decision = advance(order, stop, [
    { shipmentId, progress: { state: 'accepted', operation, begun, until }, schedule },
  ])
  if (stop.answered || decision.settle !== undefined) return decision
  const message = `carrier ${carrier} has taken on the stop of parcel ${shipmentId}, its answer is due by ${until}`
  return { ...decision, settle: [pending(stop, message)] }
}

const later = (now: string, ms: number): string => new Date(Date.parse(now) + ms).toISOString()

/** The carrier's answer to `void-label` or `intercept`. */
export const stopCallReturned = (
  order: LogisticsOrder | undefined,
  task: ParcelTask,
  result: CallResult<StopResult>,
  now: string,
  patienceMs: number,
): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'stopping')
  if (found === undefined) return {}
  const { stop, shipment, progress } = found
  const { shipmentId } = shipment
  if (stop.phase === 'resuming') return resumeAfterCall(found, result, now)
  if (!result.ok) return advance(found.order, stop, [afterFailure(found, result, now)])
  switch (result.value.result) {
    case 'voided':
    case 'intercepted':
      return advance(found.order, stop, [tookEffect(found, progress, result.value.result, now)])
    case 'refused':
      return advance(found.order, stop, [{ shipmentId, progress: failed(result.value.failure, progress.inDoubt) }])
    case 'accepted':
      return takenOn(found, result.value.askAgainMs, now, patienceMs)
  }
}

type Failure = Extract<CallResult<never>, { ok: false }>

const afterFailure = (
  { order, stop, shipment, progress }: Found<In<'stopping'>>,
  failure: Failure,
  now: string,
): Move => {
  const again = carryOn(shipment, stop, progress.begun)
  if (again.state !== 'stopping' || failure.retryAt !== undefined)
    return towards(order, stop, shipment, again, failure.retryAt ?? now)
  const { operation, begun } = progress
  const { error, attempts } = failure
  return { shipmentId: shipment.shipmentId, progress: { state: 'stuck', operation, begun, error, attempts } }
}

/** The undo came while the call was under way: what it did is taken back at once. */
const resumeAfterCall = (
  { order, stop, shipment, progress }: Found<In<'stopping'>>,
  result: CallResult<StopResult>,
  now: string,
): Decision<LogisticsOrder> => {
  const nothingDone = result.ok && result.value.result === 'refused' && !progress.inDoubt
  const { shipmentId } = shipment
  const move = nothingDone
    ? { shipmentId, progress: { state: 'left-as-is' } as const }
    : resumeParcel(order, stop, shipment, now)
  return advance(order, stop, [move])
}

/** The carrier's answer to a poll. */
export const pollReturned = (
  order: LogisticsOrder | undefined,
  task: ParcelTask,
  result: CallResult<StatusResult>,
  now: string,
): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'accepted')
  if (found === undefined) return {}
  const { stop, shipment, progress } = found
  const { shipmentId } = shipment
  const unschedule = waitIds(found.order, stop, shipmentId, progress.begun)
  const askAgain = (at: string): Decision<LogisticsOrder> => ({
    schedule: [callTask(found.order, stop, shipment, 'poll', progress.begun, at)],
  })
  if (!result.ok) return askAgain(result.retryAt ?? now)
  switch (result.value.result) {
    case 'pending':
      return askAgain(later(now, result.value.askAgainMs))
    case 'voided':
    case 'intercepted':
      return advance(found.order, stop, [{ ...tookEffect(found, progress, result.value.result, now), unschedule }])
    case 'refused':
      return advance(found.order, stop, [{ shipmentId, unschedule, progress: failed(result.value.failure, false) }])
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
