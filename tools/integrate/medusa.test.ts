import { describe, expect, it } from 'vitest'
import { expectSound, settings } from './checked.ts'
import { newsFromMedusa, placedFromMedusa, requestFromMedusa } from './medusa.ts'

/** A promotion on one item, prices without and with tax, a digital item, a gift card as credit. */
const order = {
  ...{
    id: 'order_01',
    display_id: 12,
    customer_id: 'cus_01',
    currency_code: 'eur',
    created_at: '2026-11-20T09:00:00.000Z',
  },
  ...{ total: 52.33, tax_total: 8.36, gift_card_total: 0, shipping_address: { country_code: 'de' } },
  items: [
    {
      ...{
        id: 'ordli_1',
        variant_id: 'variant_1',
        variant_sku: 'MUG',
        quantity: 3,
        unit_price: 10,
        is_tax_inclusive: false,
      },
      ...{ requires_shipping: true, discount_total: 3.57, total: 32.13, tax_total: 5.13 },
    },
    {
      ...{
        id: 'ordli_2',
        variant_id: 'variant_2',
        variant_sku: null,
        quantity: 1,
        unit_price: 19.99,
        is_tax_inclusive: true,
      },
      ...{ requires_shipping: true, total: 19.99, tax_total: 3.19 },
    },
    {
      ...{
        id: 'ordli_3',
        variant_id: 'variant_3',
        variant_sku: 'PDF',
        quantity: 1,
        unit_price: 4.27,
        is_tax_inclusive: true,
      },
      ...{ requires_shipping: false, total: 4.27, tax_total: 0.28 },
    },
  ],
  shipping_methods: [{ id: 'osm_1', amount: 5, total: 5.94, tax_total: 0.94 }],
  credit_lines: [{ id: 'ordcl_1', amount: 10, reference: 'gift-card', reference_id: 'GC-1' }],
  payment_collections: [
    {
      payments: [
        {
          ...{
            id: 'pay_01',
            provider_id: 'pp_stripe_stripe',
            amount: 52.33,
            data: { id: 'pi_1', object: 'payment_intent' },
          },
          captures: [
            { id: 'capt_1', amount: 40 },
            { id: 'capt_2', amount: 12.33 },
          ],
        },
      ],
    },
  ],
}

describe('an order of Medusa', () => {
  it('with a promotion, prices without and with tax, a digital item and a gift card', () => {
    const placed = placedFromMedusa(order, settings)
    expectSound(placed, 6233)
    expect(placed).toMatchObject({
      ...{ orderId: 'order_01', customerId: 'cus_01', market: 'DE', currency: 'EUR', shippingAmount: 594 },
      lines: [
        { lineId: 'ordli_1', sku: 'MUG', quantity: 3, unitAmount: 1000, discountAmount: 300, taxAmount: 513 },
        { lineId: 'ordli_2', sku: 'variant_2', unitAmount: 1999, taxAmount: 0, includedTaxAmount: 319 },
        { lineId: 'ordli_3', sku: 'PDF', kind: 'digital', unitAmount: 427 },
      ],
      tenders: [
        { tenderId: 'pay_01', channel: 'sandbox-card', amount: 5233, paymentRef: 'pi_1' },
        { tenderId: 'ordcl_1', channel: 'gift-card', amount: 1000, paymentRef: 'GC-1' },
      ],
    })
  })

  it('of a guest, in a currency without minor units', () => {
    const [item] = order.items
    const yen = {
      ...{ ...order, currency_code: 'jpy', customer_id: null, total: 3213, shipping_methods: [], credit_lines: [] },
      items: [{ ...item, unit_price: 1000, total: 3213, tax_total: 513 }],
      payment_collections: [
        { payments: [{ id: 'pay_02', provider_id: 'pp_stripe_stripe', captures: [{ amount: 3213 }] }] },
      ],
    }
    const placed = placedFromMedusa(yen, settings)
    expectSound(placed, 3213)
    expect(placed).toMatchObject({ currency: 'JPY', tenders: [{ amount: 3213, paymentRef: 'pay_02' }] })
    expect(placed).not.toHaveProperty('customerId')
  })

  it('that is not captured is none yet', () => {
    expect(() => placedFromMedusa({ ...order, payment_collections: [] }, settings)).toThrow(
      'expected tenders that add up to 6233, got 1000',
    )
  })
})

describe('what else Medusa tells', () => {
  it('a fulfillment is news of a parcel', () => {
    const fulfillment = {
      ...{
        id: 'ful_1',
        provider_id: 'dhl',
        created_at: '2026-11-21T08:00:00.000Z',
        shipped_at: null,
        delivered_at: null,
        canceled_at: null,
      },
      ...{ labels: [{ tracking_number: 'JD01' }], items: [{ line_item_id: 'ordli_1', quantity: 3 }] },
    }
    expect(newsFromMedusa('order_01', fulfillment, settings)).toEqual({
      ...{ shipmentId: 'ful_1', orderId: 'order_01', carrier: 'sandbox', trackingNumber: 'JD01' },
      ...{ status: 'label-created', at: '2026-11-21T08:00:00.000Z', lineIds: ['ordli_1'] },
    })
    const shipped = { ...fulfillment, shipped_at: '2026-11-21T09:00:00.000Z' }
    expect(newsFromMedusa('order_01', shipped, settings)).toMatchObject({
      status: 'handed-over',
      at: shipped.shipped_at,
    })
    expect(newsFromMedusa('order_01', { ...fulfillment, canceled_at: '2026-11-21T09:00:00.000Z' }, settings)).toBe(
      undefined,
    )
  })

  it('a cancelled order is one request', () => {
    const data = { ...order, status: 'canceled', canceled_at: '2026-11-20T10:00:00.000Z' }
    expect(requestFromMedusa(data, settings)).toMatchObject({
      orderId: 'order_01',
      requestId: 'medusa-order_01-canceled',
    })
  })
})
