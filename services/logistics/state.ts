import type { LineUnits } from '@countermand/contracts'
import type { Stop } from './decide/parcel-stop.ts'
import type { Shipment } from './decide/shipment.ts'

/** What logistics knows of one order. There is none until the order was accepted. */
export interface LogisticsOrder {
  readonly orderId: string
  /** Whose parcels they are, to ask with the right credentials; null: accepted before this was kept. */
  readonly merchantId: string | null
  /** Of a line that was removed since: none. */
  readonly lines: readonly LineUnits[]
  /** Which version of the order that is. */
  readonly version: number
  readonly shipments: readonly Shipment[]
  /** In the order in which the requests came. */
  readonly stops: readonly Stop[]
}

export const shipmentOf = (order: LogisticsOrder, shipmentId: string): Shipment | undefined =>
  order.shipments.find((shipment) => shipment.shipmentId === shipmentId)

export const withShipment = (order: LogisticsOrder, shipment: Shipment): LogisticsOrder => ({
  ...order,
  shipments:
    shipmentOf(order, shipment.shipmentId) === undefined
      ? [...order.shipments, shipment]
      : order.shipments.map((each) => (each.shipmentId === shipment.shipmentId ? shipment : each)),
})

export const stopOf = (order: LogisticsOrder | undefined, requestId: string): Stop | undefined =>
  order?.stops.find((stop) => stop.requestId === requestId)

export const withStop = (order: LogisticsOrder, stop: Stop): LogisticsOrder => ({
  ...order,
  stops:
    stopOf(order, stop.requestId) === undefined
      ? [...order.stops, stop]
      : order.stops.map((each) => (each.requestId === stop.requestId ? stop : each)),
})
