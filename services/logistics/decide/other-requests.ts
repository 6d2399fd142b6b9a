import type { Decision } from '@countermand/service/decision.ts'
import type { LogisticsOrder } from '../state.ts'
import { advance, merge } from './advance.ts'
import { coversAll, planParcel } from './coverage.ts'
import { keepInstead } from './hold.ts'
import { isLive, isUnderWay, type ParcelStop, progressOf, type Stop } from './parcel-stop.ts'
import type { Shipment } from './shipment.ts'
import { stopNotAsked, towards } from './stop.ts'

/**
 * Several requests may have to do with one parcel at once: an undo that came late, or that a person asked for once more, beside the next
 * request's stop. One carrier is called about it by one of them at a time, and nobody lets it go while another wants it stopped.
 */

/** Whether other requests want the parcel stopped when this one does not any more, and have not had a no. */
export const isKept = (order: LogisticsOrder, stop: Stop, shipment: Shipment): boolean =>
  order.stops.some(
    (other, place) =>
      other.requestId !== stop.requestId &&
      isLive(other) &&
      progressOf(other, shipment.shipmentId)?.state !== 'failed' &&
      coversAll(order, shipment, place + 1),
  )

/** The carrier may hold a stop for it by now, or have let it go: whoever undoes this asks it. */
const inDoubt = (next: ParcelStop | undefined): ParcelStop | undefined => {
  if (next?.state === 'stopping') return { ...next, inDoubt: true }
  return next?.state === 'not-needed' || next?.state === 'failed' ? { ...next, open: true } : next
}

/** Whether the carrier had stopped the parcel for good, and nothing has come in between: the next need not ask it again. */
const isStillStopped = (was: ParcelStop | undefined, { status }: Shipment): boolean =>
  ((was?.state === 'label-voided' || was?.state === 'released') && status === 'label-created') ||
  (was?.state === 'intercepted' && status === 'returning')

/** What a request that stands does with a parcel that another has let out of its hands. */
const nextOf = (
  order: LogisticsOrder,
  stop: Stop,
  shipment: Shipment,
  was: ParcelStop | undefined,
): ParcelStop | undefined => {
  const progress = progressOf(stop, shipment.shipmentId)
  if (progress?.state === 'stopping') return inDoubt(stopNotAsked(shipment, stop, progress))
  if (progress !== undefined && (progress.state !== 'not-needed' || progress.withheld.length > 0)) return undefined
  return isStillStopped(was, shipment) ? was : inDoubt(planParcel(order, stop, shipment))
}

/** After a decision by which a request may be done with a parcel: the next that wants it stopped goes on. `was`: how far it was before. */
export const handOn = (
  decision: Decision<LogisticsOrder>,
  { requestId, shipmentId }: { readonly requestId: string; readonly shipmentId: string },
  now: string,
  was?: ParcelStop,
): Decision<LogisticsOrder> => {
  const order = decision.state
  const done = order?.stops.find((stop) => stop.requestId === requestId)
  const shipment = order?.shipments.find((each) => each.shipmentId === shipmentId)
  if (order === undefined || done === undefined || shipment === undefined) return decision
  if (isLive(done) || isUnderWay(progressOf(done, shipmentId))) return decision
  const others = order.stops.filter((stop) => isLive(stop) && isKept(order, done, shipment))
  for (const stop of others) {
    const next = nextOf(order, stop, shipment, was)
    if (next === undefined) continue
    const move = keepInstead(order, stop, shipment, was, now) ?? towards(order, stop, shipment, next, now)
    return merge(decision, advance(order, stop, [move]))
  }
  return decision
}
