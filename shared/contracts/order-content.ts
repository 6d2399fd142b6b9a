import { createHash } from 'node:crypto'
import type { OrderChanged } from './order-changes.ts'
import type { PlacedOrder } from './order-events.ts'
import { isGoods } from './vocabulary.ts'

/** The lines that can be in a parcel. */
export const goodsOf = ({ lines }: PlacedOrder): string[] => lines.filter(isGoods).map(({ lineId }) => lineId)

const sortKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** The order of keys, which JSONB does not keep, says nothing. */
const textOf = (content: unknown): string => JSON.stringify(content, sortKeys)

/** A moment in one spelling: whole seconds since 1970, and nanoseconds. */
const instant = (timestamp: string): string => {
  const [, digits = ''] = /[.](\d+)/.exec(timestamp) ?? []
  return `${Math.floor(Date.parse(timestamp) / 1_000)}.${digits.padEnd(9, '0')}`
}

const sortedBy = <Each>(entries: readonly Each[], idOf: (each: Each) => string): Each[] =>
  entries.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))

const inOneSpelling = (order: PlacedOrder) => ({
  ...order,
  placedAt: instant(order.placedAt),
  roundingAmount: order.roundingAmount ?? 0,
  lines: sortedBy(order.lines, ({ lineId }) => lineId).map((line) => ({ ...line, kind: line.kind ?? 'goods' })),
  tenders: sortedBy(order.tenders, ({ tenderId }) => tenderId),
  shipments: sortedBy(order.shipments, ({ shipmentId }) => shipmentId).map(({ lineIds, lines, ...shipment }) => ({
    ...shipment,
    lineIds: lines === undefined ? (lineIds ?? goodsOf(order)).toSorted() : undefined,
    lines: lines && sortedBy(lines, ({ lineId }) => lineId),
  })),
})

/** Whether two messages place the same order: other serializers write the same moment otherwise, and lists in another sequence. */
export const sameOrder = (one: PlacedOrder, other: PlacedOrder): boolean =>
  textOf(inOneSpelling(one)) === textOf(inOneSpelling(other))

/** The same for the same change of an order, however it is spelled. */
export const digestOfChange = ({ at, ...change }: OrderChanged): string =>
  createHash('sha256')
    .update(textOf({ ...change, at: instant(at) }))
    .digest('hex')
