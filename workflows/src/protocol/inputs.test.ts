import { expect, test } from 'vitest'
import { sagaInput } from './inputs.ts'

const saga = { orderId: 'ord-1', requestId: 'req-1' }

test('a run that begins today leaves it to its activities whether there is time, with a request or before it', () => {
  const request = { ...saga, requestedAt: '2026-11-20T10:00:00Z', refundTo: 'original' as const }
  const requested = {
    request: { ...request, initiator: { kind: 'customer' as const }, reason: { code: 'other' as const } },
    digest: 'd',
  }
  expect(sagaInput(saga, 'slow')).toEqual({ ...saga, lane: 'slow', timedBy: 'activity', heard: 'together' })
  expect(sagaInput(requested.request, 'adaptive', requested)).toEqual({
    ...{ ...saga, lane: 'adaptive', timedBy: 'activity', heard: 'together' },
    requested,
  })
})
