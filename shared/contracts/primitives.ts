import currencyCodes from 'currency-codes'
import { z } from 'zod'
import { isClean, printable, unprintableIn, utf8Bytes } from './text.ts'

export { timestamp } from './timestamp.ts'

/** Text that every part can keep: PostgreSQL takes no NUL, and half of a surrogate pair is no Unicode. */
export const text = z.string().refine(isClean, 'expected text without NUL or lone surrogates')

/** Text of at most so many bytes of UTF-8, for what an index or a header keeps. */
export const textOfBytes = (most: number, what: string) =>
  text.refine(
    (value) => utf8Bytes(value) <= most,
    `expected ${what} of at most ${most.toLocaleString('en')} bytes of UTF-8`,
  )

/** An id that someone else chose: 1 to 128 characters (UTF-16 units), all printable. */
export const id = z
  .string()
  .min(1, 'expected an id')
  .max(128, 'expected an id of at most 128 characters')
  .regex(printable, {
    error: ({ input }) => `expected an id of printable characters, which ${unprintableIn(String(input))} is not`,
  })

/** An amount in minor units of its currency (cents of EUR, yen of JPY, fils of KWD): a non-negative safe integer. */
export const amount = z
  .int('expected an amount in minor units, a whole number')
  .nonnegative('expected an amount of 0 or more')
  .describe('in minor units of the currency')

export const quantity = z.int('expected a quantity, a whole number').positive('expected a quantity of 1 or more')

// `currency-codes` has the standard's table of June 2024. XCG and XAD were added in 2025.
const currencies = new Set([...currencyCodes.codes(), 'XCG', 'XAD'])

/** An ISO 4217 code of the active list. */
export const currency = z
  .string()
  .refine((code) => currencies.has(code), 'expected a currency of ISO 4217, such as EUR')
  .describe('ISO 4217')

export const note = text.max(2000, 'expected a note of at most 2,000 characters')

export type Amount = z.infer<typeof amount>
