import type { PlacedOrder } from '@countermand/contracts'

const sortKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** The order of keys, which JSONB does not keep, says nothing. */
const sameContent = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one, sortKeys) === JSON.stringify(other, sortKeys)

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
  lines: sortedBy(order.lines, ({ lineId }) => lineId),
  tenders: sortedBy(order.tenders, ({ tenderId }) => tenderId),
  shipments: sortedBy(order.shipments, ({ shipmentId }) => shipmentId).map(({ lineIds, ...shipment }) => ({
    ...shipment,
    lineIds: (lineIds ?? order.lines.map(({ lineId }) => lineId)).toSorted(),
  })),
})

/** Whether two messages place the same order: other serializers write the same moment otherwise, and lists in another sequence. */
export const sameOrder = (one: PlacedOrder, other: PlacedOrder): boolean =>
  sameContent(inOneSpelling(one), inOneSpelling(other))
