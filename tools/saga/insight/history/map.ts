import { z } from 'zod'

const column = z.string().min(1)

/** Which column of a shop's export says what; each row is one line of an order. */
export const columnMap = z.strictObject({
  orderId: column,
  /** ISO 8601, or as Shopify writes it; without a zone it is UTC. */
  placedAt: column,
  customerId: column,
  sku: column,
  quantity: column,
  /** Of one unit. */
  price: column,
  /** When the order was cancelled, or this line of it; empty: it was not. */
  cancelledAt: column,
  /** Decimals of the price's currency, 2 for most: 12.50 are 1250 minor units. */
  decimals: z.number().int().min(0).max(4).default(2),
})
export type ColumnMap = z.output<typeof columnMap>

/** Exports that are known. */
export const presets = {
  shopify: {
    orderId: 'Name',
    placedAt: 'Created at',
    customerId: 'Email',
    sku: 'Lineitem sku',
    quantity: 'Lineitem quantity',
    price: 'Lineitem price',
    cancelledAt: 'Cancelled at',
    decimals: 2,
  },
} as const satisfies Record<string, ColumnMap>
