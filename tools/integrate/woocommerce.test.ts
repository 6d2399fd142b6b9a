import { describe, expect, it } from 'vitest'
import { expectSound, settings } from './checked.ts'
import { newsFromWooCommerce, placedFromWooCommerce, requestFromWooCommerce } from './woocommerce.ts'

/** A coupon on the lines, a fee, a discount as a fee of less than nothing, a gift card, and tax that was rounded for the whole order. */
const order = {
  ...{ id: 727, number: '727', status: 'processing', currency: 'EUR', prices_include_tax: true },
  ...{ date_created_gmt: '2026-11-20T09:00:00', date_modified_gmt: '2026-11-20T09:05:00', customer_id: 0 },
  ...{ total: '36.19', total_tax: '7.38', shipping_total: '4.12', shipping_tax: '0.78', discount_total: '3.36' },
  ...{ payment_method: 'bacs', transaction_id: 'pi_1', billing: { country: 'DE' }, shipping: { country: '' } },
  line_items: [
    {
      ...{ id: 315, product_id: 93, variation_id: 0, quantity: 3, sku: 'MUG', subtotal: '25.21', subtotal_tax: '4.79' },
      ...{ total: '22.69', total_tax: '4.31' },
    },
    {
      ...{ id: 316, product_id: 94, variation_id: 95, quantity: 1, sku: '', subtotal: '8.40', subtotal_tax: '1.60' },
      ...{ total: '7.56', total_tax: '1.44' },
    },
    {
      ...{ id: 317, product_id: 96, variation_id: 0, quantity: 1, sku: 'SAMPLE', subtotal: '0.00' },
      total: '0.00',
      total_tax: '0.00',
    },
  ],
  fee_lines: [
    { id: 401, name: 'Gift wrap', total: '4.20', total_tax: '0.80' },
    { id: 402, name: 'Regular customer', total: '-3.36', total_tax: '-0.64' },
  ],
  gift_cards: [{ id: 11, code: 'GC-11', amount: '5.70' }],
}

describe('an order of WooCommerce', () => {
  it('of a guest, with coupon, fees, a gift card and rounded tax', () => {
    const placed = placedFromWooCommerce(order, settings)
    expectSound(placed, 4189)
    expect(placed).toMatchObject({
      ...{ orderId: '727', market: 'DE', placedAt: '2026-11-20T09:00:00Z', shippingAmount: 412, shippingTaxAmount: 78 },
      ...{ roundingAmount: -1 },
      lines: [
        { lineId: '315', sku: 'MUG', quantity: 3, unitAmount: 841 },
        { lineId: '316', sku: 'product-95' },
        { lineId: '317', sku: 'SAMPLE', unitAmount: 0 },
        { lineId: 'fee-401', kind: 'fee', unitAmount: 420, taxAmount: 80 },
      ],
      tenders: [
        { tenderId: 'gift-card-11', channel: 'gift-card', amount: 570, paymentRef: 'GC-11' },
        { tenderId: 'payment', channel: 'sandbox-wallet', amount: 3619, paymentRef: 'pi_1' },
      ],
    })
    expect(placed).not.toHaveProperty('customerId')
  })

  it('that is paid at the door, and one that a gift card paid', () => {
    const atTheDoor = placedFromWooCommerce(
      { ...order, customer_id: 25, payment_method: 'cod', transaction_id: '' },
      settings,
    )
    expect(atTheDoor.tenders[1]).toMatchObject({ channel: 'cash-on-delivery', paymentRef: '' })
    expect(atTheDoor.customerId).toBe('25')
    const gift = { ...order, total: '0.00', gift_cards: [{ id: 11, code: 'GC-11', amount: '41.89' }] }
    expectSound(placedFromWooCommerce(gift, settings), 4189)
  })

  it('that has money which the recipe does not know is refused', () => {
    expect(() => placedFromWooCommerce({ ...order, total: '46.19' }, settings)).toThrow('that add up to 5189, got 4190')
  })
})

describe('what else WooCommerce tells', () => {
  it('a tracking is news of a parcel', () => {
    const tracking = {
      tracking_id: 'a1',
      tracking_provider: 'dhl',
      tracking_number: 'JD01',
      date_shipped: '2026-11-21',
    }
    expect(newsFromWooCommerce('727', tracking, settings)).toEqual({
      ...{ shipmentId: 'a1', orderId: '727', carrier: 'sandbox', trackingNumber: 'JD01', status: 'handed-over' },
      at: '2026-11-21T00:00:00Z',
    })
  })

  it('a cancelled order is one request', () => {
    expect(requestFromWooCommerce({ ...order, status: 'cancelled' }, settings)).toMatchObject({
      ...{ orderId: '727', requestId: 'woocommerce-727-cancelled', requestedAt: '2026-11-20T09:05:00Z' },
    })
    expect(() => requestFromWooCommerce(order, settings)).toThrow('status: expected cancelled, got "processing"')
  })
})
