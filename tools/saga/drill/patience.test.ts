import { expect, it } from 'vitest'
import { attemptsMs, spanText } from './patience.ts'

it('adds up the waits between attempts, doubling to a minute', () => {
  expect(attemptsMs(1, 1_000)).toBe(0)
  expect(attemptsMs(3, 500)).toBe(500 + 1_000)
  expect(attemptsMs(20, 1_000)).toBe((1 + 2 + 4 + 8 + 16 + 32) * 1_000 + 13 * 60_000)
  expect(attemptsMs(3, 120_000)).toBe(240_000)
})

it.each([
  [5_000, '5 s'],
  [119_000, '119 s'],
  [844_000, '15 min'],
  [72 * 3_600_000, '3 days'],
  [7_200_000, '2 h'],
])('says %d ms as %s', (milliseconds, text) => expect(spanText(milliseconds)).toBe(text))
