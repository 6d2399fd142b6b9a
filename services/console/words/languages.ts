import { type Speech, speechIn } from '../pages/kit/speech.ts'
import { chinese } from './chinese.ts'
import { english } from './english.ts'
import { german } from './german.ts'
import { japanese } from './japanese.ts'
import { longEnglish, longStaffEnglish, turnedEnglish, turnedStaffEnglish } from './pseudo.ts'
import { staffChinese } from './staff/chinese.ts'
import { staffEnglish } from './staff/english.ts'
import { staffGerman } from './staff/german.ts'
import { staffJapanese } from './staff/japanese.ts'
import type { StaffWords } from './staff/words.ts'

/** Languages by their BCP 47 tag; the first is spoken where none fits. */
const spoken = {
  en: { words: english, tag: 'en-GB', direction: 'ltr' },
  'zh-CN': { words: chinese, tag: 'zh-CN', direction: 'ltr' },
  de: { words: german, tag: 'de-DE', direction: 'ltr' },
  ja: { words: japanese, tag: 'ja-JP', direction: 'ltr' },
} as const

const pseudo = {
  'en-XA': { words: longEnglish, tag: 'en-GB', direction: 'ltr' },
  'ar-XB': { words: turnedEnglish, tag: 'en-GB', direction: 'rtl' },
} as const

const all = { ...spoken, ...pseudo }
export type Language = keyof typeof all

/** Those that a reader may choose, as each calls itself. */
export const languages = Object.entries(spoken).map(([language, { words }]) => ({ language, name: words.name }))

const isLanguage = (tag: string): tag is Language => Object.hasOwn(all, tag)

/** The language that a tag means, or its nearest: `de-AT` is `de`. */
const nearest = (tag: string): Language | undefined => {
  if (isLanguage(tag)) return tag
  const [main = ''] = tag.toLowerCase().split('-')
  return Object.keys(spoken)
    .filter(isLanguage)
    .find((each) => each.toLowerCase().split('-')[0] === main)
}

/** By the reader's choice, else their order's, else their browser's (`Accept-Language`). */
export const languageOf = (wishes: readonly (string | undefined)[], acceptLanguage: string | undefined): Language => {
  const accepted = (acceptLanguage ?? '')
    .split(',')
    .map((each) => {
      const [tag = '', weight = 'q=1'] = each.trim().split(';')
      return { tag, weight: Number(weight.trim().replace(/^q=/, '')) || 0 }
    })
    .filter(({ tag, weight }) => tag !== '' && weight > 0)
    .toSorted((one, other) => other.weight - one.weight)
  for (const tag of [...wishes, ...accepted.slice(0, 20).map((each) => each.tag)]) {
    const found = tag === undefined ? undefined : nearest(tag)
    if (found !== undefined) return found
  }
  return 'en'
}

/** How it is said in a language, times in this zone. */
export const speech = (language: Language, zone: string): Speech => {
  const { words, tag, direction } = all[language]
  return speechIn(words, { language, tag, direction, zone })
}

const toStaff: Readonly<Record<Language, StaffWords>> = {
  ...{ en: staffEnglish, 'zh-CN': staffChinese, de: staffGerman, ja: staffJapanese },
  ...{ 'en-XA': longStaffEnglish, 'ar-XB': turnedStaffEnglish },
}

/** What is said to members of staff in a language. */
export const staffWordsIn = (language: Language): StaffWords => toStaff[language]
