import currencyCodes from 'currency-codes'
import { z } from 'zod'

/** An id that someone else chose: 1 to 128 characters. */
export const id = z
  .string()
  .min(1, 'expected an id, got an empty string')
  .max(128, 'expected an id of at most 128 characters')

/** An amount in minor units of its currency (cents of EUR, yen of JPY, fils of KWD): a non-negative safe integer. */
export const amount = z
  .int('expected an amount in minor units, a whole number')
  .nonnegative('expected an amount of 0 or more')

export const quantity = z.int('expected a quantity, a whole number').positive('expected a quantity of 1 or more')

/** An RFC 3339 date and time with its offset, e.g. `2026-11-20T09:00:00Z`. */
export const timestamp = z.iso.datetime({
  offset: true,
  error: 'expected an RFC 3339 date and time such as 2026-11-20T09:00:00Z',
})

const currencies = new Set(currencyCodes.codes())

/** An ISO 4217 code (the active list, from the standard's own table in `currency-codes`). */
export const currency = z
  .string()
  .refine((code) => currencies.has(code), 'expected a currency of ISO 4217, such as EUR')

export const note = z.string().max(2000, 'expected a note of at most 2,000 characters')

/** How many digits a currency's minor unit has: EUR 2, JPY 0, KWD 3. */
export const minorUnitDigits = (code: string): number => currencyCodes.code(code)?.digits ?? 2

export type Amount = z.infer<typeof amount>
