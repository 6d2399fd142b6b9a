import { believed, isNews, type PlacedOrder, type ShipmentChanged } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/messaging/decision.ts'
import {
  freeUnits,
  type HeldLine,
  type Hold,
  type Line,
  linesIn,
  type Parcel,
  placeOfParcel,
  type Reservation,
} from '../state.ts'

/** `order.accepted.v1`: reserves each line. The order service publishes an order once; the same again changes nothing. */
export const reserve = (state: Reservation | undefined, order: PlacedOrder): Decision<Reservation> => {
  if (state !== undefined) return {}
  return {
    state: {
      lines: order.lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity })),
      parcels: order.shipments.map(({ shipmentId, status, lineIds }) => ({
        shipmentId,
        status,
        lineIds: lineIds ?? order.lines.map((line) => line.lineId),
        at: null,
      })),
      holds: [],
    },
  }
}

/**
 * A parcel that leaves although all that is in it is held was too late to stop, and took running holds' units along; when there are none,
 * those that were on sale again, for nothing else can be in it. One that also has free units leaves without the held ones: they were taken
 * out of the box.
 */
const takeAlong = (reservation: Reservation, parcel: Parcel): Reservation => {
  const isInside = (line: Line) => linesIn(parcel).has(line.lineId)
  if (placeOfParcel(parcel.status) === 'reserved') return reservation
  if (reservation.lines.some((line) => isInside(line) && freeUnits(reservation, line) > 0)) return reservation
  const taken = (held: HeldLine): HeldLine => (isInside(held) ? { ...held, from: 'shipped' } : held)
  const inRunning = reservation.holds.some((hold) => !hold.returned && hold.lines.some(isInside))
  const goesAlong = (hold: Hold) => !hold.returned || !inRunning
  const holds = reservation.holds.map((hold) => (goesAlong(hold) ? { ...hold, lines: hold.lines.map(taken) } : hold))
  return { ...reservation, holds }
}

/** `shipment.changed.v1`: what was last heard of a parcel. News older than what is known changes nothing. */
export const followParcel = (
  state: Reservation | undefined,
  event: ShipmentChanged,
  at: Moment,
): Decision<Reservation> | NotYet => {
  const { shipmentId, status, lineIds, orderId } = event
  if (state === undefined) {
    const error = `expected the order of shipment ${shipmentId} to be known, got order ${orderId}, which was never heard of`
    return at.patienceOver ? { deadLetter: { reason: 'unknown-order', error } } : notYet
  }
  const known = state.parcels.find((parcel) => parcel.shipmentId === shipmentId)
  const parcel = { shipmentId, status, lineIds, at: believed(event.at, at.now) }
  if (known !== undefined && !isNews(known, parcel, at.now)) return {}
  const parcels = [...state.parcels.filter((each) => each !== known), parcel]
  return { state: takeAlong({ ...state, parcels }, parcel) }
}
