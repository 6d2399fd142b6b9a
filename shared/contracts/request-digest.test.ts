import { expect, test } from 'vitest'
import { type CancelRequested, cancelRequested } from './cancel-requests.ts'
import { digestOf } from './request-digest.ts'

const request: CancelRequested = {
  requestId: 'req-1',
  orderId: 'ord-1',
  requestedAt: '2026-11-20T10:00:00Z',
  initiator: { kind: 'customer', id: 'cus-7' },
  reason: { code: 'changed-mind' },
  refundTo: 'original',
}
const lines = [
  { lineId: '1', quantity: 1 },
  { lineId: '2', quantity: 3 },
]

test('the order of lines, the request that is tried again and the way it came do not make another content', () => {
  const one = digestOf({ ...request, lines })
  expect(digestOf({ ...request, lines: lines.toReversed(), retryOf: 'req-0', via: 'phone' })).toBe(one)
})

const changes: readonly Partial<CancelRequested>[] = [
  { orderId: 'ord-2' },
  { requestedAt: '2026-11-20T10:00:01Z' },
  { reason: { code: 'too-slow' } },
  { reason: { code: 'changed-mind', note: 'ordered twice' } },
  { initiator: { kind: 'support' } },
  { refundTo: 'store-credit' },
  { lines },
]

test.each(changes)('%o makes another content', (change) => {
  expect(digestOf({ ...request, ...change })).not.toBe(digestOf(request))
})

test('of every field of a request it is said whether it makes another content', () => {
  const says = [...changes.flatMap((change) => Object.keys(change)), 'requestId', 'retryOf', 'via']
  expect([...new Set(says)].toSorted()).toEqual(Object.keys(cancelRequested.shape).toSorted())
})

test('it stays what it was: open runs keep theirs in their memo', () => {
  expect(digestOf({ ...request, lines })).toBe('03bba072a1ab43f925e2621a2bc6798ef3ede94533a8b4d4ec01db4f3cedd446')
})
