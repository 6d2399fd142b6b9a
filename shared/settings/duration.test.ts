import fc from 'fast-check'
import { expect, test } from 'vitest'
import { duration, parseDuration } from './duration.ts'

test.each([
  ['500ms', 500],
  ['20s', 20_000],
  ['5m', 300_000],
  ['24h', 86_400_000],
  ['30d', 2_592_000_000],
  ['PT5M', 300_000],
  ['P14D', 1_209_600_000],
  ['P1W', 604_800_000],
  ['P1DT2H3M4.5S', 93_784_500],
])('%s is %i ms', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))

test.each([
  '',
  'soon',
  '5',
  '-5s',
  '1.5s',
  '5 s',
  'P',
  'PT',
  'P1Y',
  '5S',
  '365001d',
  `${'9'.repeat(400)}ms`,
  'P99999999W',
])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined())

test('any whole number of a unit comes back in ms', () => {
  const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  fc.assert(
    fc.property(fc.nat(10_000), fc.constantFrom(...Object.entries(units)), (count, [unit, size]) => {
      expect(parseDuration(`${count}${unit}`)).toBe(count * size)
    }),
  )
})

test('a setting that is no duration says what was expected', () => {
  expect(duration.safeParse('soon').error?.issues[0]?.message).toBe(
    'expected a duration such as 500ms, 20s, 5m, 24h, 30d or PT5M, got soon',
  )
})
