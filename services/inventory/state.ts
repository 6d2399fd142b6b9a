import type { ShipmentStatus } from '@countermand/contracts'

/** Where a unit is. `on-sale`: the order has it no more, anybody may buy it. */
export type Place = 'reserved' | 'aside' | 'shipped' | 'on-sale' | 'written-off'

export interface Line {
  readonly lineId: string
  readonly sku: string
  readonly quantity: number
}

/** A parcel of the order, as its newest word has it. */
export interface Parcel {
  readonly shipmentId: string
  readonly status: ShipmentStatus
  readonly lineIds: readonly string[]
  /** ISO 8601; `null`: as the order was placed, older than any word of the carrier. */
  readonly at: string | null
}

/** Units that a request took out of the order. `from` says where the goods were: in the warehouse, or in a parcel that had left. */
export interface HeldLine extends Line {
  readonly from: 'reserved' | 'shipped'
}

/** What one request set aside; `returned`: for good. */
export interface Hold {
  readonly requestId: string
  readonly returned: boolean
  readonly lines: readonly HeldLine[]
}

/**
 * One order's stock. Only facts are kept: where each unit is follows from the parcels and the holds. So a hold that is released
 * leaves no trace, and what the carrier said meanwhile counts as if the hold had never been.
 */
export interface Reservation {
  readonly lines: readonly Line[]
  readonly parcels: readonly Parcel[]
  readonly holds: readonly Hold[]
}

export type Units = Readonly<Record<Place, number>>

export const placeOfParcel = (status: ShipmentStatus): Exclude<Place, 'aside'> => {
  switch (status) {
    case 'label-created':
      return 'reserved'
    case 'handed-over':
    case 'in-transit':
    case 'out-for-delivery':
    case 'delivered':
    case 'returning':
      return 'shipped'
    case 'returned':
      return 'on-sale'
    case 'lost':
      return 'written-off'
  }
}

const linesOfParcels = new WeakMap<Parcel, ReadonlySet<string>>()

/** Asked for each line of an order, of each of its parcels. */
export const linesIn = (parcel: Parcel): ReadonlySet<string> => {
  const lines = linesOfParcels.get(parcel) ?? new Set(parcel.lineIds)
  linesOfParcels.set(parcel, lines)
  return lines
}

const saidAt = (parcel: Parcel): number => (parcel.at === null ? 0 : Date.parse(parcel.at))

/**
 * Where the line's units are that no request holds. Parcels name lines, not quantities, so all of them are in one place; when
 * several parcels name the line, one that is out counts before the others, then the newest word.
 */
export const whereabouts = (reservation: Reservation, lineId: string): Exclude<Place, 'aside'> => {
  const parcels = reservation.parcels
    .filter((parcel) => linesIn(parcel).has(lineId))
    // Of the same moment: the same one first, in whichever order they were heard of.
    .toSorted((one, other) => saidAt(other) - saidAt(one) || (one.shipmentId < other.shipmentId ? -1 : 1))
    .map((parcel) => placeOfParcel(parcel.status))
  return parcels.find((place) => place === 'shipped') ?? parcels[0] ?? 'reserved'
}

/** Units of the line that no request holds. */
export const freeUnits = (reservation: Reservation, line: Line): number =>
  reservation.holds
    .flatMap((hold) => hold.lines)
    .reduce((free, held) => (held.lineId === line.lineId ? free - held.quantity : free), line.quantity)

/** Whether a parcel with the line is with the customer, and none of them on its way. */
const isDelivered = (reservation: Reservation, lineId: string): boolean => {
  const out = reservation.parcels.filter(
    (parcel) => parcel.lineIds.includes(lineId) && placeOfParcel(parcel.status) === 'shipped',
  )
  return out.length > 0 && out.every(({ status }) => status === 'delivered')
}

/**
 * Where held units are: aside until the hold is returned, and as long as their parcel is out and may come back. What is lost is never
 * aside, nor what was delivered although it was cancelled for good: the customer has it.
 */
export const placeOf = (reservation: Reservation, hold: Hold, held: HeldLine): Exclude<Place, 'reserved'> => {
  const goods = held.from === 'shipped' ? whereabouts(reservation, held.lineId) : 'reserved'
  if (goods === 'written-off') return 'written-off'
  if (!hold.returned) return 'aside'
  if (goods !== 'shipped') return 'on-sale'
  return isDelivered(reservation, held.lineId) ? 'shipped' : 'aside'
}

/** How many units of the line are where; they add up to its quantity. */
export const unitsOf = (reservation: Reservation, line: Line): Units => {
  const units = { reserved: 0, aside: 0, shipped: 0, 'on-sale': 0, 'written-off': 0 }
  units[whereabouts(reservation, line.lineId)] += freeUnits(reservation, line)
  for (const hold of reservation.holds)
    for (const held of hold.lines)
      if (held.lineId === line.lineId) units[placeOf(reservation, hold, held)] += held.quantity
  return units
}
