import { atLeastAfter, type EventData, type LineUnits, type ShipmentStatus } from '@countermand/contracts'
import type { Publication } from '@countermand/service'
import { heldFor, type Stop } from './parcel-stop.ts'

export interface Shipment {
  readonly shipmentId: string
  readonly carrier: string
  readonly trackingNumber: string
  /** The carrier's own id of the shipment, by which some void it; null: it was not told. */
  readonly shipmentRef: string | null
  /** Of labels that were voided since. */
  readonly earlierTrackingNumbers: readonly string[]
  readonly status: ShipmentStatus
  /** RFC 3339: since when the status is known. `null`: as the order came with it, older than any news. */
  readonly at: string | null
  /** Whether `at` is of our clock: a change that we made, or a word from the future. The carrier's may be a little behind. */
  readonly byOurClock: boolean
  readonly lineIds: readonly string[]
  /** How many units of each of these it holds; `null`: nobody said, it may hold any of them. */
  readonly lines: readonly LineUnits[] | null
}

/** A shipment that is changed by us, now. */
export const changedByUs = (
  shipment: Shipment,
  change: Partial<Shipment>,
  now: string,
): Shipment & { readonly at: string } => ({ ...shipment, ...change, at: atLeastAfter(shipment, now), byOurClock: true })

/** On the carrier's road, where an intercept can still be asked for. */
export const isOnTheRoad = (status: ShipmentStatus): boolean => status === 'handed-over' || status === 'in-transit'

/** Nothing that a carrier does can change it any more. */
export const isAtItsEnd = (status: ShipmentStatus): boolean =>
  status === 'delivered' || status === 'returned' || status === 'lost'

/** For which request the warehouse keeps a parcel. What has left cannot be kept. */
export const holdOf = (stops: readonly Stop[], { shipmentId, status }: Shipment): string | undefined =>
  status === 'label-created' ? heldFor(stops, shipmentId) : undefined

const holdIn = (stops: readonly Stop[], shipment: Shipment) => {
  const hold = holdOf(stops, shipment)
  return hold === undefined ? {} : { hold }
}

/** `shipment.changed.v1` of a shipment as it is from `at` on; by default, as it is known. */
export const shipmentChanged = (
  { orderId, stops }: { readonly orderId: string; readonly stops: readonly Stop[] },
  shipment: Shipment,
  at = shipment.at ?? new Date(0).toISOString(),
  late: Pick<EventData<'shipment.changed.v1'>, 'lateIntercept' | 'lateDelivery' | 'lateReturn' | 'newsFor'> = {},
  more: readonly string[] = [],
): Publication => ({
  type: 'shipment.changed.v1',
  id: [
    shipment.shipmentId,
    shipment.status,
    at,
    ...(late.lateDelivery ? ['delivery', late.lateDelivery.requestId] : []),
    ...(late.lateReturn ? ['return', late.lateReturn.requestId] : []),
    ...more,
  ],
  data: {
    shipmentId: shipment.shipmentId,
    orderId,
    carrier: shipment.carrier,
    trackingNumber: shipment.trackingNumber,
    status: shipment.status,
    at,
    lineIds: [...shipment.lineIds],
    ...holdIn(stops, shipment),
    ...(shipment.lines !== null && { lines: [...shipment.lines] }),
    ...late,
  } satisfies EventData<'shipment.changed.v1'>,
})
