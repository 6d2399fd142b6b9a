import { expect, it } from 'vitest'
import { isBehind } from './versions.ts'

const moment = (patienceOver: boolean) => ({ now: '2026-11-20T10:00:00Z', patienceOver })

it('a command about a version that was heard of, or about none, does not wait', () => {
  for (const orderVersion of [undefined, 1, 2])
    expect(isBehind(2, { orderId: 'ord-1', orderVersion }, moment(false))).toBe(undefined)
})

it('a command about a later version waits, and says so when patience is over', () => {
  expect(isBehind(2, { orderId: 'ord-1', orderVersion: 3 }, moment(false))).toBe('not-yet')
  expect(isBehind(2, { orderId: 'ord-1', orderVersion: 3 }, moment(true))).toEqual({
    answer: {
      ...{ type: 'StepFailed', attempts: 1, moneyInDoubt: false },
      error: 'expected version 3 of order ord-1, got 2: its changes were not heard of in time',
    },
  })
})
