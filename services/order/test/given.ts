import { type CancelRequested, cancelRequested, type PlacedOrder, placedOrder } from '@countermand/contracts'
import type { Moment } from '@countermand/service/decision.ts'
import type { Policies, Policy } from '@countermand/settings/policies.ts'
import type { z } from 'zod'
import type { Order } from '../decide/order.ts'
import { nothingKnown, type OrderState } from '../state.ts'

/** Valid data for tests; what a test is about, it says itself. */

/** Two lines, 3351 and 2000 minor units, and 568 for shipping: 5919 in all. */
export const samplePlaced = (changes: Partial<z.input<typeof placedOrder>> = {}): PlacedOrder =>
  placedOrder.parse({
    orderId: 'ord-1',
    customerId: 'cus-7',
    merchantId: 'mer-3',
    market: 'DE',
    currency: 'EUR',
    placedAt: '2026-11-20T09:00:00Z',
    lines: [
      { lineId: '1', sku: 'SKU-MUG', quantity: 3, unitAmount: 1000, discountAmount: 100, taxAmount: 451 },
      { lineId: '2', sku: 'SKU-CUP', quantity: 2, unitAmount: 1000 },
    ],
    shippingAmount: 490,
    shippingTaxAmount: 78,
    tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 5919, paymentRef: 'pay_ok_1' }],
    shipments: [{ shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', status: 'label-created' }],
    ...changes,
  })

export const sampleRequest = (changes: Partial<z.input<typeof cancelRequested>> = {}): CancelRequested =>
  cancelRequested.parse({
    requestId: 'req-1',
    orderId: 'ord-1',
    requestedAt: '2026-11-20T10:00:00Z',
    initiator: { kind: 'customer', id: 'cus-7' },
    reason: { code: 'changed-mind' },
    ...changes,
  })

const day = 86_400_000

export const samplePolicies = (changes: Partial<Policy> = {}): Policies => ({
  defaults: {
    CANCEL_WINDOW: 30 * day,
    REQUEST_DELAY: day / 24,
    MERCHANT_APPROVAL: 'when-shipped',
    MERCHANT_DEADLINE: day,
    MERCHANT_SILENCE: 'approve',
    DECISIONS_FROM: ['merchant'],
    BLOCKED_CUSTOMERS: [],
    REFUND_FALLBACK: 'attention',
    ...changes,
  },
  overrides: { markets: new Map(), merchants: new Map() },
})

export const moment = (now = '2026-11-20T10:00:01.000Z', patienceOver = false): Moment => ({ now, patienceOver })

export const knowing = (order: Order): OrderState => ({ ...nothingKnown, order })
