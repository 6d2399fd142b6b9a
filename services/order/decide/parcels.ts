import { type LineUnits, parcelsHolding } from '@countermand/contracts'
import type { Order, Parcel } from './order.ts'

/** Which parcels a cancellation is about. */

export const parcelsOf = ({ placed, cancelled, parcels }: Order, lines: readonly LineUnits[]): Parcel[] =>
  parcelsHolding({ lines: placed.lines, cancelled, parcels }, lines)

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
