import { createHash } from 'node:crypto'
import { z } from 'zod'

/**
 * The largest value that a schema takes, found by walking it: every text at its limit, every list at its limit, everything optional there.
 * So a message that is new, or a field that is, cannot be forgotten where sizes are looked at.
 */

/** What a text is filled with: characters of one, three and four bytes, and one that JSON writes with six. */
export const fillings = { one: 'x', three: '注', four: '😀', escaped: '\u0001' } as const
export type Filling = keyof typeof fillings

/** An id of the most bytes that are taken, which nothing makes much smaller: another one for each name, and always the same. */
export const longestId = (name: string, beginning = ''): string => {
  const units = 128 - beginning.length
  const hashes = Array.from({ length: Math.ceil(units / 16) }, (_, part) =>
    createHash('sha256').update(`${name}/${part}`).digest(),
  )
  const bytes = Buffer.concat(hashes)
  // Letters of three bytes in UTF-8, and of nine where they are escaped.
  const letters = Array.from({ length: units }, (_, at) =>
    String.fromCharCode(0x4e00 + (bytes.readUInt16BE(2 * at) % 0x5000)),
  )
  return `${beginning}${letters.join('')}`
}

export interface Largest {
  readonly value: unknown
  /** Texts and lists of it that have no limit, by their place. */
  readonly boundless: readonly string[]
}

/** Nothing of the contract is meant to hold a text of this many characters, or one that it does not shorten. */
const endless = 100_000
/** Texts that only look one way: a time with all its digits, a currency, a number. */
const forms = ['2026-11-20T09:00:00.123456789+14:00', 'EUR', '9223372036854775807']
const numbers = [Number.MAX_SAFE_INTEGER, 2_147_483_647, 1]

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
const largestOf = <Value>(values: readonly Value[]): Value | undefined =>
  values.toSorted((a, b) => jsonBytes(b) - jsonBytes(a))[0]

const taken = (schema: z.core.SomeType, value: unknown): { readonly as: unknown } | undefined => {
  const read = z.safeParse(schema as z.core.$ZodType, value)
  return read.success ? { as: read.data } : undefined
}

/** The longest text of this character, by halving: what is shorter than the longest is taken too. */
const longest = (schema: z.core.SomeType, filling: string): string | undefined => {
  if (taken(schema, filling) === undefined) return undefined
  let fits = 1
  let beyond = endless
  while (beyond - fits > 1) {
    const middle = Math.floor((fits + beyond) / 2)
    if (taken(schema, filling.repeat(middle)) === undefined) beyond = middle
    else fits = middle
  }
  return filling.repeat(fits)
}

interface LongestText {
  readonly text: string
  readonly bounded: boolean
}

const known = new Map<z.core.SomeType, Map<string, LongestText>>()

const findText = (schema: z.core.SomeType, filling: string): LongestText => {
  const found = longest(schema, filling) ?? longest(schema, fillings.three) ?? longest(schema, '9')
  const text = found ?? forms.find((each) => taken(schema, each) !== undefined)
  if (text === undefined) throw new Error('expected a text of a form that is known here')
  const as = taken(schema, text)?.as
  return { text: typeof as === 'string' ? as : text, bounded: jsonBytes(as ?? text) < endless }
}

const textOf = (schema: z.core.SomeType, filling: string): LongestText => {
  const byFilling = known.get(schema) ?? new Map<string, LongestText>()
  known.set(schema, byFilling)
  const found = byFilling.get(filling) ?? findText(schema, filling)
  byFilling.set(filling, found)
  return found
}

const limitOf = (schema: z.ZodArray): number | undefined =>
  schema.def.checks
    ?.map((each) => (each instanceof z.core.$ZodCheckMaxLength ? each._zod.def.maximum : undefined))
    .find((most) => most !== undefined)

/** Ids in a list are told apart by their beginning. */
const toldApart = (schema: z.core.SomeType, text: string, place: number | undefined): string => {
  if (place === undefined) return text
  const number = String(place).padStart(4, '0')
  const apart = `${number}${text.slice(number.length)}`
  return taken(schema, apart) === undefined ? text : apart
}

/** The largest value of a schema whose texts are of this filling. `mostEntries`: of each list no more, for who only looks for limits. */
export const largest = (of: z.core.SomeType, filling: Filling, mostEntries = Number.POSITIVE_INFINITY): Largest => {
  const boundless = new Set<string>()

  const entries = (schema: z.ZodArray, path: string): unknown[] => {
    const limit = limitOf(schema)
    if (limit === undefined) boundless.add(`${path}[]`)
    return Array.from({ length: Math.min(limit ?? 1, mostEntries) }, (_, place) =>
      walk(schema.element, `${path}[]`, place),
    )
  }

  const walk = (schema: z.core.SomeType, path: string, place?: number): unknown => {
    if (
      schema instanceof z.ZodOptional ||
      schema instanceof z.ZodNonOptional ||
      schema instanceof z.ZodDefault ||
      schema instanceof z.ZodNullable
    )
      return walk(schema.def.innerType, path, place)
    if (schema instanceof z.ZodPipe)
      return walk(schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in, path, place)
    if (schema instanceof z.ZodObject)
      return Object.fromEntries(
        Object.entries(schema.shape).map(([name, field]) => [name, walk(field, `${path}.${name}`, place)]),
      )
    if (schema instanceof z.ZodArray) return entries(schema, path)
    if (schema instanceof z.ZodUnion) return largestOf(schema.def.options.map((option) => walk(option, path, place)))
    if (schema instanceof z.ZodEnum) return largestOf(schema.options)
    if (schema instanceof z.ZodLiteral) return largestOf([...schema.values])
    if (schema instanceof z.ZodBoolean) return false
    if (schema instanceof z.ZodNumber) return numbers.find((each) => taken(schema, each) !== undefined)
    if (!(schema instanceof z.ZodString)) throw new Error(`${path}: expected a kind of schema that is known here`)
    const { text, bounded } = textOf(schema, fillings[filling])
    if (!bounded) boundless.add(path)
    return toldApart(schema, text, place)
  }

  return { value: walk(of, ''), boundless: [...boundless] }
}
