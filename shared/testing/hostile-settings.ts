import { readSettings, SettingsError, type SettingsSchema } from '@countermand/settings'
import { atLimit, hostileTexts } from './hostile-text.ts'

/** Whatever somebody puts into a setting, a process says what is wrong with it, or takes it; it does nothing else. */

const moreTexts = {
  'no number': 'NaN',
  'no end': 'Infinity',
  'a number as others write it': '1e400',
  'less than nothing': '-1',
  'a time beyond all calendars': '99999999999999999999d',
  'a list of nothing': ',,,',
  'another protocol': 'javascript://x:1/',
  'a folder': '/',
  'no page': 'x'.repeat(100_000),
}

/** What is put into each setting. */
export const hostileValues: readonly string[] = [
  ...Object.values(hostileTexts),
  ...Object.values(moreTexts),
  ...atLimit(4_096).tooLong,
]

/** Texts of which nothing can be made but trouble. */
const unusable = ['a\0b', 'a\nb', '\x1b[2J', 'a\u2028b', 'a\u202eb', '\ud83d']

/** Settings whose text is taken as it is: it is only compared, or sent along. */
const free: readonly string[] = ['BLOCKED_CUSTOMERS', 'OTEL_EXPORTER_OTLP_HEADERS']

const obeyed = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u
const mostWords = 1_000

/** What is wrong with what is said about a setting; `undefined`: nothing. */
export const complaintAbout = (words: string, setting: string): string | undefined => {
  if (obeyed.test(words)) return `${setting}: a terminal would obey ${JSON.stringify(words)}`
  if (!words.includes(`  ${setting}`)) return `${setting}: is not named in ${words}`
  return words.length > mostWords ? `${setting}: ${words.length} characters are said` : undefined
}

/** What a process says of one setting; `undefined`: it takes it. Throws what is no error of settings. */
const refusalOf = (schema: SettingsSchema<unknown>, setting: string, text: string): string | undefined => {
  try {
    readSettings({ name: 'process', env: { [setting]: text }, argv: [] }, schema)
    return undefined
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
}

/** What is wrong with how a process meets hostile texts in its settings; empty: nothing. */
export const complaintsAbout = (schema: SettingsSchema<unknown>): string[] =>
  Object.keys(schema.shape).flatMap((setting) => {
    const said = hostileValues.flatMap((text) => refusalOf(schema, setting, text) ?? [])
    const taken = free.includes(setting)
      ? []
      : unusable.filter((text) => refusalOf(schema, setting, text) === undefined)
    return [
      ...said.flatMap((words) => complaintAbout(words, setting) ?? []),
      ...taken.map((text) => `${setting}: takes ${JSON.stringify(text)}`),
    ]
  })
