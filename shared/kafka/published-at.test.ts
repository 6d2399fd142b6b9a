import { expect, test } from 'vitest'
import { publishedAt } from './published-at.ts'

const arrivedAt = '2026-11-20T10:00:00.000Z'

test.each([
  ['when it came', { arrivedAt, headers: {} }, arrivedAt],
  [
    'when it says that it came first',
    { arrivedAt, headers: { 'first-published-at': '2026-11-01T10:00:00Z' } },
    '2026-11-01T10:00:00.000Z',
  ],
  ['never later than it came', { arrivedAt, headers: { 'first-published-at': '2027-01-01T00:00:00Z' } }, arrivedAt],
  [
    'when it came, when it says nothing that is a date',
    { arrivedAt, headers: { 'first-published-at': 'soon' } },
    arrivedAt,
  ],
  ['nobody knows when, without a time', { headers: {} }, undefined],
] as const)('a message was published %s', (_how, message, expected) => {
  expect(publishedAt(message)).toBe(expected)
})
