import { expect, test } from 'vitest'
import { request } from '../../testing/world.ts'
import { digestOf, inputIdOf } from './content.ts'

const lines = [
  { lineId: '1', quantity: 1 },
  { lineId: '2', quantity: 3 },
]

test('the order of lines and the request that is tried again do not make another content', () => {
  const one = digestOf({ ...request, lines })
  expect(digestOf({ ...request, lines: lines.toReversed(), retryOf: 'req-0' })).toBe(one)
})

test.each([
  { orderId: 'ord-2' },
  { requestedAt: '2026-11-20T10:00:01Z' },
  { reason: { code: 'too-slow' as const } },
  { reason: { code: 'changed-mind' as const, note: 'ordered twice' } },
  { initiator: { kind: 'support' as const } },
  { refundTo: 'store-credit' as const },
  { lines },
])('%o makes another content', (change) => {
  expect(digestOf({ ...request, ...change })).not.toBe(digestOf(request))
})

test('an input is the same only for the same publisher and id, however long they are', () => {
  const id = 'x'.repeat(1024)
  expect(inputIdOf({ source: 'shop', id })).toBe(inputIdOf({ source: 'shop', id }))
  expect(inputIdOf({ source: 'shop', id })).not.toBe(inputIdOf({ source: 'other', id }))
  expect(inputIdOf({ source: 'shop', id }).length).toBeLessThan(64)
})
