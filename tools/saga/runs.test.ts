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

  it('keeps an id that holds quotes in its place', () => {
    expect(filterOf({ order: "o' OR OrderId != '\\" })).toBe(
      "WorkflowType = 'cancelOrder' AND OrderId = 'o\\' OR OrderId != \\'\\\\'",
    )
  })
})
