import { describe, expect, it } from 'vitest'
import { expectSound, settings } from './checked.ts'
import { newsFromMagento, placedFromMagento, requestFromMagento } from './magento.ts'

const part = { row_total: 0, tax_amount: 0, discount_amount: 0, price: 0 }

/**
 * Prices with tax (so a discount takes tax along), a configurable product, a bundle whose parts have prices, a gift card account and store
 * credit beside the card.
 */
const order = {
  ...{ entity_id: 42, increment_id: '000000042', customer_id: 7, customer_is_guest: 0, state: 'processing' },
  ...{
    order_currency_code: 'EUR',
    base_currency_code: 'EUR',
    created_at: '2026-11-20 09:00:00',
    updated_at: '2026-11-20 09:10:00',
  },
  ...{ grand_total: 60, subtotal: 75.63, discount_amount: -9, shipping_amount: 4.2, shipping_tax_amount: 0.8 },
  ...{ shipping_discount_amount: 0, shipping_discount_tax_compensation_amount: 0 },
  billing_address: { country_id: 'DE' },
  payment: { method: 'adyen_cc', last_trans_id: 'psp-1', amount_paid: 60 },
  extension_attributes: {
    gift_cards: [{ id: 5, code: 'CARD-5', amount: 20, base_amount: 20 }],
    ...{ gift_cards_amount: 20, customer_balance_amount: 6 },
  },
  items: [
    {
      ...{
        item_id: 101,
        product_type: 'configurable',
        sku: 'SHIRT-M',
        qty_ordered: 2,
        price: 21.0084,
        row_total: 42.02,
      },
      ...{ tax_amount: 6.71, discount_amount: 5, discount_tax_compensation_amount: 0.8 },
    },
    { ...part, item_id: 102, parent_item_id: 101, product_type: 'simple', sku: 'SHIRT-M', qty_ordered: 2 },
    {
      ...part,
      item_id: 103,
      product_type: 'bundle',
      sku: 'SET-1',
      qty_ordered: 1,
      price: 33.61,
      row_total: 33.61,
      tax_amount: 0,
    },
    {
      ...{
        item_id: 104,
        parent_item_id: 103,
        product_type: 'simple',
        sku: 'CUP',
        qty_ordered: 2,
        price: 8.4,
        row_total: 16.8,
      },
      ...{ tax_amount: 2.87, discount_amount: 2, discount_tax_compensation_amount: 0.32 },
    },
    {
      ...{ item_id: 105, parent_item_id: 103, product_type: 'virtual', sku: 'WARRANTY', qty_ordered: 1, price: 16.81 },
      ...{ row_total: 16.81, tax_amount: 2.99, discount_amount: 2, discount_tax_compensation_amount: 0.32 },
    },
  ],
}

describe('an order of Magento', () => {
  it('with prices that hold their tax, configurable and bundled products, a gift card and store credit', () => {
    const placed = placedFromMagento({ ...order, grand_total: 59.64 }, settings)
    expectSound(placed, 8564)
    expect(placed).toMatchObject({
      ...{ orderId: '000000042', customerId: '7', market: 'DE', placedAt: '2026-11-20T09:00:00Z' },
      ...{ shippingAmount: 420, shippingTaxAmount: 80 },
      lines: [
        { lineId: '101', sku: 'SHIRT-M', quantity: 2, unitAmount: 2101, discountAmount: 500, taxAmount: 751 },
        { lineId: '104', sku: 'CUP', quantity: 2, unitAmount: 840, discountAmount: 200, taxAmount: 319 },
        { lineId: '105', sku: 'WARRANTY', kind: 'digital', taxAmount: 331 },
      ],
      tenders: [
        { tenderId: 'gift-card-5', channel: 'gift-card', amount: 2000, paymentRef: 'CARD-5' },
        { tenderId: 'store-credit', channel: 'store-credit', amount: 600, paymentRef: '7' },
        { tenderId: 'payment', channel: 'sandbox-card', amount: 5964, paymentRef: 'psp-1' },
      ],
    })
  })

  it('of a guest, paid at the door, with a bundle of one price', () => {
    const { extension_attributes: _, customer_id: __, ...plain } = order
    const [, , bundle] = order.items
    const items = [
      bundle,
      { ...part, item_id: 104, parent_item_id: 103, product_type: 'simple', sku: 'CUP', qty_ordered: 2 },
    ]
    const payment = { method: 'cashondelivery' }
    const placed = placedFromMagento({ ...plain, items, payment, grand_total: 38.61 }, settings)
    expectSound(placed, 3861)
    expect(placed.lines).toMatchObject([{ lineId: '103', sku: 'SET-1', unitAmount: 3361 }])
    expect(placed.tenders).toMatchObject([{ channel: 'cash-on-delivery', paymentRef: '' }])
    expect(placed).not.toHaveProperty('customerId')
  })

  it('with reward points and gift wrapping', () => {
    const more = {
      ...order.extension_attributes,
      ...{ reward_points_balance: 1200, reward_currency_amount: 12, base_reward_currency_amount: 12 },
      ...{ gw_price: '2.5000', gw_tax_amount: '0.4800', gw_items_price: '0.0000', gw_card_price: '1.0000' },
    }
    const placed = placedFromMagento({ ...order, grand_total: 51.62, extension_attributes: more }, settings)
    expectSound(placed, 8962)
    expect(placed.lines.slice(3)).toMatchObject([
      { lineId: 'gift-wrapping', kind: 'fee', unitAmount: 250, taxAmount: 48 },
      { lineId: 'gift-card-printed', kind: 'fee', unitAmount: 100, taxAmount: 0 },
    ])
    expect(placed.tenders).toContainEqual({
      ...{ tenderId: 'reward-points', channel: 'store-credit', amount: 1200, paymentRef: '7' },
    })
    const { rewardpoints: _, ...channels } = settings.channels
    expect(() =>
      placedFromMagento({ ...order, grand_total: 51.62, extension_attributes: more }, { ...settings, channels }),
    ).toThrow('expected a channel for gateway rewardpoints in the settings')
  })

  it('whose total is another than that of its lines is refused', () => {
    expect(() => placedFromMagento({ ...order, grand_total: 70 }, settings)).toThrow('that add up to 9600, got 8564')
  })
})

describe('what else Magento tells', () => {
  it('a shipment is news of a parcel', () => {
    const shipment = {
      ...{ increment_id: '000000009', order_id: 42, created_at: '2026-11-21 09:00:00' },
      items: [{ order_item_id: 101, qty: 2 }],
      tracks: [{ track_number: 'JD01', carrier_code: 'dhl', title: 'DHL' }],
    }
    expect(newsFromMagento('000000042', shipment, settings)).toEqual({
      ...{ shipmentId: '000000009', orderId: '000000042', carrier: 'sandbox', trackingNumber: 'JD01' },
      ...{ status: 'handed-over', at: '2026-11-21T09:00:00Z', lineIds: ['101'] },
    })
  })

  it('a cancelled order is one request', () => {
    expect(requestFromMagento({ ...order, state: 'canceled' }, settings)).toMatchObject({
      ...{ orderId: '000000042', requestId: 'magento-000000042-canceled', requestedAt: '2026-11-20T09:10:00Z' },
    })
  })
})
