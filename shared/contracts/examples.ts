import type { z } from 'zod'
import type { cancelRequested } from './cancel-requests.ts'
import type { orderLine, placedOrder, placedShipment } from './order-events.ts'

/** The order and the cancel event of the documentation, as upstream writes them. */

/** A parcel whose label can be voided. */
export const exampleShipment = {
  shipmentId: 'shp-1',
  carrier: 'sandbox',
  trackingNumber: 'OK-1',
  status: 'label-created',
  lineIds: ['1'],
} satisfies z.input<typeof placedShipment>

/** Two units for 12.50 EUR each. */
export const exampleLine = {
  lineId: '1',
  sku: 'SKU-MUG',
  quantity: 2,
  unitAmount: 1250,
  discountAmount: 100,
  taxAmount: 383,
} satisfies z.input<typeof orderLine>

/** An order of 33.51 EUR, paid by one card. */
export const exampleOrder = {
  orderId: 'ord-1001',
  customerId: 'cus-7',
  merchantId: 'mer-3',
  market: 'DE',
  currency: 'EUR',
  placedAt: '2026-11-20T09:00:00Z',
  lines: [exampleLine],
  shippingAmount: 490,
  shippingTaxAmount: 78,
  tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 3351, paymentRef: 'pay_ok_1' }],
  shipments: [exampleShipment],
} satisfies z.input<typeof placedOrder>

/** A customer cancels one of two units. */
export const exampleRequest = {
  requestId: '9c3e1f52-6f5b-4f0e-9a43-1f0c8f6f7d11',
  orderId: 'ord-1001',
  requestedAt: '2026-11-20T10:00:00Z',
  initiator: { kind: 'customer', id: 'cus-7' },
  reason: { code: 'changed-mind', note: 'ordered twice' },
  lines: [{ lineId: '1', quantity: 1 }],
  refundTo: 'original',
} satisfies z.input<typeof cancelRequested>
