import { believed, isNews, type PlacedOrder, type ShipmentChanged } from '@countermand/contracts'
import { goodsOf, sameOrder } from '@countermand/contracts/order-content.ts'
import { type Decision, type Moment, type NotYet, unknownOrder } from '@countermand/service/decision.ts'
import { nothingKnown, type OrderState } from '../state.ts'
import type { Order, Parcel } from './order.ts'

const parcelsAtFirst = (placed: PlacedOrder): Parcel[] =>
  placed.shipments.map(({ shipmentId, status, lineIds, lines }) => ({
    shipmentId,
    status,
    delivered: status === 'delivered',
    lineIds: lines?.map(({ lineId }) => lineId) ?? lineIds ?? goodsOf(placed),
    ...(lines && { lines }),
  }))

/** Takes an order in and passes it on, checked once for all; it cannot be changed by placing it again. */
export const place = (state: OrderState | undefined, placed: PlacedOrder): Decision<OrderState> => {
  if (state?.order === undefined) {
    const order: Order = { placed, cancelled: new Map(), refunded: new Map(), parcels: parcelsAtFirst(placed) }
    return {
      state: { ...(state ?? nothingKnown), order },
      publish: [{ type: 'order.accepted.v1', data: placed, id: [] }],
    }
  }
  if (sameOrder(state.order.edits?.first ?? state.order.placed, placed)) return {}
  const error = `expected order ${placed.orderId} as it was placed at first, got other content`
  return { deadLetter: { reason: 'order-changed', error } }
}

/** Keeps what the carrier saw of a parcel, also during a hold. Of what is older than what is known it keeps only that it was delivered. */
export const followParcel = (
  state: OrderState | undefined,
  event: ShipmentChanged,
  at: Moment,
): Decision<OrderState> | NotYet => {
  const { shipmentId, status, lineIds, lines } = event
  if (state?.order === undefined) {
    const error = `expected order ${event.orderId} of shipment ${shipmentId} to be placed, got no such order in time`
    return unknownOrder(at, error)
  }
  const { order } = state
  const known = order.parcels.find((parcel) => parcel.shipmentId === shipmentId)
  const delivered = status === 'delivered' || known?.delivered === true
  const parcel = { shipmentId, status, delivered, lineIds, ...(lines && { lines }), at: believed(event.at, at.now) }
  const after = known === undefined || isNews(known, parcel, at.now) ? parcel : { ...known, delivered }
  if (after.delivered === known?.delivered && after !== parcel) return {}
  const parcels =
    known === undefined ? [...order.parcels, after] : order.parcels.map((each) => (each === known ? after : each))
  return { state: { ...state, order: { ...order, parcels } } }
}
