import { type PlacedOrder, placedOrder } from '@countermand/contracts'

const sample = { customerId: 'cus-1', merchantId: 'mer-1', market: 'DE', currency: 'EUR' }

/** An order that every step agrees to cancel: two mugs and a pen, paid by card, in a parcel that has not left. */
export const agreeable = (orderId: string): PlacedOrder =>
  placedOrder.parse({
    ...sample,
    orderId,
    placedAt: new Date().toISOString(),
    lines: [
      { lineId: '1', sku: 'CONFORMANCE-MUG', quantity: 2, unitAmount: 100 },
      { lineId: '2', sku: 'CONFORMANCE-PEN', quantity: 1, unitAmount: 50 },
    ],
    tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 250, paymentRef: 'pay_ok_1' }],
    shipments: [{ shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', status: 'label-created' }],
  })

/** An order that everybody says no to: placed long ago, one mug short, delivered, and paid by a card that takes nothing back. */
export const refusing = (orderId: string): PlacedOrder =>
  placedOrder.parse({
    ...sample,
    orderId,
    placedAt: '2020-01-01T09:00:00Z',
    lines: [
      { lineId: '1', sku: 'CONFORMANCE-MUG', quantity: 1, unitAmount: 200 },
      { lineId: '2', sku: 'CONFORMANCE-PEN', quantity: 1, unitAmount: 50 },
    ],
    tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 250, paymentRef: 'pay_refuse_1' }],
    shipments: [{ shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', status: 'delivered' }],
  })

/** What the commands ask of either: all of the agreeable one. */
export const wanted = [
  { lineId: '1', sku: 'CONFORMANCE-MUG', quantity: 2 },
  { lineId: '2', sku: 'CONFORMANCE-PEN', quantity: 1 },
]
/** Minor units of EUR: less than either order's tender, more than half of it. */
export const wantedAmount = 200
