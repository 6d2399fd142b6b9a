import currencyCodes from 'currency-codes'
import { z } from 'zod'

export { timestamp } from './timestamp.ts'

/** Text that every part can keep: PostgreSQL takes no NUL, and half of a surrogate pair is no Unicode. */
export const text = z
  .string()
  .refine((value) => !value.includes('\0') && value.isWellFormed(), 'expected text without NUL or lone surrogates')

/** An id that someone else chose: 1 to 128 characters. */
export const id = text.min(1, 'expected an id').max(128, 'expected an id of at most 128 characters')

/** An amount in minor units of its currency (cents of EUR, yen of JPY, fils of KWD): a non-negative safe integer. */
export const amount = z
  .int('expected an amount in minor units, a whole number')
  .nonnegative('expected an amount of 0 or more')
  .describe('in minor units of the currency')

export const quantity = z.int('expected a quantity, a whole number').positive('expected a quantity of 1 or more')

// `currency-codes` has the standard's table of June 2024. XCG, with 2 digits, was added in March 2025.
const currencies = new Set([...currencyCodes.codes(), 'XCG'])

/** An ISO 4217 code of the active list. */
export const currency = z
  .string()
  .refine((code) => currencies.has(code), 'expected a currency of ISO 4217, such as EUR')
  .describe('ISO 4217')

export const note = text.max(2000, 'expected a note of at most 2,000 characters')

/** How many digits a currency's minor unit has: EUR 2, JPY 0, KWD 3. */
export const minorUnitDigits = (code: string): number => currencyCodes.code(code)?.digits ?? 2

export type Amount = z.infer<typeof amount>
