import { IntlMessageFormat } from 'intl-messageformat'
import { z } from 'zod'

/** Texts of one language by their keys, in ICU MessageFormat. */
export const textsFile = z.record(z.string(), z.string('expected a text').min(1, 'expected a text'))

/** What a text is filled with. */
export type TextValues = Readonly<Record<string, string | number>>

/** All texts in all languages. */
export interface Texts {
  readonly languages: readonly string[]
  has(language: string, key: string): boolean
  /** In that language, or the one that it is a form of, else in English. */
  say(language: string, key: string, values: TextValues): string
}

/** A text as it is asked, or what is wrong with it. */
export const compileText = (language: string, text: string): IntlMessageFormat | Error => {
  try {
    return new IntlMessageFormat(text, language)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** The language of ours that a language tag means: `de-AT` is `de`. */
export const languageOf = (languages: readonly string[], tag: string | undefined): string => {
  const wanted = (tag ?? 'en').toLowerCase()
  return languages.find((each) => wanted === each || wanted.startsWith(`${each}-`)) ?? 'en'
}

/** Texts to ask: compiled when they are first said. */
export const textsOf = (files: ReadonlyMap<string, Readonly<Record<string, string>>>): Texts => {
  const compiled = new Map<string, IntlMessageFormat>()
  const languages = [...files.keys()].toSorted()
  const formOf = (language: string, key: string): IntlMessageFormat | undefined => {
    const id = `${language} ${key}`
    const known = compiled.get(id)
    const text = files.get(language)?.[key]
    if (known !== undefined || text === undefined) return known
    const made = compileText(language, text)
    if (made instanceof Error) return undefined
    compiled.set(id, made)
    return made
  }
  return {
    languages,
    has: (language, key) => files.get(language)?.[key] !== undefined,
    say: (tag, key, values) => {
      const form = formOf(languageOf(languages, tag), key) ?? formOf('en', key)
      return form === undefined ? key : String(form.format({ ...values }))
    },
  }
}
