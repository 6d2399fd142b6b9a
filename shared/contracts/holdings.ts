import type { ShipmentStatus } from './vocabulary.ts'

/** Where the units of an order are, as far as its parcels say. */

/** So many units of a line. */
export interface LineUnits {
  readonly lineId: string
  readonly quantity: number
}

/** A parcel as its carrier and its order tell of it. */
export interface KnownParcel {
  readonly shipmentId: string
  readonly status: ShipmentStatus
  readonly lineIds: readonly string[]
  /** How many units of each of its lines it holds. Absent or `null`: nobody said, it may hold any of them. */
  readonly lines?: readonly LineUnits[] | null | undefined
}

/** Units of a line that no parcel says it holds: not sent yet, or in parcels that do not say how many they hold. */
export interface LooseUnits {
  readonly quantity: number
  /** Whether they can all be kept back: none of them may be in a parcel that has left. */
  readonly here: boolean
}

/** Units by where they are: in parcels that say so, and the rest. */
export interface Holdings {
  /** Of each parcel that says how many units it holds: these, by line. */
  readonly inParcels: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By line. With those in parcels they add up to what was ordered. */
  readonly loose: ReadonlyMap<string, LooseUnits>
}

const hasLeft: ReadonlySet<ShipmentStatus> = new Set(['handed-over', 'in-transit', 'out-for-delivery', 'delivered'])
const doesNotArrive: ReadonlySet<ShipmentStatus> = new Set(['returning', 'returned', 'lost'])

/** What is on its way or there counts before what is still here, and that before what never arrives: another parcel may have replaced it. */
const certainty = ({ status }: KnownParcel): number => (hasLeft.has(status) ? 0 : doesNotArrive.has(status) ? 2 : 1)

/** The same for everybody, in whichever order the parcels were heard of. */
const byCertainty = (one: KnownParcel, other: KnownParcel): number =>
  certainty(one) - certainty(other) || (one.shipmentId < other.shipmentId ? -1 : 1)

/** Whether it says how many units it holds. */
export const saysUnits = <Parcel extends KnownParcel>(
  parcel: Parcel,
): parcel is Parcel & { readonly lines: readonly LineUnits[] } => parcel.lines !== undefined && parcel.lines !== null

/** The units of an order's lines by parcel. When parcels say together that they hold more than was ordered, the least certain hold less. */
export const holdingsOf = (lines: readonly LineUnits[], parcels: readonly KnownParcel[]): Holdings => {
  const left = new Map(lines.map(({ lineId, quantity }) => [lineId, quantity]))
  const silent = parcels.filter((each) => !saysUnits(each))
  const onTheirWay = new Set(silent.filter(({ status }) => hasLeft.has(status)).flatMap(({ lineIds }) => lineIds))
  const replaced = new Set(silent.filter(({ status }) => !doesNotArrive.has(status)).flatMap(({ lineIds }) => lineIds))
  const inParcels = new Map<string, ReadonlyMap<string, number>>()
  for (const parcel of parcels.filter(saysUnits).toSorted(byCertainty)) {
    const units = new Map<string, number>()
    for (const { lineId, quantity } of parcel.lines) {
      if (doesNotArrive.has(parcel.status) && replaced.has(lineId)) continue
      const held = Math.min(quantity, left.get(lineId) ?? 0)
      left.set(lineId, (left.get(lineId) ?? 0) - held)
      if (held > 0) units.set(lineId, held)
    }
    inParcels.set(parcel.shipmentId, units)
  }
  const loose = [...left].map(([lineId, quantity]) => [lineId, { quantity, here: !onTheirWay.has(lineId) }] as const)
  return { inParcels, loose: new Map(loose) }
}

/** Units that were taken out of an order. Without a parcel: they were loose. */
export interface TakenUnits extends LineUnits {
  readonly shipmentId?: string | undefined
}

/** What is left of holdings without units that were taken. What was taken of a parcel beyond what it holds is nobody's. */
export const holdingsWithout = (holdings: Holdings, taken: readonly TakenUnits[]): Holdings => {
  const inParcels = new Map([...holdings.inParcels].map(([shipmentId, units]) => [shipmentId, new Map(units)]))
  const loose = new Map(holdings.loose)
  for (const { shipmentId, lineId, quantity } of taken) {
    if (shipmentId === undefined) {
      const before = loose.get(lineId)
      if (before !== undefined) loose.set(lineId, { ...before, quantity: Math.max(0, before.quantity - quantity) })
      continue
    }
    const units = inParcels.get(shipmentId)
    const before = units?.get(lineId) ?? 0
    if (before > quantity) units?.set(lineId, before - quantity)
    else units?.delete(lineId)
  }
  return { inParcels, loose }
}
