import type { EventData } from '@countermand/contracts'
import type { LogisticsOrder } from '../state.ts'
import type { Shipment } from './shipment.ts'

/** What is in a parcel, as news of it tell. */

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && new Set([...one, ...other]).size === one.length

const orderedLines = ({ lines }: LogisticsOrder): string[] =>
  lines.filter(({ quantity }) => quantity > 0).map(({ lineId }) => lineId)

/** What is in the parcel: as it is told, else as it was known. How many units are known no longer when it holds other lines. */
export const contentOf = (
  order: LogisticsOrder,
  known: Shipment | undefined,
  { lines, lineIds }: EventData<'shipment.updated.v1'>,
): Pick<Shipment, 'lineIds' | 'lines'> => {
  if (lines !== undefined) return { lines, lineIds: lines.map(({ lineId }) => lineId) }
  if (known === undefined) return { lines: null, lineIds: lineIds ?? orderedLines(order) }
  const isAsKnown = lineIds === undefined || isSame(lineIds, known.lineIds)
  return isAsKnown ? { lines: known.lines, lineIds: known.lineIds } : { lines: null, lineIds }
}

/** What cannot be in a parcel of the order, in words. */
export const wrongContent = (order: LogisticsOrder, event: EventData<'shipment.updated.v1'>): string | undefined => {
  const ordered = new Map(order.lines.map(({ lineId, quantity }) => [lineId, quantity]))
  const field = event.lines === undefined ? 'lineIds' : 'lines'
  const lineIds = event.lines?.map(({ lineId }) => lineId) ?? event.lineIds ?? []
  const strange = lineIds.find((lineId) => !ordered.has(lineId))
  if (strange !== undefined) return `${field}: expected goods of order ${event.orderId}, got ${strange}`
  const over = event.lines?.find(({ lineId, quantity }) => quantity > (ordered.get(lineId) ?? 0))
  return over && `lines: expected at most ${ordered.get(over.lineId)} of line ${over.lineId}, got ${over.quantity}`
}
