import { initiatorKind, timestamp } from '@countermand/contracts'
import { z } from 'zod'
import { acknowledgementKind, customerKind, goodsKind, parcelState, salesChannel } from './vocabulary.ts'

/** What is known of an order, its parcels and the request. Instants are RFC 3339. What is absent is unknown, and takes the generous branch. */
export const facts = z.strictObject({
  /** ISO 3166-1 or -2. */
  jurisdiction: z.string().min(1),
  initiator: initiatorKind,
  customerKind: customerKind.optional(),
  salesChannel: salesChannel.optional(),
  concludedAt: timestamp,
  /** When the customer was told of the right. Absent: never, for the proof is the seller's. */
  informedAt: timestamp.optional(),
  promisedShipBy: timestamp.optional(),
  /** When the customer sent the request or declaration, and when the seller had it. */
  declaration: z.strictObject({ sentAt: timestamp, receivedAt: timestamp }),
  /** When it was found that money cannot go back as it was paid. */
  refundImpossibleAt: timestamp.optional(),
  /** The seller collects the goods itself. */
  collects: z.boolean().optional(),
  lines: z
    .array(
      z.strictObject({
        lineId: z.string().min(1),
        goodsKind: goodsKind.optional(),
        acknowledgements: z.array(acknowledgementKind).optional(),
      }),
    )
    .min(1, 'expected at least one line'),
  parcels: z
    .array(
      z.strictObject({
        /** Absent: all lines. */
        lineIds: z.array(z.string()).optional(),
        state: parcelState,
        deliveredAt: timestamp.optional(),
        /** The seller has the goods back. */
        backAt: timestamp.optional(),
        /** The customer showed that they were sent back. */
        provenAt: timestamp.optional(),
      }),
    )
    .default([]),
})
export type Facts = z.infer<typeof facts>
export type FactLine = Facts['lines'][number]
export type FactParcel = Facts['parcels'][number]

/** From the worst for the customer to the best. */
const order: readonly FactParcel['state'][] = ['unsealed', 'not-sent', 'on-the-way', 'delivered', 'lost']

/** Where the goods of a line are: of several parcels, the state that is best for the customer. */
export const parcelOf = ({ parcels }: Facts, { lineId }: FactLine): FactParcel['state'] => {
  const states = parcels.filter(({ lineIds }) => lineIds?.includes(lineId) ?? true).map(({ state }) => state)
  return states.toSorted((a, b) => order.indexOf(b) - order.indexOf(a))[0] ?? 'not-sent'
}

const later = (a: string, b: string): string => (Date.parse(a) >= Date.parse(b) ? a : b)
const latest = (instants: readonly (string | undefined)[]): string | undefined =>
  instants.reduce((a, b) => (a === undefined || b === undefined ? undefined : later(a, b)))
const earliest = (instants: readonly (string | undefined)[]): string | undefined =>
  instants.reduce((a, b) => (a === undefined ? b : b === undefined ? a : later(a, b) === a ? b : a), undefined)

/** When a clock starts, as far as that is known. */
export const startOf = (from: string, known: Facts): string | undefined => {
  const { parcels, declaration } = known
  const had = parcels.filter(({ deliveredAt }) => deliveredAt !== undefined)
  switch (from) {
    case 'concluded':
      return known.concludedAt
    case 'last-good-received':
      return parcels.length === 0 ? undefined : latest(parcels.map(({ deliveredAt }) => deliveredAt))
    case 'first-good-received':
      return earliest(parcels.map(({ deliveredAt }) => deliveredAt))
    case 'informed':
      return declaration.receivedAt
    case 'goods-back':
      return had.length === 0 ? undefined : latest(had.map(({ backAt }) => backAt))
    case 'goods-or-proof':
      return had.length === 0 ? undefined : latest(had.map(({ backAt, provenAt }) => earliest([backAt, provenAt])))
    case 'refund-impossible':
      return known.refundImpossibleAt
    case 'promised-ship-by':
      return known.promisedShipBy
    default:
      return undefined
  }
}
