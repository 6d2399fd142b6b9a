import type { Run } from '@countermand/workflows/operations/find/runs.ts'
import { type Triaged, worstFirst } from '@countermand/workflows/operations/find/troubled.ts'
import { describe, expect, it } from 'vitest'
import { ageText } from '../age.ts'
import { describeTriaged } from './describe.ts'

const now = Date.parse('2026-11-28T19:00:00Z')

const saga = (requestId: string, reason?: string, troubleSince?: string, error = 'no answer'): Triaged => {
  const run: Run = {
    ...{ workflowId: `cancel-ord-${requestId}`, runId: 'run', orderId: 'ord', requestId, status: 'RUNNING' },
    ...{ stage: 'refunding', outcome: undefined, merchantId: undefined, reasonCode: undefined },
    ...{ needsAttention: reason !== undefined, attentionReason: reason },
    ...{ startedAt: new Date('2026-11-28T18:00:00Z'), closedAt: undefined },
  }
  const trouble = reason === undefined ? null : { reason, error, since: troubleSince ?? '', over: false }
  const money = { amount: 3351, currency: 'EUR' }
  const facts = { requestId, orderId: 'ord', outcome: null, money, trouble, deadline: null }
  return { run, facts, troubleSince }
}

it('what hurts most comes first: by reason, then the oldest', () => {
  const found = worstFirst([
    saga('waits'),
    saga('late', 'refund-overdue', '2026-11-27T00:00:00Z'),
    saga('newer', 'refund-in-doubt', '2026-11-28T18:30:00Z'),
    saga('odd', 'something-new', '2026-11-28T00:00:00Z'),
    saga('older', 'refund-in-doubt', '2026-11-28T18:20:00Z'),
    saga('broken', 'workflow-task-failing', '2026-11-28T18:00:00Z'),
  ])
  expect(found.map(({ run }) => run.requestId)).toEqual(['older', 'newer', 'broken', 'late', 'odd', 'waits'])
})

describe('the table', () => {
  const found = [
    saga('req-1', 'step-failed', '2026-11-28T18:40:00Z', 'the carrier is down, '.repeat(20)),
    saga('req-2'),
  ]

  it('has one line for a saga, with how much, for how long and why', () => {
    const [head, first, second, ...rest] = describeTriaged(found, { now, width: undefined }).split('\n')
    expect(head).toMatch(/^started \(UTC\) +order +request +amount +stage +outcome +attention +for +why$/)
    expect(first).toMatch(
      /^2026-11-28 18:00:00 +ord +req-1 +33\.51 EUR +refunding +open +step-failed +20 min +the carrier/,
    )
    expect(second).toMatch(/req-2 +33\.51 EUR +refunding +open$/)
    expect(rest).toEqual([])
  })

  it('fits a terminal, and leaves out what no row has', () => {
    for (const line of describeTriaged(found, { now, width: 130 }).split('\n'))
      expect(line.length).toBeLessThanOrEqual(130)
    expect(describeTriaged([saga('req-2')], { now, width: 130 })).not.toMatch(/attention|why/)
  })
})

it('an age is told in its largest unit', () => {
  expect([0, 59_999, 61_000, 7_200_000, 200_000_000].map(ageText)).toEqual(['0 s', '59 s', '1 min', '2 h', '2 d'])
})
