import { type Holdings, holdingsOf, holdingsWithout, saysUnits } from '@countermand/contracts'
import {
  type HeldLine,
  type Hold,
  type Line,
  type Parcel,
  type Place,
  placeOfParcel,
  type Reservation,
  type Units,
} from '../state.ts'

/** Where the units of a reservation are, read from its facts. */

const saidAt = (parcel: Parcel): number => (parcel.at === null ? 0 : Date.parse(parcel.at))

/** Of the same moment: the same one first, in whichever order they were heard of. */
const newestFirst = (one: Parcel, other: Parcel): number =>
  saidAt(other) - saidAt(one) || (one.shipmentId < other.shipmentId ? -1 : 1)

/** What is read of a reservation once, for all its lines: an order may have hundreds. */
interface Survey {
  /** Of each line: parcels that name it without saying how many units they hold, the newest word first. */
  readonly silent: ReadonlyMap<string, readonly Parcel[]>
  /** Units that no request holds, by line. */
  readonly free: ReadonlyMap<string, number>
  /** The units of the order, in parcels and loose, without those that requests hold. */
  readonly left: Holdings
  /** Of each line: its free units in parcels that say so, by parcel. The others are loose. */
  readonly freeInParcels: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly parcels: ReadonlyMap<string, Parcel>
}

const freeInParcels = ({ inParcels }: Holdings, free: ReadonlyMap<string, number>) => {
  const rest = new Map(free)
  const byLine = new Map<string, Map<string, number>>()
  for (const [shipmentId, units] of inParcels)
    for (const [lineId, quantity] of units) {
      const inside = Math.min(rest.get(lineId) ?? 0, quantity)
      if (inside <= 0) continue
      rest.set(lineId, (rest.get(lineId) ?? 0) - inside)
      byLine.set(lineId, (byLine.get(lineId) ?? new Map<string, number>()).set(shipmentId, inside))
    }
  return byLine
}

const surveys = new WeakMap<Reservation, Survey>()

const survey = (reservation: Reservation): Survey => {
  const { lines, parcels, holds } = reservation
  const silent = new Map<string, Parcel[]>()
  for (const parcel of parcels.filter((each) => !saysUnits(each)).toSorted(newestFirst))
    for (const lineId of new Set(parcel.lineIds)) {
      const known = silent.get(lineId)
      if (known === undefined) silent.set(lineId, [parcel])
      else known.push(parcel)
    }
  const free = new Map(lines.map(({ lineId, quantity }) => [lineId, quantity]))
  const held = holds.flatMap((hold) => hold.lines)
  for (const { lineId, quantity } of held) free.set(lineId, (free.get(lineId) ?? 0) - quantity)
  const left = holdingsWithout(holdingsOf(lines, parcels), held)
  return {
    silent,
    free,
    left,
    freeInParcels: freeInParcels(left, free),
    parcels: new Map(parcels.map((parcel) => [parcel.shipmentId, parcel])),
  }
}

/** A reservation is never changed: what is read of it once holds. */
export const surveyOf = (reservation: Reservation): Survey => {
  const known = surveys.get(reservation) ?? survey(reservation)
  surveys.set(reservation, known)
  return known
}

/**
 * Where the line's units are that no parcel says it holds. They are all in one place; when several parcels name the line, one that is out counts
 * before the others, then the newest word.
 */
export const whereabouts = (reservation: Reservation, lineId: string): Exclude<Place, 'aside'> => {
  const places = (surveyOf(reservation).silent.get(lineId) ?? []).map((parcel) => placeOfParcel(parcel.status))
  return places.find((place) => place === 'shipped') ?? places[0] ?? 'reserved'
}

/** Units of the line that no request holds. */
export const freeUnits = (reservation: Reservation, { lineId }: Pick<Line, 'lineId'>): number =>
  surveyOf(reservation).free.get(lineId) ?? 0

/** The parcels that held units are in, or may be in. */
const parcelsWith = (reservation: Reservation, { shipmentId, lineId }: HeldLine): readonly Parcel[] => {
  const { parcels, silent } = surveyOf(reservation)
  const parcel = shipmentId === undefined ? undefined : parcels.get(shipmentId)
  return parcel === undefined ? (silent.get(lineId) ?? []) : [parcel]
}

/** Where goods are that left the warehouse with a parcel. */
const placeOfShipped = (reservation: Reservation, held: HeldLine): Exclude<Place, 'aside'> => {
  const parcel = held.shipmentId === undefined ? undefined : surveyOf(reservation).parcels.get(held.shipmentId)
  return parcel === undefined ? whereabouts(reservation, held.lineId) : placeOfParcel(parcel.status)
}

/** Whether a parcel with the units is with the customer, and none of them on its way. */
const isDelivered = (reservation: Reservation, held: HeldLine): boolean => {
  const out = parcelsWith(reservation, held).filter((parcel) => placeOfParcel(parcel.status) === 'shipped')
  return out.length > 0 && out.every(({ status }) => status === 'delivered')
}

/**
 * Where held units are: aside until the hold is returned, and as long as their parcel is out and may come back. What is lost is never
 * aside, nor what was delivered although it was cancelled for good: the customer has it.
 */
export const placeOf = (reservation: Reservation, hold: Hold, held: HeldLine): Exclude<Place, 'reserved'> => {
  const goods = held.from === 'shipped' ? placeOfShipped(reservation, held) : 'reserved'
  if (goods === 'written-off') return 'written-off'
  if (!hold.returned) return 'aside'
  if (goods !== 'shipped') return 'on-sale'
  return isDelivered(reservation, held) ? 'shipped' : 'aside'
}

const none: Units = { reserved: 0, aside: 0, shipped: 0, 'on-sale': 0, 'written-off': 0 }

const allUnits = new WeakMap<Reservation, ReadonlyMap<string, Units>>()

const countUnits = (reservation: Reservation): Map<string, Units> => {
  const units = new Map(reservation.lines.map(({ lineId }): [string, Record<Place, number>] => [lineId, { ...none }]))
  const count = (lineId: string, place: Place, quantity: number) => {
    const places = units.get(lineId)
    if (places !== undefined) places[place] += quantity
  }
  const { parcels, freeInParcels: inParcels } = surveyOf(reservation)
  for (const { lineId } of reservation.lines) {
    let loose = freeUnits(reservation, { lineId })
    for (const [shipmentId, quantity] of inParcels.get(lineId) ?? []) {
      const parcel = parcels.get(shipmentId)
      if (parcel === undefined) continue
      count(lineId, placeOfParcel(parcel.status), quantity)
      loose -= quantity
    }
    count(lineId, whereabouts(reservation, lineId), loose)
  }
  for (const hold of reservation.holds)
    for (const held of hold.lines) count(held.lineId, placeOf(reservation, hold, held), held.quantity)
  return units
}

/** How many units of the line are where; they add up to its quantity. */
export const unitsOf = (reservation: Reservation, { lineId }: Pick<Line, 'lineId'>): Units => {
  const known = allUnits.get(reservation) ?? countUnits(reservation)
  allUnits.set(reservation, known)
  return known.get(lineId) ?? none
}
