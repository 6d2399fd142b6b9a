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

/** Magento 2 (Adobe Commerce), REST: `/V1/orders/{id}` and `/V1/shipment/{id}`. See docs/integrate/magento.md. */

const amount = decimal.default(0)

const item = z.object({
  item_id: shopId,
  parent_item_id: shopId.optional(),
  sku: z.string(),
  product_type: z.string(),
  qty_ordered: z.number(),
  price: decimal,
  row_total: amount,
  tax_amount: amount,
  discount_amount: amount,
  /** The tax that a discount of a price with tax took along. */
  discount_tax_compensation_amount: amount,
})
type Item = z.infer<typeof item>

const order = z.object({
  entity_id: shopId,
  increment_id: z.string(),
  customer_id: shopId.optional(),
  order_currency_code: z.string(),
  created_at: z.string(),
  grand_total: decimal,
  shipping_amount: amount,
  shipping_tax_amount: amount,
  shipping_discount_amount: amount,
  shipping_discount_tax_compensation_amount: amount,
  items: z.array(item),
  payment: z.object({ method: z.string(), last_trans_id: z.string().optional(), cc_trans_id: z.string().optional() }),
  billing_address: z.object({ country_id: z.string() }).optional(),
  /** Of Adobe Commerce: what the grand total does not hold any more. */
  extension_attributes: z
    .object({
      gift_cards: z.array(z.object({ id: shopId, code: z.string().optional(), amount: decimal })).default([]),
      customer_balance_amount: amount,
      /** Reward points, by what they were worth. */
      reward_currency_amount: amount,
      /** Gift wrapping: of the order, of its items, and a printed card. */
      ...{ gw_price: amount, gw_items_price: amount, gw_card_price: amount },
      ...{ gw_tax_amount: amount, gw_items_tax_amount: amount, gw_card_tax_amount: amount },
    })
    .optional(),
})
type MagentoOrder = z.infer<typeof order>

/** `2026-11-20 09:00:00`, which is UTC. */
const utc = (text: string): string => `${text.replace(' ', 'T')}Z`

const digital: ReadonlySet<string> = new Set(['virtual', 'downloadable', 'giftcard'])

/** What is sold: of a configurable product its parent has the price, of a bundle whose parts have prices of their own, they have. */
const soldItems = ({ items }: MagentoOrder): Item[] => {
  const children = Map.groupBy(items, (each) => each.parent_item_id)
  const byParts = (each: Item): boolean =>
    each.product_type === 'bundle' && (children.get(each.item_id) ?? []).some((part) => Number(part.row_total) > 0)
  const parents = new Map(items.map((each) => [each.item_id, each]))
  return items.filter((each) => {
    const parent = each.parent_item_id === undefined ? undefined : parents.get(each.parent_item_id)
    return parent === undefined ? !byParts(each) : byParts(parent)
  })
}

const lineOf = (each: Item, currency: string): SoldLine => {
  const of = (what: Exclude<keyof Item, 'item_id' | 'parent_item_id' | 'sku' | 'product_type' | 'qty_ordered'>) =>
    minorUnits(each[what], currency)
  return {
    ...{ lineId: each.item_id, sku: each.sku, quantity: each.qty_ordered, listPrice: of('price') },
    ...(digital.has(each.product_type) && { kind: 'digital' as const }),
    price: of('row_total') - of('discount_amount'),
    tax: of('tax_amount') + of('discount_tax_compensation_amount'),
  }
}

/** Gift wrapping, which no item has in its price. */
const wrappingsOf = ({ extension_attributes: more, order_currency_code: currency }: MagentoOrder): SoldLine[] => {
  const wrappings = {
    'gift-wrapping': [more?.gw_price, more?.gw_tax_amount],
    'gift-wrapping-of-items': [more?.gw_items_price, more?.gw_items_tax_amount],
    'gift-card-printed': [more?.gw_card_price, more?.gw_card_tax_amount],
  } as const
  return Object.entries(wrappings).flatMap(([lineId, [net = 0, withTax = 0]]) => {
    const [price, tax] = [minorUnits(net, currency), minorUnits(withTax, currency)]
    return price > 0 ? [{ lineId, kind: 'fee' as const, quantity: 1, price, tax }] : []
  })
}

const paymentsOf = (from: MagentoOrder): Payment[] => {
  const { payment, extension_attributes: more, order_currency_code: currency } = from
  const cards = (more?.gift_cards ?? []).map((card) => ({
    ...{ id: `gift-card-${card.id}`, gateway: 'giftcard', ref: card.code ?? card.id },
    amount: minorUnits(card.amount, currency),
  }))
  const isAtTheDoor = payment.method === 'cashondelivery'
  return [
    ...cards,
    {
      ...{ id: 'store-credit', gateway: 'customerbalance', ref: from.customer_id ?? from.entity_id },
      amount: minorUnits(more?.customer_balance_amount ?? 0, currency),
    },
    {
      ...{ id: 'reward-points', gateway: 'rewardpoints', ref: from.customer_id ?? from.entity_id },
      amount: minorUnits(more?.reward_currency_amount ?? 0, currency),
    },
    {
      ...{ id: 'payment', gateway: payment.method, amount: minorUnits(from.grand_total, currency) },
      ref: isAtTheDoor ? '' : (payment.last_trans_id ?? payment.cc_trans_id ?? from.entity_id),
    },
  ]
}

/** `order.placed.v1` of an order that is paid (`processing`), or to be paid at the door. */
export const placedFromMagento = (data: unknown, settings: ShopSettings): PlacedOrder => {
  const from = readShop(order, data, 'Magento order')
  const currency = from.order_currency_code
  const payments = paymentsOf(from)
  return placedFrom(settings, {
    ...{ id: from.increment_id, customerId: from.customer_id, currency, placedAt: utc(from.created_at) },
    ...{ country: from.billing_address?.country_id, payments },
    lines: [...soldItems(from).map((each) => lineOf(each, currency)), ...wrappingsOf(from)],
    shipping: {
      price: minorUnits(from.shipping_amount, currency) - minorUnits(from.shipping_discount_amount, currency),
      tax:
        minorUnits(from.shipping_tax_amount, currency) +
        minorUnits(from.shipping_discount_tax_compensation_amount, currency),
    },
    total: payments.reduce((sum, each) => sum + each.amount, 0),
  })
}

const shipment = z.object({
  increment_id: z.string(),
  created_at: z.string(),
  items: z.array(z.object({ order_item_id: shopId })),
  tracks: z.array(z.object({ track_number: z.string(), carrier_code: z.string() })).default([]),
})

/** `shipment.updated.v1` of a shipment that was made for the order of this increment id: the parcel left. */
export const newsFromMagento = (orderId: string, data: unknown, settings: ShopSettings): ShipmentUpdated => {
  const { increment_id: shipmentId, created_at, items, tracks } = readShop(shipment, data, 'Magento shipment')
  const [track] = tracks
  return newsFrom({
    ...{ shipmentId, orderId: orderIdOf(settings, orderId), status: 'handed-over', at: utc(created_at) },
    ...{ carrier: carrierOf(settings, track?.carrier_code), trackingNumber: track?.track_number ?? shipmentId },
    lineIds: items.map(({ order_item_id: lineId }) => lineId),
  })
}

const cancelled = z.object({ increment_id: z.string(), state: z.literal('canceled'), updated_at: z.string() })

/** `order.cancel.requested.v1` of an order whose state is `canceled`. */
export const requestFromMagento = (data: unknown, settings: ShopSettings): CancelRequested => {
  const { increment_id: id, updated_at: at } = readShop(cancelled, data, 'Magento order')
  return requestFrom({
    ...{ orderId: orderIdOf(settings, id), requestId: `magento-${id}-canceled`, requestedAt: utc(at) },
    initiator: { kind: 'merchant', id: settings.merchantId },
    reason: { code: 'other' },
  })
}
