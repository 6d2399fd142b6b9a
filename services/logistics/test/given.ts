import type { EventData } from '@countermand/contracts'
import type { Carrier } from '../carriers/carrier.ts'
import { createWorld, type World } from './world.ts'

/** An order of two lines, 2 of line 1 and 1 of line 2. */
export const acceptedOrder = (
  shipments: EventData<'order.accepted.v1'>['shipments'],
): EventData<'order.accepted.v1'> => ({
  orderId: 'ord-1',
  customerId: 'cus-7',
  merchantId: 'mer-3',
  market: 'DE',
  currency: 'EUR',
  placedAt: '2026-11-20T09:00:00Z',
  lines: [
    { lineId: '1', sku: 'SKU-MUG', quantity: 2, unitAmount: 1250, discountAmount: 0, taxAmount: 0 },
    { lineId: '2', sku: 'SKU-TEA', quantity: 1, unitAmount: 500, discountAmount: 0, taxAmount: 0 },
  ],
  shippingAmount: 0,
  shippingTaxAmount: 0,
  tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 3000, paymentRef: 'pay_ok' }],
  shipments,
})

export const parcel = (
  shipmentId: string,
  trackingNumber: string,
  status: EventData<'shipment.updated.v1'>['status'],
  lineIds: string[] = ['1', '2'],
) => ({ shipmentId, carrier: 'sandbox', trackingNumber, status, lineIds })

/** Logistics that has taken an order with these parcels. */
export const given = (...shipments: EventData<'order.accepted.v1'>['shipments']): World => {
  const world = createWorld()
  world.tell('order.accepted.v1', acceptedOrder(shipments))
  return world
}

/** A carrier that stops parcels at once and lets them go on, but for what a test gives. */
export const carrierThat = (does: Partial<Carrier> = {}): Carrier => ({
  voidLabel: async () => ({ result: 'voided' }),
  requestIntercept: async () => ({ result: 'intercepted' }),
  stopStatus: async () => ({ result: 'none' }),
  resume: async () => ({ result: 'resumed' }),
  relabel: async () => ({ result: 'requested' }),
  ...does,
})
