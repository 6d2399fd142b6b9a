import { describe, expect, it } from 'vitest'
import { english } from './english.ts'
import { languageOf, speech, staffWordsIn } from './languages.ts'
import { staffEnglish } from './staff/english.ts'

describe('a language', () => {
  it.each([
    [['de-AT'], undefined, 'de'],
    [[undefined, 'ja'], 'en', 'ja'],
    [[], 'fr-FR, de;q=0.7, zh;q=0.9', 'zh-CN'],
    [[], 'xx, de;q=0, *', 'en'],
    [['constructor'], 'toString', 'en'],
    [[], undefined, 'en'],
  ] as const)('is the reader’s wish %j, else what their browser asks for (%s): %s', (wishes, accepted, language) => {
    expect(languageOf(wishes, accepted)).toBe(language)
  })

  /** The names of all that is said. */
  const entries = (words: unknown, path = ''): string[] =>
    typeof words === 'object' && words !== null
      ? Object.entries(words).flatMap(([key, each]) => entries(each, `${path}.${key}`))
      : [path]

  it.each(['zh-CN', 'de', 'ja', 'en-XA', 'ar-XB'] as const)('says all that English says, in %s', (language) => {
    expect(entries(speech(language, 'UTC').words).toSorted()).toEqual(entries(english).toSorted())
    expect(entries(staffWordsIn(language)).toSorted()).toEqual(entries(staffEnglish).toSorted())
  })
})

describe('a sum', () => {
  it('has as many digits as its currency, and loses none', () => {
    const { money } = speech('de', 'UTC')
    expect(money(Number.MAX_SAFE_INTEGER, 'EUR')).toBe('90.071.992.547.409,91\u00a0€')
    expect(money(1234, 'HUF')).toBe('12,34\u00a0HUF')
    expect(money(1234, 'JPY')).toBe('1.234\u00a0¥')
    expect(money(1234, 'KWD')).toBe('1,234\u00a0KWD')
  })
})

describe('a time', () => {
  it('names its zone, and is of UTC where the zone is none', () => {
    expect(speech('en', 'Europe/Berlin').moment('2026-11-24T10:15:00Z')).toBe('Tue 24 Nov, 11:15 CET')
    expect(speech('en', 'Nowhere/Else').time('2026-11-24T10:15:00Z')).toBe('10:15 UTC')
  })
})
