import type { CancelRequested, PlacedOrder, ShipmentStatus, ShipmentUpdated } from '@countermand/contracts'
import { z } from 'zod'
import {
  carrierOf,
  newsFrom,
  orderIdOf,
  type Payment,
  placedFrom,
  readShop,
  requestFrom,
  type ShopSettings,
  type SoldLine,
  shopId,
} from './assemble.ts'
import { type Decimal, decimal, minorUnits } from './money.ts'

/** Shopify's Admin REST API: orders with their transactions, fulfillments, and the webhook `orders/cancelled`. See docs/integrate/shopify.md. */

/** An amount in the shop's currency, and in the one that the customer paid in. */
const moneySet = z.object({
  shop_money: z.object({ amount: decimal }),
  presentment_money: z.object({ amount: decimal }).optional(),
})
type MoneySet = z.infer<typeof moneySet>
const set = moneySet.optional()
const taxLines = z.array(z.object({ price: decimal, price_set: set })).default([])
const allocations = z.array(z.object({ amount: decimal, amount_set: set })).default([])

const order = z.object({
  id: shopId,
  currency: z.string(),
  /** What the customer paid in. */
  presentment_currency: z.string().optional(),
  created_at: z.string(),
  taxes_included: z.boolean(),
  total_price: decimal,
  total_price_set: set,
  customer: z.object({ id: shopId }).optional(),
  billing_address: z.object({ country_code: z.string().optional() }).optional(),
  shipping_address: z.object({ country_code: z.string().optional() }).optional(),
  total_tip_received: decimal.optional(),
  original_total_duties_set: moneySet.optional(),
  original_total_additional_fees_set: moneySet.optional(),
  /** What a sum that is paid in coins was rounded by. */
  total_cash_rounding_payment_adjustment_set: moneySet.optional(),
  line_items: z.array(
    z.object({
      id: shopId,
      sku: z.string().optional(),
      variant_id: shopId.optional(),
      quantity: z.int(),
      price: decimal,
      price_set: set,
      gift_card: z.boolean().default(false),
      requires_shipping: z.boolean().default(true),
      discount_allocations: allocations,
      tax_lines: taxLines,
    }),
  ),
  shipping_lines: z
    .array(z.object({ price: decimal, price_set: set, discount_allocations: allocations, tax_lines: taxLines }))
    .default([]),
})
type ShopifyOrder = z.infer<typeof order>

const transaction = z.object({
  id: shopId,
  kind: z.string(),
  status: z.string(),
  gateway: z.string(),
  amount: decimal,
  currency: z.string().optional(),
  payment_id: z.string().optional(),
  authorization: z.string().optional(),
})

/** Money that moved to the shop. An authorization alone is none. */
const captured: ReadonlySet<string> = new Set(['sale', 'capture'])

/** What money is given back in: what the customer paid in. */
const currencyOf = ({ currency, presentment_currency = currency }: ShopifyOrder): string => presentment_currency

/** An amount of an order in that currency, in minor units. Throws where Shopify has not said it. */
const amountIn = (from: ShopifyOrder, what: string, plain: Decimal | undefined, both: MoneySet | undefined): number => {
  const currency = currencyOf(from)
  if (currency === from.currency) return minorUnits(plain ?? both?.shop_money.amount ?? 0, currency)
  const amount = both?.presentment_money?.amount
  if (amount !== undefined) return minorUnits(amount, currency)
  if (minorUnits(plain ?? 0, from.currency) === 0) return 0
  throw new Error(
    `expected ${what} of order ${from.id} in ${currency}, which its customer paid in, got it in ${from.currency} alone`,
  )
}

type Priced = { readonly price: Decimal; readonly price_set?: MoneySet | undefined }

const pricesOf = (from: ShopifyOrder, what: string, lines: readonly Priced[]): number =>
  lines.reduce((sum, { price, price_set }) => sum + amountIn(from, what, price, price_set), 0)

const discountsOf = (
  from: ShopifyOrder,
  { discount_allocations: parts }: Pick<ShopifyOrder['line_items'][number], 'discount_allocations'>,
): number => parts.reduce((sum, { amount, amount_set }) => sum + amountIn(from, 'a discount', amount, amount_set), 0)

const lineOf = (line: ShopifyOrder['line_items'][number], from: ShopifyOrder): SoldLine => {
  const listPrice = pricesOf(from, `the price of line ${line.id}`, [line])
  const tax = pricesOf(from, `the tax of line ${line.id}`, line.tax_lines)
  const isGoods = line.requires_shipping && !line.gift_card
  // A line without a SKU is known by its variant: so it is to inventory.
  const sku = line.sku || (line.variant_id === undefined ? undefined : `variant-${line.variant_id}`)
  return {
    ...{ lineId: line.id, quantity: line.quantity, listPrice },
    price: listPrice * line.quantity - discountsOf(from, line),
    ...(sku !== undefined && { sku }),
    ...(!isGoods && { kind: 'digital' as const }),
    ...(from.taxes_included ? { tax: 0, includedTax: tax } : { tax }),
  }
}

/** What is paid beside lines and shipping. */
const feesOf = (from: ShopifyOrder): SoldLine[] => {
  const { original_total_duties_set: duties, original_total_additional_fees_set: fees } = from
  const prices = {
    tip: amountIn(from, 'the tip', from.total_tip_received, undefined),
    duties: amountIn(from, 'the duties', duties?.shop_money.amount, duties),
    'additional-fees': amountIn(from, 'the fees', fees?.shop_money.amount, fees),
  }
  return Object.entries(prices).flatMap(([lineId, price]) =>
    price > 0 ? [{ lineId, kind: 'fee' as const, quantity: 1, price, tax: 0 }] : [],
  )
}

const shippingOf = (from: ShopifyOrder) => {
  const lines = from.shipping_lines
  const taxes = lines.flatMap((line) => line.tax_lines)
  return {
    price: pricesOf(from, 'the shipping', lines) - lines.reduce((sum, each) => sum + discountsOf(from, each), 0),
    tax: from.taxes_included ? 0 : pricesOf(from, 'the tax of the shipping', taxes),
  }
}

const paymentsOf = (from: ShopifyOrder, transactions: unknown): Payment[] => {
  const currency = currencyOf(from)
  const taken = readShop(z.array(transaction), transactions, 'Shopify transactions').filter(
    ({ kind, status }) => captured.has(kind) && status === 'success',
  )
  const other = taken.find((each) => (each.currency ?? from.currency) !== currency)
  if (other !== undefined)
    throw new Error(
      `expected transaction ${other.id} of order ${from.id} in ${currency}, which its customer paid in, got ${other.currency ?? `no currency, which is ${from.currency}`}`,
    )
  return taken.map(({ id, gateway, amount, payment_id, authorization }) => ({
    ...{ id, gateway, amount: minorUnits(amount, currency), ref: payment_id ?? authorization ?? id },
  }))
}

/** `order.placed.v1` of an order and its transactions (`/orders/{id}/transactions.json`), once it is paid (`orders/paid`). */
export const placedFromShopify = (data: unknown, transactions: unknown, settings: ShopSettings): PlacedOrder => {
  const from = readShop(order, data, 'Shopify order')
  const rounding = from.total_cash_rounding_payment_adjustment_set
  return placedFrom(settings, {
    ...{ id: from.id, customerId: from.customer?.id, currency: currencyOf(from), placedAt: from.created_at },
    country: from.shipping_address?.country_code ?? from.billing_address?.country_code,
    lines: [...from.line_items.map((line) => lineOf(line, from)), ...feesOf(from)],
    shipping: shippingOf(from),
    total:
      amountIn(from, 'the total', from.total_price, from.total_price_set) +
      amountIn(from, 'the rounding', rounding?.shop_money.amount, rounding),
    payments: paymentsOf(from, transactions),
  })
}

const fulfillment = z.object({
  id: shopId,
  order_id: shopId,
  status: z.string(),
  shipment_status: z.string().optional(),
  tracking_company: z.string().optional(),
  tracking_number: z.string().optional(),
  updated_at: z.string(),
  line_items: z.array(z.object({ id: shopId })).default([]),
})

/** What Shopify says of a parcel; of any other word, its label was made. */
const statuses: Readonly<Record<string, ShipmentStatus>> = {
  ...{ confirmed: 'handed-over', in_transit: 'in-transit', out_for_delivery: 'out-for-delivery' },
  ...{ attempted_delivery: 'out-for-delivery', delivered: 'delivered', failure: 'returning' },
}

/** `shipment.updated.v1` of `fulfillments/create` and `fulfillments/update`; `undefined`: it was cancelled before anything left. */
export const newsFromShopify = (data: unknown, settings: ShopSettings): ShipmentUpdated | undefined => {
  const from = readShop(fulfillment, data, 'Shopify fulfillment')
  if (from.status === 'cancelled' || from.status === 'error') return undefined
  return newsFrom({
    ...{ shipmentId: from.id, orderId: orderIdOf(settings, from.order_id), at: from.updated_at },
    ...{ carrier: carrierOf(settings, from.tracking_company), trackingNumber: from.tracking_number ?? from.id },
    status: statuses[from.shipment_status ?? ''] ?? 'label-created',
    lineIds: from.line_items.map(({ id }) => id),
  })
}

const cancelled = z.object({ id: shopId, cancelled_at: z.string(), cancel_reason: z.string().optional() })

const reasons: Readonly<Record<string, CancelRequested['reason']['code']>> = {
  ...{ customer: 'changed-mind', fraud: 'fraud-suspected', inventory: 'out-of-stock', declined: 'payment-declined' },
}

/** `order.cancel.requested.v1` of `orders/cancelled`, where the shop leaves refund and stock to Countermand. */
export const requestFromShopify = (data: unknown, settings: ShopSettings): CancelRequested => {
  const { id, cancelled_at: requestedAt, cancel_reason: why = 'other' } = readShop(cancelled, data, 'Shopify order')
  return requestFrom({
    ...{ orderId: orderIdOf(settings, id), requestId: `shopify-${id}-cancelled`, requestedAt },
    initiator: { kind: why === 'customer' ? 'customer' : 'merchant', id: settings.merchantId },
    reason: { code: reasons[why] ?? 'other' },
  })
}
