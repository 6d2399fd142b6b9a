import currencyCodes from 'currency-codes'
import { z } from 'zod'
import { grouped, isClean, mostOfMessage, printable, said, unprintableIn, utf8Bytes } from './text.ts'

export { timestamp } from './timestamp.ts'

/** Text that every part can keep: PostgreSQL takes no NUL, and half of a surrogate pair is no Unicode. */
export const text = z.string().refine(isClean, 'expected text without NUL or lone surrogates')

/** Text of at most so many bytes of UTF-8, for what an index or a header keeps. */
export const textOfBytes = (most: number, what: string) =>
  text.refine((value) => utf8Bytes(value) <= most, `expected ${what} of at most ${grouped(most)} bytes of UTF-8`)

/** `max` of zod counts code points, and there are ids of 128 emoji in 512 bytes; ours counts UTF-16 units, as everybody else does here. */
const ofUnits = (schema: z.ZodString, most: number, error: string): z.ZodString =>
  schema.max(most, { error, abort: true }).refine((value) => value.length <= most, { error, abort: true })

/** Text of at most so many characters (UTF-16 units). */
export const textOf = (most: number, what: string): z.ZodString =>
  ofUnits(text, most, `expected ${what} of at most ${grouped(most)} characters`)

/** What a program or a person says (an error, a reason, a message): taken as it comes, kept cleaned and clipped. */
export const words = z
  .string()
  .overwrite(said)
  .describe(`kept up to ${grouped(mostOfMessage)} bytes`)

/** An id that someone else chose: 1 to 128 characters (UTF-16 units), all printable. */
export const id = ofUnits(z.string().min(1, 'expected an id'), 128, 'expected an id of at most 128 characters').regex(
  printable,
  {
    error: ({ input }) => `expected an id of printable characters, which ${unprintableIn(String(input))} is not`,
  },
)

/**
 * An id that was taken by the rule of its day, which allowed any text. What carries on what was taken (commands, answers, records, our own
 * events) takes it as it is, whatever intake would say of it today: else a saga that is open when a rule comes could never end.
 */
export const takenId = ofUnits(text.min(1, 'expected an id'), 128, 'expected an id of at most 128 characters')

/** An amount in minor units of its currency (cents of EUR, yen of JPY, fils of KWD): a non-negative safe integer. */
export const amount = z
  .int('expected an amount in minor units, a whole number')
  .nonnegative('expected an amount of 0 or more')
  .describe('in minor units of the currency')

/** The most that coins make of a sum: 100 rupiah, which are 10,000 minor units, and far less nearly everywhere. */
const mostRounding = 10_000

/** What a sum was rounded by, in minor units: negative when it was rounded down. */
export const rounding = z
  .int('expected an amount in minor units, a whole number')
  .min(-mostRounding, `expected a rounding of at most ${grouped(mostRounding)} minor units`)
  .max(mostRounding, `expected a rounding of at most ${grouped(mostRounding)} minor units`)
  .describe('in minor units of the currency, negative when the sum was rounded down')

/** Which version of an order is meant, counted from 1: as it was placed. */
export const orderVersion = z.int32().positive()

/** Units of a line: a positive whole number. */
export const quantity = z.int('expected a quantity, a whole number').positive('expected a quantity of 1 or more')

// `currency-codes` has the standard's table of June 2024. XCG and XAD were added in 2025.
const currencies = new Set([...currencyCodes.codes(), 'XCG', 'XAD'])

/** An ISO 4217 code of the active list. */
export const currency = z
  .string()
  .refine((code) => currencies.has(code), 'expected a currency of ISO 4217, such as EUR')
  .describe('ISO 4217')

/** What a person wrote: up to 2,000 characters (UTF-16 units). */
export const note = textOf(2_000, 'a note')

/** An amount in minor units. */
export type Amount = z.infer<typeof amount>
