import { describe, expect, it } from 'vitest'
import { expectSound, settings } from './checked.ts'
import { newsFromShopify, placedFromShopify, requestFromShopify } from './shopify.ts'

/** Prices without tax, a code for the whole order that is spread over its lines, a gift card beside the card, a tip, a digital line. */
const order = {
  ...{ id: 6100200300, currency: 'USD', created_at: '2026-11-20T09:00:00-05:00', taxes_included: false },
  ...{ total_price: '72.27', total_tax: '4.77', total_discounts: '7.50', total_tip_received: '5.00' },
  customer: { id: 71001, email: 'someone@example.com' },
  ...{ billing_address: { country_code: 'US' }, shipping_address: { country_code: 'US' }, cancelled_at: null },
  original_total_duties_set: null,
  line_items: [
    {
      ...{
        id: 14001,
        sku: 'MUG-BLUE',
        variant_id: 41001,
        quantity: 3,
        price: '15.00',
        gift_card: false,
        requires_shipping: true,
      },
      discount_allocations: [{ amount: '4.50', discount_application_index: 0 }],
      tax_lines: [{ price: '3.34', rate: 0.0825, title: 'State' }],
    },
    {
      ...{
        id: 14002,
        sku: '',
        variant_id: 41002,
        quantity: 1,
        price: '20.00',
        gift_card: false,
        requires_shipping: true,
      },
      discount_allocations: [{ amount: '3.00', discount_application_index: 0 }],
      tax_lines: [{ price: '1.43', rate: 0.0825, title: 'State' }],
    },
    {
      ...{
        id: 14003,
        sku: 'GUIDE-PDF',
        variant_id: 41003,
        quantity: 1,
        price: '0.00',
        gift_card: false,
        requires_shipping: false,
      },
      ...{ discount_allocations: [], tax_lines: [] },
    },
  ],
  shipping_lines: [{ price: '9.00', discount_allocations: [{ amount: '4.00' }], tax_lines: [] }],
}
const transactions = [
  {
    id: 501,
    kind: 'authorization',
    status: 'success',
    gateway: 'shopify_payments',
    amount: '42.27',
    authorization: 'ch_1',
  },
  {
    id: 502,
    kind: 'capture',
    status: 'success',
    gateway: 'shopify_payments',
    amount: '42.27',
    authorization: 'ch_1',
    payment_id: null,
  },
  { id: 503, kind: 'sale', status: 'success', gateway: 'gift_card', amount: '25.00', authorization: null },
  { id: 504, kind: 'sale', status: 'failure', gateway: 'shopify_payments', amount: '42.27', authorization: null },
  { id: 505, kind: 'sale', status: 'success', gateway: 'shopify_store_credit', amount: '5.00', authorization: null },
]

/** Both currencies of an amount: a yen of the customer's is half a cent of the shop's. */
const inYen = (usd: string) => ({
  shop_money: { amount: usd, currency_code: 'USD' },
  presentment_money: { amount: String(Number(usd) * 200), currency_code: 'JPY' },
})

describe('an order of Shopify in a currency of the customer', () => {
  const [mug] = order.line_items
  const { total_tip_received: _, ...noTip } = order
  const abroad = {
    ...{ ...noTip, presentment_currency: 'JPY', total_price: '45.00', total_price_set: inYen('45.00') },
    line_items: [
      {
        ...{ ...mug, price_set: inYen('15.00'), tax_lines: [] },
        discount_allocations: [{ amount: '4.50', amount_set: inYen('4.50') }],
      },
    ],
    shipping_lines: [{ price: '4.50', price_set: inYen('4.50'), discount_allocations: [], tax_lines: [] }],
  }
  const paid = { id: 1, kind: 'sale', status: 'success', gateway: 'shopify_payments', amount: '9000', currency: 'JPY' }

  it('is mapped in what the customer paid in, and so is its money', () => {
    const placed = placedFromShopify(abroad, [paid], settings)
    expectSound(placed, 9000)
    expect(placed).toMatchObject({
      ...{ currency: 'JPY', shippingAmount: 900, tenders: [{ amount: 9000 }] },
      lines: [{ unitAmount: 3000, discountAmount: 900 }],
    })
  })

  it('is refused in words when something of it is told in the shop’s currency alone', () => {
    const inDollars = { ...paid, amount: '45.00', currency: 'USD' }
    expect(() => placedFromShopify(abroad, [inDollars], settings)).toThrow(
      'expected transaction 1 of order 6100200300 in JPY, which its customer paid in, got USD',
    )
    const tipped = { ...abroad, total_tip_received: '5.00' }
    expect(() => placedFromShopify(tipped, [paid], settings)).toThrow(
      'expected the tip of order 6100200300 in JPY, which its customer paid in, got it in USD alone',
    )
  })
})

describe('an order of Shopify', () => {
  it('with prices without tax, a spread discount, gift card, store credit and tip', () => {
    const placed = placedFromShopify(order, transactions, settings)
    expectSound(placed, 7227)
    expect(placed).toMatchObject({
      ...{ orderId: '6100200300', customerId: '71001', market: 'US', currency: 'USD', shippingAmount: 500 },
      lines: [
        { lineId: '14001', sku: 'MUG-BLUE', quantity: 3, unitAmount: 1500, discountAmount: 450, taxAmount: 334 },
        { lineId: '14002', sku: 'variant-41002', unitAmount: 2000, discountAmount: 300, taxAmount: 143 },
        { lineId: '14003', kind: 'digital', unitAmount: 0 },
        { lineId: 'tip', kind: 'fee', unitAmount: 500 },
      ],
      tenders: [
        { tenderId: '502', channel: 'sandbox-card', amount: 4227, paymentRef: 'ch_1' },
        { tenderId: '503', channel: 'gift-card', amount: 2500 },
        { tenderId: '505', channel: 'store-credit', amount: 500 },
      ],
    })
  })

  it('of a guest, with prices that hold their tax, rounded for cash', () => {
    const [line] = order.line_items
    const gross = {
      ...order,
      ...{ taxes_included: true, customer: null, total_tip_received: '0.00', currency: 'CHF', total_price: '45.50' },
      line_items: [line],
      shipping_lines: [{ price: '5.00', tax_lines: [{ price: '0.37' }] }],
      total_cash_rounding_payment_adjustment_set: { shop_money: { amount: '0.00', currency_code: 'CHF' } },
    }
    const taken = [{ ...transactions[1], amount: '45.50' }]
    const placed = placedFromShopify(gross, taken, settings)
    expectSound(placed, 4550)
    expect(placed.lines[0]).toMatchObject({ taxAmount: 0, includedTaxAmount: 334 })
    expect(placed).not.toHaveProperty('customerId')
    const rounded = { ...gross, total_cash_rounding_payment_adjustment_set: { shop_money: { amount: '0.02' } } }
    expect(placedFromShopify(rounded, [{ ...taken[0], amount: '45.52' }], settings).roundingAmount).toBe(2)
  })

  it('that is only authorized is none yet', () => {
    expect(() => placedFromShopify(order, transactions.slice(0, 1), settings)).toThrow(
      'expected tenders that add up to 7227, got 0',
    )
  })

  it('that lacks something says what', () => {
    expect(() => placedFromShopify({ ...order, line_items: 'none' }, [], settings)).toThrow(
      'Shopify order: line_items: expected a list',
    )
  })
})

describe('a webhook of Shopify', () => {
  const fulfillment = {
    ...{
      id: 9001,
      order_id: 6100200300,
      status: 'success',
      shipment_status: 'in_transit',
      updated_at: '2026-11-21T09:00:00-05:00',
    },
    ...{ tracking_company: 'DHL Express', tracking_number: 'JD01', line_items: [{ id: 14001, quantity: 3 }] },
  }

  it('about a fulfillment is news of a parcel', () => {
    expect(newsFromShopify(fulfillment, settings)).toEqual({
      ...{
        shipmentId: '9001',
        orderId: '6100200300',
        carrier: 'sandbox',
        trackingNumber: 'JD01',
        status: 'in-transit',
      },
      ...{ at: '2026-11-21T09:00:00-05:00', lineIds: ['14001'] },
    })
    expect(newsFromShopify({ ...fulfillment, shipment_status: null }, settings)?.status).toBe('label-created')
    expect(newsFromShopify({ ...fulfillment, status: 'cancelled' }, settings)).toBe(undefined)
  })

  it('about a cancelled order is one request, however often it comes', () => {
    const data = { ...order, cancelled_at: '2026-11-20T10:00:00Z', cancel_reason: 'inventory' }
    expect(requestFromShopify(data, settings)).toMatchObject({
      ...{ orderId: '6100200300', requestId: 'shopify-6100200300-cancelled' },
      ...{ initiator: { kind: 'merchant', id: 'mer-3' }, reason: { code: 'out-of-stock' } },
    })
  })
})
