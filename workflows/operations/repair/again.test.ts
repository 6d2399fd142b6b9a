import { type CancelRequested, cancelRequested } from '@countermand/contracts'
import { expect, it } from 'vitest'
import { nextRequest, nextRequestId, signed } from './again.ts'

const request: CancelRequested = {
  ...{ requestId: 'req-1', orderId: 'ord-1', requestedAt: '2026-11-20T10:00:00Z', refundTo: 'original' },
  initiator: { kind: 'customer', id: 'cus-7' },
  reason: { code: 'changed-mind', note: 'ordered twice' },
  lines: [{ lineId: '1', quantity: 1 }],
}

it('asks for the same again, as a request of its own that names the first', () => {
  const next = nextRequest(request)
  expect(next).toMatchObject({ orderId: 'ord-1', lines: request.lines, initiator: request.initiator, retryOf: 'req-1' })
  expect(next.requestId).not.toBe('req-1')
  expect(cancelRequested.parse(next)).toEqual(next)
})

it('is the same request however often it is asked for, and another for another', () => {
  expect(nextRequestId('req-1')).toBe(nextRequestId('req-1'))
  expect(nextRequestId('req-1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(['req-1', 'req-2', nextRequestId('req-1')].map(nextRequestId)).size).toBe(3)
})

it('keeps who asked again and why, within what a note may hold', () => {
  const { reason } = signed(request, { by: 'ann', reason: 'the wallet is back' })
  expect(reason).toEqual({
    code: 'changed-mind',
    note: 'asked again by ann: the wallet is back (first: ordered twice)',
  })
  const long = signed(request, { by: 'ann', reason: 'x'.repeat(3_000) })
  expect(cancelRequested.parse(long).reason.note).toHaveLength(2_000)
})
