import { type EventData, isGoods } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, unknownOrder } from '@countermand/service/decision.ts'
import type { LogisticsOrder } from '../state.ts'

/** What the order service tells: an order was accepted, or changed. */

export const orderAccepted = (
  order: LogisticsOrder | undefined,
  event: EventData<'order.accepted.v1'>,
): Decision<LogisticsOrder> => {
  if (order !== undefined) return {}
  const goods = event.lines.filter(isGoods)
  const lineIds = goods.map((line) => line.lineId)
  return {
    state: {
      orderId: event.orderId,
      merchantId: event.merchantId,
      lines: goods.map(({ lineId, quantity }) => ({ lineId, quantity })),
      version: 1,
      shipments: event.shipments.map((each) => ({
        shipmentId: each.shipmentId,
        carrier: each.carrier,
        trackingNumber: each.trackingNumber,
        earlierTrackingNumbers: [],
        shipmentRef: each.shipmentRef ?? null,
        status: each.status,
        at: null,
        byOurClock: false,
        lineIds: each.lines?.map(({ lineId }) => lineId) ?? each.lineIds ?? lineIds,
        lines: each.lines ?? null,
      })),
      stops: [],
    },
  }
}

/** `order.amended.v1`: parcels hold what they held; of a line that was removed nothing is wanted any more. */
export const orderAmended = (
  order: LogisticsOrder | undefined,
  event: EventData<'order.amended.v1'>,
  at: Moment,
): Decision<LogisticsOrder> | NotYet => {
  if (order === undefined) {
    const error = `expected order ${event.orderId} to be accepted before its version ${event.version}, it was not heard of`
    return unknownOrder(at, error)
  }
  if (event.version <= order.version) return {}
  const ordered = new Map(event.lines.filter(isGoods).map(({ lineId, quantity }) => [lineId, quantity]))
  const removed = order.lines.flatMap(({ lineId }) => (ordered.has(lineId) ? [] : [{ lineId, quantity: 0 }]))
  const lines = [...ordered].map(([lineId, quantity]) => ({ lineId, quantity }))
  return { state: { ...order, version: event.version, lines: [...lines, ...removed] } }
}
