import {
  type AmendedOrder,
  believed,
  isGoods,
  isNews,
  type PlacedOrder,
  type ShipmentChanged,
} from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, unknownOrder } from '@countermand/service/decision.ts'
import { type Line, type Reservation, takenOut, withTakenOut } from '../state.ts'
import { heldLines } from './held-lines.ts'
import { takeAlong } from './take-along.ts'
import { freeUnits } from './whereabouts.ts'

/** What is kept in stock. */
const goodsOf = ({ lines }: PlacedOrder): Line[] =>
  lines.flatMap(({ lineId, sku, quantity, kind }) =>
    isGoods({ kind }) && sku !== undefined ? [{ lineId, sku, quantity }] : [],
  )

/** `order.accepted.v1`: reserves each line of goods. The order service publishes an order once; the same again changes nothing. */
export const reserve = (state: Reservation | undefined, order: PlacedOrder): Decision<Reservation> => {
  if (state !== undefined) return {}
  const lines = goodsOf(order)
  return {
    state: {
      lines,
      parcels: order.shipments.map(({ shipmentId, status, lineIds, lines: units }) => ({
        ...{ shipmentId, status, at: null },
        lineIds: units?.map(({ lineId }) => lineId) ?? lineIds ?? lines.map(({ lineId }) => lineId),
        ...(units && { lines: units }),
      })),
      holds: [],
      version: 1,
    },
  }
}

/**
 * `order.amended.v1`: what the order has more is reserved; what it has less was taken out of it, as by a cancellation that is over: on sale
 * again, once it is in the warehouse. So no unit is ever lost, wherever it is by now.
 */
export const followOrder = (
  state: Reservation | undefined,
  order: AmendedOrder,
  at: Moment,
): Decision<Reservation> | NotYet => {
  if (state === undefined) {
    const error = `expected order ${order.orderId} to be accepted before its version ${order.version}, it was not heard of`
    return unknownOrder(at, error)
  }
  if (order.version <= state.version) return {}
  const goods = goodsOf(order)
  const ordered = new Map(goods.map(({ lineId, quantity }) => [lineId, quantity]))
  const taken = takenOut(state)
  /** How many units of a line more, or fewer, the order has now than the reservation thinks. */
  const changeOf = ({ lineId, quantity }: Line) => (ordered.get(lineId) ?? 0) - (quantity - (taken.get(lineId) ?? 0))
  const known = state.lines.map((line) => ({ ...line, quantity: line.quantity + Math.max(changeOf(line), 0) }))
  const knownIds = new Set(state.lines.map(({ lineId }) => lineId))
  const added = goods.filter(({ lineId }) => !knownIds.has(lineId))
  const fewer = state.lines.flatMap((line): Line[] => {
    const quantity = Math.min(-changeOf(line), freeUnits(state, line))
    return quantity > 0 ? [{ ...line, quantity }] : []
  })
  const lines = [...known, ...added]
  return { state: withTakenOut({ ...state, version: order.version, lines }, heldLines(state, fewer)) }
}

/** `shipment.changed.v1`: what was last heard of a parcel. News older than what is known changes nothing. */
export const followParcel = (
  state: Reservation | undefined,
  event: ShipmentChanged,
  at: Moment,
): Decision<Reservation> | NotYet => {
  const { shipmentId, status, lineIds, lines, orderId } = event
  if (state === undefined) {
    const error = `expected the order of shipment ${shipmentId} to be known, got order ${orderId}, which was never heard of`
    return unknownOrder(at, error)
  }
  const known = state.parcels.find((parcel) => parcel.shipmentId === shipmentId)
  const parcel = { shipmentId, status, lineIds, ...(lines && { lines }), at: believed(event.at, at.now) }
  if (known !== undefined && !isNews(known, parcel, at.now)) return {}
  const parcels = [...state.parcels.filter((each) => each !== known), parcel]
  return { state: takeAlong({ ...state, parcels }, parcel) }
}
