import { expect, it } from 'vitest'
import { behaviourOf } from './sandbox-behaviour.ts'

it('reads the behaviour off the beginning of the reference, whatever follows', () => {
  expect(behaviourOf('pay_slow_3000_abc')).toMatchObject({ movesAfterMs: 3000 })
  expect(behaviourOf('pay_late_refuse_20-x')).toMatchObject({ refusedAfterMs: 20 })
  expect(behaviourOf('pay_late_refuse_20').movesAfterMs).toBeUndefined()
  expect(behaviourOf('pay_flaky_3')).toMatchObject({ errors: 3, movesAfterMs: 0 })
  expect(behaviourOf('pay_lost_12')).toMatchObject({ lostAnswers: 12, movesAfterMs: 0 })
})

it('takes what it does not know, or what lacks its number, as a payment that can be refunded at once', () => {
  for (const reference of ['pay_ok_1', 'ch_1', 'pay_slow', 'pay_lost_', 'x_pay_refuse'])
    expect(behaviourOf(reference)).toEqual({ firstRound: 1, errors: 0, lostAnswers: 0, movesAfterMs: 0 })
})

it('keeps a number of any length a time that a database can hold', () => {
  expect(behaviourOf(`pay_slow_${'9'.repeat(100)}`).movesAfterMs).toBe(315_360_000_000)
})
