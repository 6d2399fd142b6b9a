import { saysUnits } from '@countermand/contracts'
import { type HeldLine, type Hold, type Parcel, placeOfParcel, type Reservation } from '../state.ts'
import { freeUnits, surveyOf } from './whereabouts.ts'

/** Units, by line, that may be in a parcel besides those that are known to be: of one that does not say how many it holds, any. */
const roomIn = (reservation: Reservation, parcel: Parcel): Map<string, number> =>
  saysUnits(parcel)
    ? new Map(surveyOf(reservation).left.inParcels.get(parcel.shipmentId))
    : new Map(parcel.lineIds.map((lineId) => [lineId, Number.POSITIVE_INFINITY]))

/** Free units of a line that must be in this parcel, for no other one says it holds them, and they are not loose. */
const freeIn = (reservation: Reservation, parcel: Parcel, lineId: string): number => {
  const { left } = surveyOf(reservation)
  const elsewhere = [...left.inParcels].reduce(
    (sum, [shipmentId, units]) => (shipmentId === parcel.shipmentId ? sum : sum + (units.get(lineId) ?? 0)),
    saysUnits(parcel) ? (left.loose.get(lineId)?.quantity ?? 0) : 0,
  )
  return freeUnits(reservation, { lineId }) - elsewhere
}

/** Held units that a parcel took along: those known to be in it, and loose ones as far as there is room. */
const takenFrom = (hold: Hold, { shipmentId, lines }: Parcel, room: Map<string, number>): Hold => {
  const taken = hold.lines.flatMap((held): HeldLine[] => {
    if (held.shipmentId === shipmentId) return [{ ...held, from: 'shipped' }]
    const inside = held.shipmentId === undefined ? Math.min(held.quantity, room.get(held.lineId) ?? 0) : 0
    if (inside <= 0) return [held]
    room.set(held.lineId, (room.get(held.lineId) ?? 0) - inside)
    const along = { ...held, quantity: inside, from: 'shipped' as const, ...(lines && { shipmentId }) }
    return inside === held.quantity ? [along] : [along, { ...held, quantity: held.quantity - inside }]
  })
  return { ...hold, lines: taken }
}

const takenOf = (reservation: Reservation, parcel: Parcel, isTaken: (hold: Hold) => boolean): Reservation => {
  if (parcel.lineIds.some((lineId) => freeIn(reservation, parcel, lineId) > 0)) return reservation
  const room = roomIn(reservation, parcel)
  return {
    ...reservation,
    holds: reservation.holds.map((hold) => (isTaken(hold) ? takenFrom(hold, parcel, room) : hold)),
  }
}

/**
 * A parcel that leaves although all that is in it is held was too late to stop, and took the held units along: those that were on sale again as
 * if no hold were running, so that a hold that is released leaves no trace, and those of running holds. One that also has free units leaves
 * without the held ones: they were taken out of the box.
 */
export const takeAlong = (reservation: Reservation, parcel: Parcel): Reservation => {
  if (placeOfParcel(parcel.status) === 'reserved') return reservation
  const { holds } = reservation
  const over = takenOf({ ...reservation, holds: holds.filter(({ returned }) => returned) }, parcel, () => true)
  const settled = new Map(over.holds.map((hold) => [hold.requestId, hold]))
  const known = { ...reservation, holds: holds.map((hold) => settled.get(hold.requestId) ?? hold) }
  return takenOf(known, parcel, ({ returned }) => !returned)
}
