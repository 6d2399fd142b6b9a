import { describe, expect, it } from 'vitest'
import { minorUnitDigits } from './currencies.ts'
import { currency, id, note } from './primitives.ts'
import { problemOfId, problemOfNote } from './text.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }) => (value: unknown) =>
  schema.safeParse(value).success

describe('the list of currencies', () => {
  it.each(['EUR', 'USD', 'JPY', 'KWD', 'CNY', 'GBP', 'XCG', 'XAD', 'ZWG'])('has %s', (code) => {
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
    '😀'.repeat(64),
  ])('may be %j', (text) => {
    expect(accepts(id)(text)).toBe(true)
  })

  it.each([
    '',
    'x'.repeat(129),
    '😀'.repeat(65),
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

describe('a limit of characters', () => {
  it.each(['x', 'é', '注', '😀', '"'])(
    'is one of UTF-16 units in schemas as in the rule for workflow code: %s',
    (character) => {
      for (const units of [64, 126, 128, 130, 256])
        expect(accepts(id)(character.repeat(units / character.length)), `${units}`).toBe(
          problemOfId(character.repeat(units / character.length)) === undefined,
        )
      for (const units of [1_998, 2_000, 2_002, 4_000])
        expect(accepts(note)(character.repeat(units / character.length)), `${units}`).toBe(
          problemOfNote(character.repeat(units / character.length)) === undefined,
        )
    },
  )
})
