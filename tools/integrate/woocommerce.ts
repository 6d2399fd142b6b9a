import type { CancelRequested, PlacedOrder, ShipmentUpdated } from '@countermand/contracts'
import { z } from 'zod'
import {
  carrierOf,
  newsFrom,
  orderIdOf,
  placedFrom,
  readShop,
  requestFrom,
  type ShopSettings,
  type SoldLine,
  shopId,
} from './assemble.ts'
import { decimal, minorUnits, spread } from './money.ts'

/** WooCommerce's REST API v3: orders, and parcels of its extension Shipment Tracking. See docs/integrate/woocommerce.md. */

const taxed = { total: decimal, total_tax: decimal }

const order = z.object({
  id: shopId,
  currency: z.string(),
  date_created_gmt: z.string(),
  /** 0: a guest. */
  customer_id: z.int(),
  total: decimal,
  shipping_total: decimal,
  shipping_tax: decimal,
  payment_method: z.string(),
  transaction_id: z.string().optional(),
  billing: z.object({ country: z.string().optional() }).optional(),
  shipping: z.object({ country: z.string().optional() }).optional(),
  line_items: z.array(
    z.object({
      id: shopId,
      sku: z.string().optional(),
      product_id: z.int(),
      variation_id: z.int().optional(),
      quantity: z.int(),
      subtotal: decimal,
      ...taxed,
    }),
  ),
  fee_lines: z.array(z.object({ id: shopId, ...taxed })).default([]),
  /** Of the extension Gift Cards: they pay a part of the total, which is told without it. */
  gift_cards: z.array(z.object({ id: shopId, code: z.string(), amount: decimal })).default([]),
})
type WooOrder = z.infer<typeof order>

/** Totals are without tax, whatever the shop shows; tax is always beside them. */
const goodsOf = (from: WooOrder): SoldLine[] =>
  from.line_items.map(({ id, sku, product_id, variation_id, quantity, subtotal, total, total_tax }) => ({
    ...{ lineId: id, quantity, sku: sku || `product-${variation_id || product_id}` },
    listPrice: Math.ceil(minorUnits(subtotal, from.currency) / quantity),
    ...{ price: minorUnits(total, from.currency), tax: minorUnits(total_tax, from.currency) },
  }))

const feesOf = (from: WooOrder): SoldLine[] =>
  from.fee_lines.map(({ id, total, total_tax }) => ({
    ...{ lineId: `fee-${id}`, kind: 'fee' as const, quantity: 1 },
    ...{ price: minorUnits(total, from.currency), tax: minorUnits(total_tax, from.currency) },
  }))

/** A fee of less than nothing is a discount of the whole order: each line has its part. */
const withDiscounts = (goods: readonly SoldLine[], fees: readonly SoldLine[]): SoldLine[] => {
  const discounts = fees.filter(({ price }) => price < 0)
  const off = (of: 'price' | 'tax') =>
    spread(
      discounts.reduce((sum, fee) => sum + fee[of], 0),
      goods.map((line) => line.price),
    )
  const [prices, taxes] = [off('price'), off('tax')]
  const lines = goods.map((line, place) => ({
    ...line,
    price: line.price + (prices[place] ?? 0),
    tax: line.tax + (taxes[place] ?? 0),
  }))
  return [...lines, ...fees.filter(({ price }) => price >= 0)]
}

/** `order.placed.v1` of an order that is paid (`processing`), or to be paid at the door. */
export const placedFromWooCommerce = (data: unknown, settings: ShopSettings): PlacedOrder => {
  const from = readShop(order, data, 'WooCommerce order')
  const { id, currency, payment_method: gateway, transaction_id: transaction } = from
  const cards = from.gift_cards.map((card) => ({
    ...{ id: `gift-card-${card.id}`, gateway: 'gift_card', ref: card.code },
    amount: minorUnits(card.amount, currency),
  }))
  const rest = minorUnits(from.total, currency)
  return placedFrom(settings, {
    ...{ id, customerId: from.customer_id === 0 ? undefined : String(from.customer_id), currency },
    ...{ country: from.shipping?.country || from.billing?.country || undefined, placedAt: `${from.date_created_gmt}Z` },
    lines: withDiscounts(goodsOf(from), feesOf(from)),
    shipping: { price: minorUnits(from.shipping_total, currency), tax: minorUnits(from.shipping_tax, currency) },
    total: rest + cards.reduce((sum, { amount }) => sum + amount, 0),
    payments: [...cards, { id: 'payment', gateway, amount: rest, ref: gateway === 'cod' ? '' : transaction || id }],
  })
}

const tracking = z.object({
  tracking_id: z.string(),
  tracking_provider: z.string(),
  tracking_number: z.string(),
  date_shipped: z.string(),
})

/** `shipment.updated.v1` of a tracking that was added to an order: the parcel left. It holds the whole order. */
export const newsFromWooCommerce = (orderId: string, data: unknown, settings: ShopSettings): ShipmentUpdated => {
  const from = readShop(tracking, data, 'WooCommerce shipment tracking')
  return newsFrom({
    ...{ shipmentId: from.tracking_id, orderId: orderIdOf(settings, orderId), status: 'handed-over' },
    ...{ carrier: carrierOf(settings, from.tracking_provider), trackingNumber: from.tracking_number },
    at: `${from.date_shipped}T00:00:00Z`,
  })
}

const cancelled = z.object({ id: shopId, status: z.literal('cancelled'), date_modified_gmt: z.string() })

/** `order.cancel.requested.v1` of `order.updated` whose status is `cancelled`. WooCommerce gives no money back by that. */
export const requestFromWooCommerce = (data: unknown, settings: ShopSettings): CancelRequested => {
  const { id, date_modified_gmt: at } = readShop(cancelled, data, 'WooCommerce order')
  return requestFrom({
    ...{ orderId: orderIdOf(settings, id), requestId: `woocommerce-${id}-cancelled`, requestedAt: `${at}Z` },
    initiator: { kind: 'merchant', id: settings.merchantId },
    reason: { code: 'other' },
  })
}
