import {
  apportion,
  holdingsOf,
  holdingsWithout,
  type LineUnits,
  saysUnits,
  type TakenUnits,
} from '@countermand/contracts'
import type { Order, Parcel } from './order.ts'

/** Which parcels a cancellation is about. */

const orderedUnits = (order: Order): LineUnits[] =>
  order.placed.lines.map(({ lineId, quantity }) => ({ lineId, quantity }))

/** Units of earlier cancellations: which they were, only logistics knows. Most likely those that came back, or that never left. */
const earlierUnits = (order: Order): TakenUnits[] => {
  const lines = [...order.cancelled].map(([lineId, quantity]) => ({ lineId, quantity }))
  const parcels = order.parcels.map((each) =>
    each.status === 'returned' ? { ...each, status: 'returning' as const } : each,
  )
  return apportion(lines, parcels, holdingsOf(orderedUnits(order), parcels))
}

/** The parcels that hold what is to be cancelled: by what they say they hold; one that does not say may hold any unit of its lines. */
export const parcelsOf = (order: Order, lines: readonly LineUnits[]): Parcel[] => {
  const left = holdingsWithout(holdingsOf(orderedUnits(order), order.parcels), earlierUnits(order))
  const taken = apportion(lines, order.parcels, left)
  const stopped = new Set(taken.map(({ shipmentId }) => shipmentId))
  const loose = new Set(taken.flatMap(({ shipmentId, lineId }) => (shipmentId === undefined ? [lineId] : [])))
  return order.parcels.filter((parcel) =>
    saysUnits(parcel) ? stopped.has(parcel.shipmentId) : parcel.lineIds.some((lineId) => loose.has(lineId)),
  )
}

/** What parcels say of one line: whether all came back, and how many units it was; `undefined`: not all say. */
interface SaidOfLine {
  readonly allReturned: boolean
  readonly units: number | undefined
}

const saidOfLines = ({ parcels }: Order): Map<string, SaidOfLine> => {
  const said = new Map<string, SaidOfLine>()
  for (const parcel of parcels) {
    const units = parcel.lines && new Map(parcel.lines.map(({ lineId, quantity }) => [lineId, quantity]))
    for (const lineId of parcel.lineIds) {
      const before = said.get(lineId) ?? { allReturned: true, units: 0 }
      const here = units?.get(lineId)
      said.set(lineId, {
        allReturned: before.allReturned && parcel.status === 'returned',
        units: before.units === undefined || here === undefined ? undefined : before.units + here,
      })
    }
  }
  return said
}

/** The first of these lines whose units have all come back: that is a return, not a cancellation. */
export const returnedLine = (order: Order, lines: readonly LineUnits[]): string | undefined => {
  const ordered = new Map(order.placed.lines.map(({ lineId, quantity }) => [lineId, quantity]))
  const saidOf = saidOfLines(order)
  return lines.find(({ lineId }) => {
    const said = saidOf.get(lineId)
    return said?.allReturned === true && (said.units === undefined || said.units >= (ordered.get(lineId) ?? 0))
  })?.lineId
}
