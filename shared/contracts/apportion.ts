import type { Holdings, KnownParcel, LineUnits, TakenUnits } from './holdings.ts'
import type { ShipmentStatus } from './vocabulary.ts'

/**
 * Which units of an order a cancellation takes, when parcels say how many of each line they hold. Logistics, inventory and the order service
 * ask here, each with what it knows, so that they mean the same units.
 */

type Units = ReadonlyMap<string, number>

interface Candidate {
  readonly shipmentId: string
  readonly status: ShipmentStatus
  /** What of it the order still has. */
  readonly units: Units
}

/** What does not arrive anyway is taken first: nothing must be stopped for it. Then what is here. */
const first: readonly (ShipmentStatus | 'here')[] = ['lost', 'returning', 'here', 'label-created']
/** What came back is a return as long as there is anything else to take. The last three cannot be had: logistics says so. */
const last: readonly (ShipmentStatus | 'loose')[] = [
  ...(['returned', 'loose', 'handed-over', 'in-transit', 'out-for-delivery', 'delivered'] as const),
]

const onTheRoad: ReadonlySet<ShipmentStatus> = new Set(['handed-over', 'in-transit'])

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, each) => total + each, 0)

/** How much of what is needed a parcel has. */
const yieldOf = ({ units }: Candidate, need: Units): number =>
  sum([...units].map(([lineId, quantity]) => Math.min(quantity, need.get(lineId) ?? 0)))

const byId = <Each extends { readonly shipmentId: string }>(parcels: readonly Each[]): Each[] =>
  parcels.toSorted((one, other) => (one.shipmentId < other.shipmentId ? -1 : 1))

/** Those that have most of what is needed, so that few are touched; of alike ones those that become empty. */
const fewestFirst = (parcels: readonly Candidate[], need: Units): Candidate[] =>
  parcels
    .map((parcel) => ({ parcel, yields: yieldOf(parcel, need), size: sum(parcel.units.values()) }))
    .toSorted((one, other) => other.yields - one.yields || one.size - other.size)
    .map(({ parcel }) => parcel)

/** How often another parcel is tried, before what was found by taking the largest is good enough. */
const mostTries = 10_000

/**
 * The fewest of these parcels that have all of `need` between them and nothing beyond `most`: a parcel on the road is stopped as a whole or not
 * at all. `undefined`: there are none, or nobody found them in time.
 */
const fewestWhole = (parcels: readonly Candidate[], need: Units, most: Units): Candidate[] | undefined => {
  const fitting = parcels
    .filter(({ units }) => [...units].every(([lineId, quantity]) => quantity <= (most.get(lineId) ?? 0)))
    .map((parcel) => ({ parcel, yields: yieldOf(parcel, need) }))
    .filter(({ yields }) => yields > 0)
    .toSorted((one, other) => other.yields - one.yields)
  let tries = 0
  const search = (
    from: number,
    count: number,
    left: Map<string, number>,
    room: Map<string, number>,
  ): Candidate[] | undefined => {
    const open = sum(left.values())
    if (open === 0) return []
    for (let place = from; place < fitting.length && count > 0; place += 1) {
      const each = fitting[place]
      tries += 1
      if (each === undefined || tries > mostTries || each.yields * count < open) return undefined
      const { units } = each.parcel
      if ([...units].some(([lineId, quantity]) => quantity > (room.get(lineId) ?? 0))) continue
      const rest = search(place + 1, count - 1, without(left, units), without(room, units))
      if (rest !== undefined) return [each.parcel, ...rest]
    }
    return undefined
  }
  for (let count = 1; count <= fitting.length && tries <= mostTries; count += 1) {
    const found = search(0, count, new Map(need), new Map(most))
    if (found !== undefined) return found
  }
  return undefined
}

const without = (units: Units, taken: Units): Map<string, number> =>
  new Map([...units].map(([lineId, quantity]) => [lineId, Math.max(0, quantity - (taken.get(lineId) ?? 0))]))

/** What is still needed when these are all taken; lines of which nothing is: 0. */
const needBeyond = (asked: Units, sources: readonly Units[]): Map<string, number> =>
  sources.reduce<Map<string, number>>((need, units) => without(need, units), new Map(asked))

/** What must come from the road, taken whole: no more parcels than it takes, and none when the rest is enough. */
const stoppedOnTheRoad = (asked: Units, byKind: (kind: string) => readonly Candidate[]): Candidate[] => {
  const road = [...onTheRoad].flatMap(byKind)
  const unitsOf = (kinds: readonly string[]) => kinds.flatMap(byKind).map(({ units }) => units)
  const need = needBeyond(asked, unitsOf(first))
  if (sum(need.values()) === 0) return []
  return (
    fewestWhole(road, need, asked) ?? fewestWhole(road, needBeyond(need, unitsOf(['returned', 'loose'])), asked) ?? []
  )
}

/** Loose units as a parcel that is none. */
const nowhere = ''

const candidatesOf = (parcels: readonly KnownParcel[], { inParcels, loose }: Holdings) => {
  const candidates = Map.groupBy(
    byId(parcels).flatMap(({ shipmentId, status }): Candidate[] => {
      const units = inParcels.get(shipmentId)
      return units === undefined ? [] : [{ shipmentId, status, units }]
    }),
    ({ status }): string => status,
  )
  const looseWhere = (here: boolean): Candidate => ({
    ...{ shipmentId: nowhere, status: 'label-created' },
    units: new Map([...loose].flatMap(([lineId, each]) => (each.here === here ? [[lineId, each.quantity]] : []))),
  })
  candidates.set('here', [looseWhere(true)])
  candidates.set('loose', [looseWhere(false)])
  return (kind: string): readonly Candidate[] => candidates.get(kind) ?? []
}

/**
 * The units that a cancellation takes of what an order still has: all that it asks for, and the same for whoever asks again. What cannot be
 * found at all counts as loose.
 */
export const apportion = (
  asked: readonly LineUnits[],
  parcels: readonly KnownParcel[],
  holdings: Holdings,
): TakenUnits[] => {
  const need = new Map<string, number>()
  for (const { lineId, quantity } of asked) need.set(lineId, (need.get(lineId) ?? 0) + quantity)
  const byKind = candidatesOf(parcels, holdings)
  const stopped = stoppedOnTheRoad(need, byKind)
  const taken: TakenUnits[] = []
  const take = ({ shipmentId, units }: Candidate) => {
    for (const [lineId, quantity] of units) {
      const wanted = Math.min(quantity, need.get(lineId) ?? 0)
      if (wanted === 0) continue
      need.set(lineId, (need.get(lineId) ?? 0) - wanted)
      taken.push({ lineId, quantity: wanted, ...(shipmentId !== nowhere && { shipmentId }) })
    }
  }
  for (const parcel of stopped) take(parcel)
  for (const kind of [...first, ...last]) {
    const rest = byKind(kind).filter((each) => !stopped.includes(each))
    for (const parcel of fewestFirst(rest, new Map(need))) take(parcel)
  }
  for (const [lineId, quantity] of need) if (quantity > 0) taken.push({ lineId, quantity })
  return taken
}
