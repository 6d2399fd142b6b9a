import { onlyOne } from '@countermand/workflows/operations/find/by-prefix.ts'
import type { Story } from '@countermand/workflows/operations/story/story.ts'
import type { TimelineEntry } from '@countermand/workflows/operations/story/timeline.ts'
import { describe, expect, it } from 'vitest'
import { alarms, describeStory, shortened } from './describe.ts'

const entry = (requestId: string, name: string, data: object): TimelineEntry => ({
  ...{ at: '2026-11-28T10:00:00.123Z', service: 'order', kind: 'event', name, requestId },
  ...{ step: null, direction: null, round: null, data },
})

const request = (requestId: string, outcome: string | null) => ({
  ...{ requestId, outcome, status: 'holding', code: null, stage: null, message: null, amount: 1 },
  ...{ requestedAt: 'then', initiator: { kind: 'customer' }, reason: { code: 'other' } },
  ...{ startedAt: null, endedAt: null, refunds: null, records: [] },
})

const story = (changes: Partial<Story> = {}): Story => ({
  ...{ orderId: 'ord-1', requestId: 'req-aaaa-2', workflowId: null, temporalUrl: null, outcome: null },
  ...{ code: null, stage: null, next: null, deadline: null, stock: [], shipments: [], timeline: [], deadLetters: [] },
  order: {
    ...{ orderId: 'ord-1', status: 'paid', statusBefore: null, heldBy: null, customerId: 'c', merchantId: 'm' },
    ...{ market: 'JP', currency: 'JPY', placedAt: 'then', lines: [], changes: [] },
  },
  requests: [request('req-aaaa-2', null)],
  payment: { tenders: [], refunds: [], ledger: [], pivots: [] },
  ...changes,
})

const letter = {
  ...{ id: 'orders.placed.v1:0:1', topic: 'orders.placed.v1', partition: 0, key: 'ord-1', type: null, eventId: null },
  ...{ reason: 'invalid-data', error: 'no', service: 'order', failedAt: 'then', redrives: 0, redrivenFrom: null },
}

it('nothing that is healthy alarms anybody', () => {
  for (const next of ["waits for the merchant's decision, until then", 'goes on: refunding', 'goes on'])
    expect(alarms(next)).toBe(false)
  for (const next of [
    'needs attention (step-failed) since then: x',
    'its workflow task keeps failing',
    'its run is lost',
  ])
    expect(alarms(next)).toBe(true)
})

describe('a story in words', () => {
  it('has the day of each thing, and amounts as money of their currency', () => {
    const timeline = [entry('req-aaaa-2', 'refund.succeeded.v1', { amount: 3351 })]
    const text = describeStory(story({ timeline }))
    expect(text).toContain('2026-11-28 10:00:00.123  order  · refund.succeeded.v1  amount: 3351 JPY')
  })

  it('says of which request each thing is when the order has several, and lists them', () => {
    const requests = [request('req-aaaa-1', 'compensated'), request('req-aaaa-2', null)]
    const timeline = [entry('req-aaaa-1', 'one', {}), entry('req-aaaa-2', 'two', {})]
    const text = describeStory(story({ requests, timeline }))
    expect(text).toMatch(/request +req-aaaa-1 +compensated\n/)
    expect(text).toMatch(/request +req-aaaa-2 +open +\(the latest, told of here\)\n/)
    expect(text).toMatch(/123 +req-aaaa-1 +order +· one\n/)
    expect(text).toMatch(/123 +req-aaaa-2 +order +· two/)
  })

  it('lists the edits of the order that wait for the request, and those that did not fit after one', () => {
    const lines = { added: [{}], changed: [], removed: ['2', '3'] }
    const changes = [
      { changeId: 'chg-1', status: 'made', change: null },
      { changeId: 'chg-2', status: 'refused', change: null },
      { changeId: 'chg-3', status: 'waiting', change: { lines, tenders: { added: [{}], changed: [] } } },
      { changeId: 'chg-4', status: 'waiting', change: { shippingAmount: 0 } },
    ]
    const { order } = story()
    const text = describeStory(story({ order: order && { ...order, heldBy: 'req-aaaa-2', changes } }))
    expect(text).not.toContain('chg-1')
    expect(text).toMatch(/change +chg-2 +refused: it did not fit any more\n/)
    expect(text).toMatch(
      /change +chg-3 +waits until request req-aaaa-2 has ended: 1 line added, 2 lines removed, 1 tender added\n/,
    )
    expect(text).toMatch(/change +chg-4 +waits until request req-aaaa-2 has ended\n/)
  })

  it('says how many units of which lines a parcel holds, of the first few, where somebody said', () => {
    const parcel = {
      carrier: 'sandbox',
      trackingNumber: 'OK-1',
      earlierTrackingNumbers: [],
      status: 'in-transit',
      lineIds: [],
      stops: [],
    }
    const lines = ['a', 'b', 'c', 'd', 'e'].map((lineId, place) => ({ lineId, quantity: place + 1 }))
    const shipments = [
      { ...parcel, shipmentId: 'shp-1', lines: null },
      { ...parcel, shipmentId: 'shp-2', lines: lines.slice(0, 1) },
      { ...parcel, shipmentId: 'shp-3', lines },
    ]
    const text = describeStory(story({ shipments }))
    expect(text).toMatch(/shp-1 +sandbox OK-1 +in-transit\n/)
    expect(text).toMatch(/shp-2 +sandbox OK-1 +in-transit, 1 of line a\n/)
    expect(text).toMatch(/shp-3 .*, 1 of line a, 2 of line b, 3 of line c, and of 2 lines more(\n|$)/)
  })

  it('says until when somebody is waited for, and what happens then', () => {
    const deadline = {
      of: 'carrier',
      at: '2026-12-01T19:41:00.000Z',
      means: 'the parcel counts as not stopped',
    } as const
    expect(describeStory(story({ deadline }))).toMatch(
      /deadline +carrier until 2026-12-01 19:41 UTC, then the parcel counts as not stopped\n/,
    )
  })

  it('says what was done about a dead letter', () => {
    const deadLetters = [
      { ...letter, state: 'redriven', redriven: true, failedAgainAs: null },
      { ...letter, state: 'failed-again', redriven: true, failedAgainAs: 'orders.placed.v1:0:9' },
    ] as const
    const text = describeStory(story({ deadLetters }))
    expect(text).toContain('invalid-data: no  (redriven)')
    expect(text).toContain('(redriven, failed again as orders.placed.v1:0:9)')
  })
})

it('ids are shortened as far as they can be told apart', () => {
  expect([...shortened(['aaaaaaaa-1', 'aaaaaaaa-2', 'b']).values()]).toEqual(['aaaaaaaa-1', 'aaaaaaaa-2', 'b'])
  expect([...shortened(['0123456789', 'abcdefghij']).values()]).toEqual(['01234567', 'abcdefgh'])
})

it('the beginning of an id is enough when it begins one, and names those that it begins otherwise', () => {
  expect(onlyOne('req-', [])).toBeUndefined()
  expect(onlyOne('req-', ['req-1'])).toBe('req-1')
  expect(() => onlyOne('req-', ['req-1', 'req-2'])).toThrow('req- begins several: req-1, req-2')
})
