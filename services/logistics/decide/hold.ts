import type { EventData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, unknownOrder } from '@countermand/service/decision.ts'
import { type LogisticsOrder, shipmentOf, stopOf } from '../state.ts'
import { advance, type Move, pending } from './advance.ts'
import { isInOtherHands } from './coverage.ts'
import { findParcel } from './find-parcel.ts'
import { isReleasing, type ParcelStop, progressOf, type Stop } from './parcel-stop.ts'
import type { Shipment } from './shipment.ts'
import { callTask, type Due, type ParcelTask, waitIds } from './tasks.ts'

/** A parcel that is not handed over is kept where it is until money has moved: that can be taken back, a voided label cannot. */

/** Which carriers' parcels are held, and how long the warehouse has to say that it does (ms). */
export interface HoldPolicy {
  readonly holds: (carried: { readonly carrier: string; readonly merchantId: string | null }) => boolean
  readonly holdPatienceMs: number
}

export const neverHeld: HoldPolicy = { holds: () => false, holdPatienceMs: 0 }

/**
 * The same move, but that the warehouse is asked to keep the parcel where the carrier would be asked to void its label. What the carrier is
 * being asked about for another request is left to it: its next label may come of that.
 */
export const holdInstead = (order: LogisticsOrder, stop: Stop, move: Move, now: string, policy: HoldPolicy): Move => {
  const { shipmentId, progress } = move
  const shipment = shipmentOf(order, shipmentId)
  if (progress.state !== 'stopping' || progress.operation !== 'void-label') return move
  if (
    shipment === undefined ||
    !policy.holds({ carrier: shipment.carrier, merchantId: order.merchantId }) ||
    isInOtherHands(order, stop, shipmentId)
  )
    return move
  return asked(order, stop, shipment, new Date(Date.parse(now) + policy.holdPatienceMs).toISOString())
}

const asked = (order: LogisticsOrder, stop: Stop, shipment: Shipment, until: string): Move => ({
  shipmentId: shipment.shipmentId,
  progress: { state: 'holding', begun: stop.round, until },
  schedule: [callTask(order, stop, shipment, 'hold-deadline', stop.round, until)],
})

/** Gives the label of a parcel back that is kept where it is. `begun`: the round that began to. */
export const giveBack = (order: LogisticsOrder, stop: Stop, shipment: Shipment, begun: number, due: Due) => ({
  shipmentId: shipment.shipmentId,
  progress: { state: 'releasing', operation: 'void-label', begun } as const,
  schedule: [callTask(order, stop, shipment, 'release', begun, due)],
})

/**
 * A parcel that is kept for one request is from now on for another. Whoever had the answer already that there is nothing to stop asks for no
 * label later: it is given back at once.
 */
export const keepInstead = (
  order: LogisticsOrder,
  stop: Stop,
  shipment: Shipment,
  was: ParcelStop | undefined,
  now: string,
): Move | undefined => {
  if ((was?.state !== 'holding' && was?.state !== 'held') || shipment.status !== 'label-created') return undefined
  if (stop.answered) {
    const move = giveBack(order, stop, shipment, stop.round, now)
    return isReleasing(stop) ? move : { ...move, progress: { ...move.progress, unasked: true } }
  }
  return was.state === 'held'
    ? { shipmentId: shipment.shipmentId, progress: was }
    : asked(order, stop, shipment, was.until)
}

/** Tells whoever waits for the stop that the warehouse has to answer first. */
export const holdsAwaited = (stop: Stop | undefined) => {
  const waiting = stop?.parcels.flatMap(({ shipmentId, progress }) =>
    progress.state === 'holding' ? [shipmentId] : [],
  )
  return stop === undefined || waiting === undefined || waiting.length === 0
    ? []
    : [pending(stop, 'do', `the warehouse was asked to keep parcel ${waiting.join(', ')} where it is`)]
}

const notHeld = (failure: 'refused' | 'no-answer', reason?: string): ParcelStop => ({
  ...{ state: 'failed', failure, open: false, by: 'warehouse' },
  ...(reason !== undefined && { reason }),
})

/** `shipment.held.v1`: what the warehouse says to that. What it says of a parcel that nobody waits for changes nothing. */
export const shipmentHeld = (
  order: LogisticsOrder | undefined,
  event: EventData<'shipment.held.v1'>,
  at: Moment,
  patienceMs: number,
): Decision<LogisticsOrder> | NotYet => {
  const { orderId, requestId, shipmentId } = event
  if (order === undefined) {
    const error = `expected a parcel of a known order to be held, got order ${orderId}, not heard of within ${patienceMs} ms`
    return unknownOrder(at, error)
  }
  const stop = stopOf(order, requestId)
  if (stop === undefined || shipmentOf(order, shipmentId) === undefined) {
    const error = `expected a parcel of order ${orderId} that request ${requestId} had held, got ${shipmentId}`
    return { deadLetter: { reason: 'invalid-data', error } }
  }
  const progress = progressOf(stop, shipmentId)
  if (progress?.state !== 'holding') return {}
  const unschedule = waitIds(order, stop, shipmentId, progress.begun)
  const next: Move = event.held
    ? { shipmentId, progress: { state: 'held' }, unschedule }
    : { shipmentId, progress: notHeld('refused', event.message), unschedule }
  return advance(order, stop, [next])
}

/** `HOLD_PATIENCE` has passed: nobody says that the parcel stays, so it counts as going out. */
export const holdOverdue = (order: LogisticsOrder | undefined, task: ParcelTask): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'holding')
  if (found === undefined) return {}
  const { shipmentId } = found.shipment
  const unschedule = waitIds(found.order, found.stop, shipmentId, found.progress.begun)
  return advance(found.order, found.stop, [{ shipmentId, progress: notHeld('no-answer'), unschedule }])
}
