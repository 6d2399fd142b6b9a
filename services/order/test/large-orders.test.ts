import { acceptedOrder, most, type PlacedOrder } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { begin } from '../decide/begin.ts'
import { confirm } from '../decide/end.ts'
import { followParcel, place } from '../decide/facts.ts'
import { moment, samplePlaced, samplePolicies, sampleRequest } from './given.ts'

/** Orders from before there was a limit, and parcels that do not say what they hold, so that they may hold any of the lines. */
const largest = (lines: number, parcels: number): PlacedOrder =>
  acceptedOrder.parse({
    ...samplePlaced(),
    ...{ shippingAmount: 0, shippingTaxAmount: 0 },
    lines: Array.from({ length: lines }, (_, line) => ({
      ...{ lineId: `gid://shopify/LineItem/${line}`, sku: `SKU-${line}`, quantity: 2, unitAmount: 1 },
    })),
    tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: lines * 2, paymentRef: 'pay_ok' }],
    shipments: Array.from({ length: parcels }, (_, parcel) => ({
      ...{ shipmentId: `shp-${parcel}`, carrier: 'sandbox', trackingNumber: 'OK-1', status: 'label-created' },
    })),
  })

describe('what a large order costs', () => {
  it.each([
    [most.lines, most.shipments],
    [most.takenLines, 2],
  ])('with %i lines in %i parcels is in proportion to what it holds', (count, parcels) => {
    const placed = largest(count, parcels)
    const lines = placed.lines.slice(1).map(({ lineId }) => ({ lineId, quantity: 1 }))
    const request = sampleRequest({ lines: lines.slice(0, most.lines) })
    const seen = {
      shipmentId: 'shp-0',
      orderId: 'ord-1',
      carrier: 'sandbox',
      trackingNumber: 'OK-1',
      status: 'in-transit',
    } as const
    const known = place(undefined, placed).state
    const news = followParcel(
      known,
      { ...seen, at: '2026-11-20T09:30:00Z', lineIds: lines.map(({ lineId }) => lineId) },
      moment(),
    )
    const state = news === 'not-yet' ? undefined : news.state
    const held = begin(samplePolicies(), state, { ...request, lines, round: 1 }, moment())
    if (held === 'not-yet') throw new Error('expected a decision')
    expect(held.answer).toMatchObject({ type: 'CancellationBegun', amount: count - 1, whole: false })
    const over = confirm(held.state, { orderId: 'ord-1', requestId: 'req-1', round: 1, refunds: [] }, moment())
    expect(over.answer?.type).toBe('LinesCancelled')
    // Where each line looks through all lines, or all parcels through all of each, it takes minutes: then the runner's limit is passed.
  })
})
