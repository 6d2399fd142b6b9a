import { expect, test, vi } from 'vitest'
import { leastFastMs } from '../protocol/activities.ts'
import { createActivities } from './activities.ts'

test('the fast lane asks nobody when there is too little time for an answer', async () => {
  const askFast = vi.fn()
  const refundOrder: unknown = Reflect.get(
    createActivities({ publish: askFast, askFast, now: () => '2026-11-20T10:00:00Z' }),
    'refundOrder',
  )
  const way = { withinMs: leastFastMs - 1, activityId: 'refund-do-1' }
  expect(typeof refundOrder === 'function' && (await refundOrder({}, way))).toEqual({ type: 'NotNow' })
  expect(askFast).not.toHaveBeenCalled()
})
