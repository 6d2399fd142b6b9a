import { atLeastAfter, type EventData, type ShipmentStatus } from '@countermand/contracts'
import type { Publication } from '@countermand/messaging'

export interface LineUnits {
  readonly lineId: string
  readonly quantity: number
}

export interface Shipment {
  readonly shipmentId: string
  readonly carrier: string
  readonly trackingNumber: string
  /** Of labels that were voided since. */
  readonly earlierTrackingNumbers: readonly string[]
  readonly status: ShipmentStatus
  /** RFC 3339: since when the status is known. `null`: as the order came with it, older than any news. */
  readonly at: string | null
  /** Whether `at` is of our clock: a change that we made, or a word from the future. The carrier's may be a little behind. */
  readonly byOurClock: boolean
  readonly lineIds: readonly string[]
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

/** `shipment.changed.v1` of a shipment as it is from `at` on. */
export const shipmentChanged = (
  orderId: string,
  shipment: Shipment,
  at: string,
  late: Pick<EventData<'shipment.changed.v1'>, 'lateIntercept' | 'lateDelivery'> = {},
): Publication => ({
  type: 'shipment.changed.v1',
  id: [
    shipment.shipmentId,
    shipment.status,
    at,
    ...(late.lateDelivery ? ['delivery', late.lateDelivery.requestId] : []),
  ],
  data: {
    shipmentId: shipment.shipmentId,
    orderId,
    carrier: shipment.carrier,
    trackingNumber: shipment.trackingNumber,
    status: shipment.status,
    at,
    lineIds: [...shipment.lineIds],
    ...late,
  } satisfies EventData<'shipment.changed.v1'>,
})
