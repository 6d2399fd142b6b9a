import type { CancelRequested, PlacedOrder, ShipmentUpdated } from '@countermand/contracts'
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
import { decimal, minorUnits } from './money.ts'

/** Medusa 2: orders and fulfillments of its Admin API, whose amounts are in major units. See docs/integrate/medusa.md. */

const taxed = { total: decimal, tax_total: decimal.default(0) }

const order = z.object({
  id: shopId,
  customer_id: z.string().optional(),
  currency_code: z.string(),
  created_at: z.string(),
  total: decimal,
  items: z.array(
    z.object({
      id: shopId,
      variant_sku: z.string().optional(),
      variant_id: z.string().optional(),
      quantity: z.int(),
      unit_price: decimal,
      is_tax_inclusive: z.boolean().default(false),
      requires_shipping: z.boolean().default(true),
      is_giftcard: z.boolean().default(false),
      ...taxed,
    }),
  ),
  shipping_methods: z.array(z.object(taxed)).default([]),
  shipping_address: z.object({ country_code: z.string().optional() }).optional(),
  payment_collections: z
    .array(
      z.object({
        payments: z.array(
          z.object({
            id: shopId,
            provider_id: z.string(),
            data: z.looseObject({ id: z.string().optional() }).optional(),
            captures: z.array(z.object({ amount: decimal })).default([]),
          }),
        ),
      }),
    )
    .default([]),
  /** Gift cards and store credit; they are taken off the total. */
  credit_lines: z
    .array(
      z.object({ id: shopId, amount: decimal, reference: z.string().optional(), reference_id: z.string().optional() }),
    )
    .default([]),
})
type MedusaOrder = z.infer<typeof order>

const linesOf = ({ items, currency_code }: MedusaOrder, currency = currency_code.toUpperCase()): SoldLine[] =>
  items.map((item) => {
    const tax = minorUnits(item.tax_total, currency)
    const total = minorUnits(item.total, currency)
    const sku = item.variant_sku || (item.variant_id ?? undefined)
    return {
      ...{ lineId: item.id, quantity: item.quantity, listPrice: minorUnits(item.unit_price, currency) },
      ...(sku !== undefined && { sku }),
      ...(item.requires_shipping && !item.is_giftcard ? {} : { kind: 'digital' as const }),
      ...(item.is_tax_inclusive ? { price: total, tax: 0, includedTax: tax } : { price: total - tax, tax }),
    }
  })

const capturesOf = (from: MedusaOrder, currency: string): Payment[] =>
  from.payment_collections
    .flatMap(({ payments }) => payments)
    .map(({ id, provider_id: gateway, data, captures }) => ({
      ...{ id, gateway, ref: data?.id ?? id },
      amount: captures.reduce((sum, { amount }) => sum + minorUnits(amount, currency), 0),
    }))

/** `order.placed.v1` of an order that is paid (`payment.captured`). Ask for its items, shipping methods, payments and credit lines with `fields`. */
export const placedFromMedusa = (data: unknown, settings: ShopSettings): PlacedOrder => {
  const from = readShop(order, data, 'Medusa order')
  const currency = from.currency_code.toUpperCase()
  const credits = from.credit_lines.map(({ id, amount, reference = 'credit', reference_id }) => ({
    ...{ id, gateway: reference, amount: minorUnits(amount, currency), ref: reference_id ?? id },
  }))
  return placedFrom(settings, {
    ...{ id: from.id, customerId: from.customer_id, currency, placedAt: from.created_at },
    ...{ country: from.shipping_address?.country_code?.toUpperCase(), lines: linesOf(from) },
    shipping: {
      price: from.shipping_methods.reduce((sum, { total }) => sum + minorUnits(total, currency), 0),
      tax: 0,
    },
    total: minorUnits(from.total, currency) + credits.reduce((sum, { amount }) => sum + amount, 0),
    payments: [...capturesOf(from, currency), ...credits],
  })
}

const fulfillment = z.object({
  id: shopId,
  provider_id: z.string().optional(),
  created_at: z.string(),
  shipped_at: z.string().optional(),
  delivered_at: z.string().optional(),
  canceled_at: z.string().optional(),
  labels: z.array(z.object({ tracking_number: z.string() })).default([]),
  items: z.array(z.object({ line_item_id: z.string().optional() })).default([]),
})

/** `shipment.updated.v1` of a fulfillment (`order.fulfillment_created`, `shipment.created`, `delivery.created`); `undefined`: it was cancelled. */
export const newsFromMedusa = (orderId: string, data: unknown, settings: ShopSettings): ShipmentUpdated | undefined => {
  const from = readShop(fulfillment, data, 'Medusa fulfillment')
  if (from.canceled_at !== undefined) return undefined
  const status = from.delivered_at ? 'delivered' : from.shipped_at ? 'handed-over' : 'label-created'
  const lineIds = from.items.flatMap(({ line_item_id: lineId }) => lineId ?? [])
  return newsFrom({
    ...{ shipmentId: from.id, orderId: orderIdOf(settings, orderId), status },
    at: from.delivered_at ?? from.shipped_at ?? from.created_at,
    carrier: carrierOf(settings, from.provider_id),
    trackingNumber: from.labels[0]?.tracking_number ?? from.id,
    ...(lineIds.length > 0 && { lineIds }),
  })
}

const cancelled = z.object({ id: shopId, canceled_at: z.string() })

/** `order.cancel.requested.v1` of an order that was cancelled (`order.canceled`). */
export const requestFromMedusa = (data: unknown, settings: ShopSettings): CancelRequested => {
  const { id, canceled_at: requestedAt } = readShop(cancelled, data, 'Medusa order')
  return requestFrom({
    ...{ orderId: orderIdOf(settings, id), requestId: `medusa-${id}-canceled`, requestedAt },
    initiator: { kind: 'merchant', id: settings.merchantId },
    reason: { code: 'other' },
  })
}
