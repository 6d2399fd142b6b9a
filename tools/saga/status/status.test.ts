import { existsSync } from 'node:fs'
import { heldOf, lagOf } from '@countermand/workflows/operations/status/queues.ts'
import type { Status } from '@countermand/workflows/operations/status/read.ts'
import { describe, expect, it } from 'vitest'
import { describeStatus } from './describe.ts'

const well: Status = {
  at: '2026-11-28T19:00:00Z',
  intake: { paused: false, by: null, reason: null, since: null, held: 0 },
  ...{ open: 0, attention: [], deadLetters: [], lag: [], differences: [], deadlines: [], unread: [] },
  outboxes: [{ service: 'order', messages: 0, oldest: null }],
}
const lines = (status: Status) => describeStatus(status).replaceAll(/ {2,}/g, ' | ').split('\n')

describe('the overview', () => {
  it('says in a word what is well', () => {
    expect(lines(well)).toEqual([
      'intake | open, cancel events that wait: 0',
      'attention | no saga needs anybody',
      'dead letters | none that is open',
      'deadlines | none within the hour',
      'lag | none',
      'outboxes | empty',
      'books | no difference to a provider is known',
      'open | 0 requests hold an order | saga list',
    ])
  })

  it('says what is not, how bad it is, and what leads on', () => {
    const text = describeStatus({
      ...well,
      attention: [
        {
          reason: 'refund-in-doubt',
          sagas: 2,
          since: '2026-11-28T16:00:00Z',
          money: [{ amount: 6702, currency: 'EUR' }],
        },
      ],
      deadLetters: [{ reason: 'invalid-data', letters: 3, oldest: '2026-11-28T18:50:00Z' }],
      deadlines: [
        {
          requestId: 'req-1',
          orderId: 'o',
          of: 'merchant',
          at: '2026-11-28T19:20:00.000Z',
          means: 'silence means reject',
        },
      ],
      lag: [
        { group: 'countermand-order', topic: 'order.commands.v1', messages: 7 },
        { group: 'countermand-payment', topic: 'payment.commands.v1', messages: 700 },
      ],
      differences: [{ account: 'stripe-eu', kind: 'missing-here', count: 2, oldest: '2026-11-28T17:00:00Z' }],
      outboxes: [{ service: 'payment', messages: 4, oldest: '2026-11-28T18:59:00Z' }],
    })
    expect(text).toMatch(/attention +2 refund-in-doubt, the oldest for 3 h, 67\.02 EUR +saga list --attention\n/)
    expect(text).toMatch(
      /dead letters +3 invalid-data, the oldest for 10 min +saga dlq list --open --cause invalid-data\n/,
    )
    expect(text).toMatch(/deadlines +merchant in 20 min \(19:20:00\), then silence means reject +saga show req-1\n/)
    expect(text).toMatch(/lag +countermand-payment has 700 of .* before it +docs\/runbooks\/consumer-lagging\.md\n/)
    expect(text).toMatch(/\n +countermand-order has 7 of order\.commands\.v1 before it\n/)
    expect(text).toMatch(
      /books +2 missing-here at stripe-eu, the oldest known for 2 h +saga reconcile --account stripe-eu\n/,
    )
    expect(text).toMatch(/outboxes +payment has 4, the oldest for 1 min +docs\/runbooks\/outbox-stuck\.md\n/)
  })

  it('says what it could not ask, and stays on one screen however much there is', () => {
    const deadlines = Array.from({ length: 500 }, (_, nth) => ({
      ...({ requestId: `req-${nth}`, orderId: 'o', of: 'bank', at: '2026-11-28T18:00:00.000Z', means: 'x' } as const),
    }))
    const lag = deadlines.map(({ requestId }) => ({ group: requestId, topic: 't', messages: 1 }))
    const unread = [{ part: 'lag', error: 'expected Kafka to answer on k:9092' }]
    const text = describeStatus({ ...well, deadlines, lag, unread, intake: null })
    expect(text).toMatch(/bank 1 h ago/)
    expect(text).toMatch(/and 495 more within the hour/)
    expect(text).toMatch(/lag +not known: expected Kafka to answer on k:9092/)
    expect(text.split('\n').length).toBeLessThan(25)
    const pages = [...text.matchAll(/docs\/runbooks\/\S+/g)].map(([page]) => page)
    expect(pages.filter((page) => !existsSync(new URL(`../../../${page}`, import.meta.url)))).toEqual([])
    expect(pages).not.toEqual([])
  })
})

it('a group is behind by what is left between where it read to and the end', () => {
  const ends = new Map([
    ['p.orders.cancel-requests.v1', [0, 1, 2].map((partition) => ({ partition, low: '5', high: '10' }))],
  ])
  const partitions = [
    { partition: 0, offset: '10' },
    { partition: 1, offset: '7' },
    { partition: 2, offset: '-1' },
  ]
  const group = { groupId: 'p.countermand-intake', topics: [{ topic: 'p.orders.cancel-requests.v1', partitions }] }
  const lag = lagOf(group, ends, 'p.')
  expect(lag).toEqual([{ group: 'countermand-intake', topic: 'orders.cancel-requests.v1', messages: 8 }])
  expect(heldOf(lag)).toBe(8)
})
