import { minorUnitDigits } from '@countermand/contracts'
import { z } from 'zod'

/** PayPal writes amounts as decimals: two digits, and none in these (developer.paypal.com/api/rest/reference/currency-codes). */
const withoutDecimals: ReadonlySet<string> = new Set(['HUF', 'JPY', 'TWD'])

/** An amount of ours as PayPal writes it; `undefined`: it has no such small coin. */
export const toPaypal = (amount: number, currency: string): string | undefined => {
  const digits = withoutDecimals.has(currency) ? 0 : 2
  const shift = minorUnitDigits(currency) - digits
  const counted = shift > 0 ? amount / 10 ** shift : amount * 10 ** -shift
  if (!Number.isSafeInteger(counted)) return undefined
  const text = String(counted).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** An amount of PayPal's in minor units; `undefined`: it is none of that currency. */
export const fromPaypal = (value: string, currency: string): number | undefined => {
  const [, whole, part = ''] = /^(\d{1,12})(?:\.(\d{1,3}))?$/.exec(value) ?? []
  if (whole === undefined) return undefined
  const thousandths = Number(whole) * 1000 + Number(part.padEnd(3, '0'))
  const amount = thousandths / 10 ** (3 - minorUnitDigits(currency))
  return Number.isSafeInteger(amount) ? amount : undefined
}

const moneyBy = (read: typeof fromPaypal) =>
  z
    .object({ currency_code: z.string().regex(/^[A-Z]{3}$/), value: z.string() })
    .transform(({ currency_code: currency, value }, context) => {
      const amount = read(value, currency)
      if (amount !== undefined) return { amount, currency }
      context.addIssue({ code: 'custom', message: `expected an amount of ${currency}`, path: ['value'] })
      return z.NEVER
    })

/** As PayPal's objects have it; read as minor units, and ISO 4217. */
export const paypalMoney = moneyBy(fromPaypal)

/** As PayPal's reports have it: negative, where it left the account. */
export const paypalMovement = moneyBy((value, currency) => {
  if (!value.startsWith('-')) return fromPaypal(value, currency)
  const amount = fromPaypal(value.slice(1), currency)
  return amount === undefined ? undefined : 0 - amount
})
