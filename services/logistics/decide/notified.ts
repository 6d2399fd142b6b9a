import type { EventData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/service/decision.ts'
import type { StatusResult, Whereabouts } from '../carriers/carrier.ts'
import { type LogisticsOrder, shipmentOf } from '../state.ts'
import { pollReturned } from './stop-results.ts'
import { type CallResult, callTask, type ParcelOf, trackTask } from './tasks.ts'
import { shipmentUpdated } from './tracking.ts'

/** What a carrier told without being asked is a reason to ask it: of its words nothing is believed, unless it cannot be asked. */

/** Whether a parcel's carrier can be asked where it is. */
export type Tracks = (carried: { readonly carrier: string; readonly merchantId: string | null }) => boolean

/** What has become of the stop that a carrier has told of, where it is one that it took on. */
const outcomeTold = (order: LogisticsOrder, told: EventData<'carrier.notified.v1'>, now: string) => {
  const { shipmentId, carrierRef, outcome } = told
  if (told.kind !== 'outcome' || carrierRef === undefined || outcome === undefined) return undefined
  const stop = order.stops.find(({ parcels }) =>
    parcels.some((each) => each.shipmentId === shipmentId && each.carrierRef === carrierRef),
  )
  const progress = stop?.parcels.find((each) => each.shipmentId === shipmentId)?.progress
  if (stop === undefined || progress?.state !== 'accepted') return undefined
  const about = { requestId: stop.requestId, shipmentId, begun: progress.begun }
  const { result, reason } = outcome
  const said: StatusResult =
    result === 'intercepted' ? { result } : { result, failure: 'refused', ...(reason !== undefined && { reason }) }
  return pollReturned(order, about, { ok: true, value: said }, now)
}

/**
 * `carrier.notified.v1`: the carrier is asked now, instead of when it was planned, what has become of a stop, and where the parcel is. One
 * that cannot be asked says by it what has become of a stop.
 */
export const carrierNotified = (
  order: LogisticsOrder | undefined,
  told: EventData<'carrier.notified.v1'>,
  { now, patienceOver }: Moment,
  tracks: Tracks,
): Decision<LogisticsOrder> | NotYet => {
  if (order === undefined) return patienceOver ? {} : notYet
  const { shipmentId } = told
  const outcome = outcomeTold(order, told, now)
  if (outcome !== undefined) return outcome
  const shipment = shipmentOf(order, shipmentId)
  if (shipment === undefined) return {}
  const polls = order.stops.flatMap((stop) => {
    const progress = stop.parcels.find((each) => each.shipmentId === shipmentId)?.progress
    return progress?.state === 'accepted' ? [callTask(order, stop, shipment, 'poll', progress.begun, now)] : []
  })
  const looks = tracks({ carrier: shipment.carrier, merchantId: order.merchantId })
    ? [trackTask(order, shipment, now)]
    : []
  return { schedule: [...polls, ...looks] }
}

/** Where the carrier says that the parcel is; `null`: it does not. */
export const trackReturned = (
  order: LogisticsOrder | undefined,
  parcel: ParcelOf,
  result: CallResult<Whereabouts | null>,
  at: Moment,
): Decision<LogisticsOrder> => {
  const shipment = order && shipmentOf(order, parcel.shipmentId)
  if (order === undefined || shipment === undefined) return {}
  // It is a look that nobody waits for: when it comes to nothing the next news ask again.
  if (!result.ok) return result.again === undefined ? {} : { schedule: [trackTask(order, shipment, result.again)] }
  if (result.value === null) return {}
  const { carrier, trackingNumber } = parcel
  const word = { orderId: order.orderId, shipmentId: shipment.shipmentId, carrier, trackingNumber, ...result.value }
  const decision = shipmentUpdated(order, word, at, 0)
  return decision === notYet ? {} : decision
}
