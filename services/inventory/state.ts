import type { LineUnits, ShipmentStatus } from '@countermand/contracts'

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
  /** How many units of each of these it holds. Absent: nobody said, it may hold any of them. */
  readonly lines?: readonly LineUnits[] | undefined
  /** ISO 8601; `null`: as the order was placed, older than any word of the carrier. */
  readonly at: string | null
}

/** Units that a request took out of the order. `from` says where the goods were: in the warehouse, or in a parcel that had left. */
export interface HeldLine extends Line {
  readonly from: 'reserved' | 'shipped'
  /** The parcel that said that it holds them. Absent: no parcel did. */
  readonly shipmentId?: string | undefined
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
  /** Of the order, as last heard of. */
  readonly version: number
}

/** No request has this id: the hold of what changes of the order took out of it. */
const ofChanges = ''

/** Units that changes of the order took out of it, by line. */
export const takenOut = ({ holds }: Reservation): ReadonlyMap<string, number> => {
  const taken = new Map<string, number>()
  const lines = holds.flatMap((hold) => (hold.requestId === ofChanges ? hold.lines : []))
  for (const { lineId, quantity } of lines) taken.set(lineId, (taken.get(lineId) ?? 0) + quantity)
  return taken
}

export const withTakenOut = (reservation: Reservation, lines: readonly HeldLine[]): Reservation => {
  if (lines.length === 0) return reservation
  const earlier = reservation.holds.find(({ requestId }) => requestId === ofChanges)
  const hold: Hold = { requestId: ofChanges, returned: true, lines: [...(earlier?.lines ?? []), ...lines] }
  return { ...reservation, holds: [...reservation.holds.filter((each) => each !== earlier), hold] }
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
