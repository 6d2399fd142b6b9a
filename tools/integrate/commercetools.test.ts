import { describe, expect, it } from 'vitest'
import { expectSound, settings } from './checked.ts'
import { newsFromCommercetools, placedFromCommercetools, requestFromCommercetools } from './commercetools.ts'

const eur = (centAmount: number) => ({ type: 'centPrecision', currencyCode: 'EUR', centAmount, fractionDigits: 2 })
const taxed = (net: number, gross: number) => ({ totalNet: eur(net), totalGross: eur(gross) })

/** Prices without tax, a gift line, a fee, a discount of the whole order, a voucher beside the card. */
const order = {
  ...{ id: '8a3c-order', version: 4, orderNumber: '1001', customerId: 'cust-7', country: 'DE' },
  ...{ createdAt: '2026-11-20T09:00:00.000Z', orderState: 'Open', paymentState: 'Paid' },
  ...{ totalPrice: eur(8529), taxedPrice: taxed(8529, 10_150) },
  lineItems: [
    {
      ...{ id: 'line-1', productId: 'p1', variant: { id: 1, sku: 'MUG' }, quantity: 3, totalPrice: eur(5997) },
      taxedPrice: taxed(5997, 7136),
    },
    {
      ...{
        id: 'line-2',
        productId: 'p2',
        variant: { id: 2 },
        quantity: 1,
        totalPrice: eur(2500),
        taxedPrice: taxed(2500, 2975),
      },
    },
    {
      ...{ id: 'line-3', productId: 'p3', variant: { id: 1, sku: 'GIFT' }, quantity: 1, lineItemMode: 'GiftLineItem' },
      ...{ totalPrice: eur(0), taxedPrice: taxed(0, 0) },
    },
  ],
  customLineItems: [{ id: 'wrap', slug: 'gift-wrap', quantity: 1, totalPrice: eur(300), taxedPrice: taxed(300, 357) }],
  shippingInfo: { shippingMethodName: 'DHL', price: eur(490), taxedPrice: taxed(490, 583) },
  discountOnTotalPrice: { discountedAmount: eur(758), discountedGrossAmount: eur(901), includedDiscounts: [] },
  paymentInfo: {
    payments: [
      {
        ...{ typeId: 'payment', id: 'pay-1' },
        obj: {
          ...{ id: 'pay-1', interfaceId: 'psp-1', paymentMethodInfo: { paymentInterface: 'Adyen', method: 'card' } },
          transactions: [
            { id: 't1', type: 'Authorization', state: 'Success', amount: eur(7650) },
            { id: 't2', type: 'Charge', state: 'Success', amount: eur(7650), interactionId: 'charge-1' },
            { id: 't3', type: 'Charge', state: 'Failure', amount: eur(7650) },
          ],
        },
      },
      {
        ...{ typeId: 'payment', id: 'pay-2' },
        obj: {
          ...{ id: 'pay-2', paymentMethodInfo: { paymentInterface: 'Voucher' } },
          transactions: [{ id: 't4', type: 'Charge', state: 'Success', amount: eur(2500) }],
        },
      },
    ],
  },
}

describe('an order of commercetools', () => {
  it('with unit prices of high precision and several shipping methods costs what its sums say', () => {
    const fine = { type: 'highPrecision', currencyCode: 'EUR', centAmount: 2, preciseAmount: 15, fractionDigits: 3 }
    const screws = {
      ...{ id: 'line-1', productId: 'p1', variant: { id: 1, sku: 'SCREW' }, quantity: 333, price: { value: fine } },
      ...{ totalPrice: eur(500), taxedPrice: taxed(500, 595) },
    }
    const method = (gross: number) => ({
      shippingKey: `s-${gross}`,
      shippingInfo: { price: fine, taxedPrice: taxed(0, gross) },
    })
    const { shippingInfo: _, discountOnTotalPrice: __, ...plain } = order
    const [card] = order.paymentInfo.payments
    const charged = {
      ...card,
      obj: { ...card?.obj, transactions: [{ type: 'Charge', state: 'Success', amount: eur(800) }] },
    }
    const data = {
      ...{ ...plain, shippingMode: 'Multiple', shipping: [method(100), method(105)], lineItems: [screws] },
      ...{
        customLineItems: [],
        taxedPrice: taxed(500, 800),
        totalPrice: eur(800),
        paymentInfo: { payments: [charged] },
      },
    }
    const placed = placedFromCommercetools(data, settings)
    expectSound(placed, 800)
    expect(placed).toMatchObject({ shippingAmount: 205, lines: [{ quantity: 333, unitAmount: 2, discountAmount: 71 }] })
    const odd = { ...data, totalPrice: { ...eur(800), fractionDigits: 4 } }
    expect(() => placedFromCommercetools(odd, settings)).toThrow('expected EUR in 2 fraction digits, got 4')
  })

  it('with prices without tax, a gift, a fee, a discount of the whole order and a voucher', () => {
    const placed = placedFromCommercetools(order, settings)
    expectSound(placed, 10_150)
    expect(placed).toMatchObject({
      ...{ orderId: '8a3c-order', customerId: 'cust-7', market: 'DE', currency: 'EUR', shippingAmount: 583 },
      lines: [
        { lineId: 'line-1', sku: 'MUG', quantity: 3, taxAmount: 0, includedTaxAmount: 1139 },
        { lineId: 'line-2', sku: 'p2-2', quantity: 1 },
        { lineId: 'line-3', sku: 'GIFT', unitAmount: 0 },
        { lineId: 'wrap', kind: 'fee' },
      ],
      tenders: [
        { tenderId: 'pay-1', channel: 'sandbox-card', amount: 7650, paymentRef: 'charge-1' },
        { tenderId: 'pay-2', channel: 'gift-card', amount: 2500, paymentRef: 'pay-2' },
      ],
    })
    expect(placed).not.toHaveProperty('roundingAmount')
  })

  it('of a guest, without taxes', () => {
    const { customerId: _, taxedPrice: __, discountOnTotalPrice: ___, ...plain } = order
    const untaxed = {
      ...{ ...plain, anonymousId: 'anon-1', customLineItems: [], shippingInfo: undefined, totalPrice: eur(7650) },
      lineItems: [
        { id: 'line-1', productId: 'p1', variant: { id: 1, sku: 'MUG' }, quantity: 2, totalPrice: eur(7650) },
      ],
      paymentInfo: { payments: order.paymentInfo.payments.slice(0, 1) },
    }
    const placed = placedFromCommercetools(untaxed, settings)
    expectSound(placed, 7650)
    expect(placed).not.toHaveProperty('customerId')
  })

  it('whose payments are not expanded says what to ask for', () => {
    const paymentInfo = { payments: [{ typeId: 'payment', id: 'pay-1' }] }
    expect(() => placedFromCommercetools({ ...order, paymentInfo }, settings)).toThrow(
      'paymentInfo.payments.0.obj: expected an object, got nothing',
    )
  })
})

describe('a message of commercetools', () => {
  const resource = { typeId: 'order', id: '8a3c-order' }

  it('about a parcel is news of it', () => {
    const added = {
      ...{
        id: 'm-1',
        type: 'ParcelAddedToDelivery',
        createdAt: '2026-11-21T09:00:00.000Z',
        resource,
        delivery: { id: 'd-1' },
      },
      parcel: { id: 'parcel-1', createdAt: '2026-11-21T09:00:00.000Z', items: [{ id: 'line-1', quantity: 3 }] },
    }
    expect(newsFromCommercetools(added, settings)).toEqual({
      ...{ shipmentId: 'parcel-1', orderId: '8a3c-order', carrier: 'unknown', trackingNumber: 'parcel-1' },
      ...{ status: 'label-created', at: '2026-11-21T09:00:00.000Z', lineIds: ['line-1'] },
    })
    const tracked = {
      ...{
        id: 'm-2',
        type: 'ParcelTrackingDataUpdated',
        createdAt: '2026-11-21T10:00:00.000Z',
        resource,
        parcelId: 'parcel-1',
      },
      trackingData: { trackingId: 'JD01', carrier: 'dhl' },
    }
    expect(newsFromCommercetools(tracked, settings)).toMatchObject({
      carrier: 'sandbox',
      trackingNumber: 'JD01',
      status: 'handed-over',
    })
  })

  it('about a cancelled order is one request', () => {
    const message = {
      id: 'm-3',
      type: 'OrderStateChanged',
      createdAt: '2026-11-20T10:00:00.000Z',
      resource,
      orderState: 'Cancelled',
    }
    expect(requestFromCommercetools(message, settings)).toMatchObject({
      orderId: '8a3c-order',
      requestId: 'commercetools-m-3',
    })
    expect(() => requestFromCommercetools({ ...message, orderState: 'Complete' }, settings)).toThrow(
      'orderState: expected Cancelled',
    )
  })
})
