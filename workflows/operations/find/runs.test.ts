import { describe, expect, it } from 'vitest'
import { filterOf } from './runs.ts'

describe('the filter of a list', () => {
  it('finds every saga when nothing is asked for', () => {
    expect(filterOf({})).toBe("WorkflowType = 'cancelOrder'")
  })

  it('joins what is asked for', () => {
    const since = new Date('2026-11-20T09:00:00Z')
    expect(filterOf({ attention: true, stage: 'closing', outcome: 'cancelled', since })).toBe(
      "WorkflowType IN ('cancelOrder', 'settleReversedRefund', 'settleLateIntercept') AND NeedsAttention = true AND ExecutionStatus = 'Running' AND SagaStage = 'closing' " +
        "AND SagaOutcome = 'cancelled' AND StartTime >= '2026-11-20T09:00:00.000Z'",
    )
  })

  it('asks only for what is before a quote, a backslash or a control character', () => {
    const asked = (order: string) => filterOf({ order }).replace("WorkflowType = 'cancelOrder'", '')
    expect(asked('#1001 Ü')).toBe(" AND OrderId = '#1001 Ü'")
    expect(asked("o' OR OrderId != '\\")).toBe(" AND OrderId STARTS_WITH 'o'")
    for (const order of ['a"b', 'a\\b', 'a\tb', 'a\nb']) expect(asked(order)).toBe(" AND OrderId STARTS_WITH 'a'")
    expect(asked("'; drop table orders; --")).toBe('')
  })
})
