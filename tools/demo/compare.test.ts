import type { Story } from '@countermand/workflows/operations/story/story.ts'
import { describe, expect, it } from 'vitest'
import { scenarios } from '../shop/scenarios.ts'
import { differences } from './compare.ts'

const scenario = scenarios.find(({ name }) => name === 'refund-refused') ?? expect.fail('no such scenario')

const stop = { requestId: 'req', phase: 'resumed', state: 'resumed', failure: null }
const parcel = {
  shipmentId: 'shp',
  carrier: 'sandbox',
  status: 'label-created',
  lineIds: ['1'],
  lines: null,
  stops: [stop],
}
const refund = {
  ...{ refundId: 'ref', requestId: 'req', tenderId: 't1', amount: 3351, currency: 'EUR', destination: 'original' },
  ...{ state: 'failed', attempts: 1, failure: 'refused', expectedBy: null, replaced: false },
}

/** As the scenario promises it. */
const story: Story = {
  ...{ orderId: 'ord', requestId: 'req', workflowId: null, temporalUrl: null, next: null, deadline: null },
  ...{ outcome: 'compensated', code: 'refund-refused', stage: 'refunding' },
  order: {
    ...{ orderId: 'ord', status: 'paid', statusBefore: null, heldBy: null, customerId: 'cus', merchantId: 'mer' },
    ...{ market: 'DE', currency: 'EUR', placedAt: 'then', lines: [], changes: [] },
  },
  requests: [],
  stock: [{ lineId: '1', sku: 'SKU', quantity: 2, reserved: 2, aside: 0, shipped: 0, onSale: 0, writtenOff: 0 }],
  shipments: [{ ...parcel, trackingNumber: 'OK-5-N1', earlierTrackingNumbers: ['OK-5'] }],
  payment: {
    tenders: [{ tenderId: 't1', channel: 'sandbox-card', paymentRef: 'pay_refuse_5', captured: 3351, refunded: 0 }],
    refunds: [refund],
    ledger: [],
    pivots: [],
  },
  timeline: [],
  deadLetters: [],
}

describe('a story that is compared with its promise', () => {
  it('differs in nothing when it was kept', () => {
    expect(differences(scenario, story)).toEqual([])
  })

  it('says what was expected and what came, for each thing that was not kept', () => {
    const [line] = story.stock
    const stranded: Story = {
      ...story,
      outcome: 'cancelled',
      order: null,
      stock: line === undefined ? [] : [{ ...line, reserved: 1, aside: 1 }],
      shipments: [{ ...parcel, trackingNumber: 'OK-5', earlierTrackingNumbers: [] }],
      payment: { ...story.payment, tenders: story.payment.tenders.map((each) => ({ ...each, refunded: 1 })) },
    }
    const found = differences(scenario, stranded)
    expect(found).toContain('refund-refused: outcome: expected "compensated", got "cancelled"')
    expect(found.map((each) => each.split(': ')[1])).toEqual(['outcome', 'order', 'stock', 'parcels', 'refunded'])
  })
})
