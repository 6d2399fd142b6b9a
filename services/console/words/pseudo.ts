import { english } from './english.ts'
import { staffEnglish } from './staff/english.ts'
import type { StaffWords } from './staff/words.ts'
import type { Words } from './words.ts'

/** Languages that nobody speaks: what they show is in the catalogue, and the page holds more and turned-round text. */

const accents: Readonly<Record<string, string>> = {
  ...{ a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', A: 'Á', E: 'É', I: 'Í', O: 'Ó', U: 'Ú', c: 'ç', n: 'ñ', y: 'ý' },
}

/** A third longer. */
const longer = (text: string): string =>
  `[${text.replaceAll(/[aeiouAEIOUcny]/g, (sign) => accents[sign] ?? sign)}${' ~'.repeat(Math.ceil(text.length / 6))}]`

/** As one that is written from right to left. */
const turned = (text: string): string => `\u202B${longer(text)}\u202C`

const isFunction = (value: unknown): value is (...args: unknown[]) => unknown => typeof value === 'function'

const mapped = (value: unknown, change: (text: string) => string): unknown => {
  if (typeof value === 'string') return change(value)
  if (isFunction(value)) return (...args: unknown[]) => mapped(value(...args), change)
  if (Array.isArray(value)) return value.map((each) => mapped(each, change))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapped(each, change)]))
  return value
}

// The same entries, each with other text: the compiler cannot follow a walk through all of them, a test does.
export const longEnglish = mapped(english, longer) as Words
export const turnedEnglish = mapped(english, turned) as Words
export const longStaffEnglish = mapped(staffEnglish, longer) as StaffWords
export const turnedStaffEnglish = mapped(staffEnglish, turned) as StaffWords
