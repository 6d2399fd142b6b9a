import { describe, expect, it } from 'vitest'
import { minorUnitDigits } from './currencies.ts'
import { currency, id } from './primitives.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }) => (value: unknown) =>
  schema.safeParse(value).success

describe('the list of currencies', () => {
  it.each(['EUR', 'USD', 'JPY', 'KWD', 'CNY', 'GBP', 'XCG'])('has %s', (code) => {
    expect(accepts(currency)(code)).toBe(true)
  })

  it.each(['DEM', 'XXQ', 'eur', 'EURO', ''])('does not have %j', (code) => {
    expect(accepts(currency)(code)).toBe(false)
  })

  it.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['XCG', 2],
  ])('gives %s %i digits after the point', (code, digits) => {
    expect(minorUnitDigits(code)).toBe(digits)
  })
})

describe('an id', () => {
  it.each([
    'a',
    '#1001',
    '2026/11/0042',
    "O'Brien",
    'Ü-7',
    '注文-7',
    '😀',
    'a b/c%d',
    '__proto__',
    'x'.repeat(128),
    '注'.repeat(128),
  ])('may be %j', (text) => {
    expect(accepts(id)(text)).toBe(true)
  })

  it.each([
    '',
    'x'.repeat(129),
    'a\0',
    '\ud83d',
    '\ude00',
    'a\tb',
    'a\nb',
    '\x1b[2J',
    '\x7f',
    '\u009b',
    'a\u2028b',
    '\u202egnp',
    '\u2066',
    7,
    null,
  ])('may not be %j', (value) => {
    expect(accepts(id)(value)).toBe(false)
  })
})
