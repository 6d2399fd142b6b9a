import { minorUnitDigits } from '@countermand/contracts/currencies.ts'
import { z } from 'zod'

/** Between the amounts of shops, which are decimals, and ours, which are integers in minor units. */

/** An amount as shops write it: `"19.99"`, `19.99`. */
export const decimal = z.union([z.string().regex(/^-?\d+(\.\d+)?$/, 'expected an amount such as 19.99'), z.number()])
export type Decimal = z.infer<typeof decimal>

const thousandths = 6

/** `19.99` of `EUR` → 1999. More digits than the currency has are rounded, half away from zero, as shops do when they show them. */
export const minorUnits = (value: Decimal, currency: string): number => {
  const text = typeof value === 'number' ? value.toFixed(thousandths) : value
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const digits = minorUnitDigits(currency)
  const units = Number(BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0')))
  const rounded = units + (Number(fraction[digits] ?? '0') >= 5 ? 1 : 0)
  return text.startsWith('-') && rounded !== 0 ? -rounded : rounded
}

/** An amount in parts that are as the weights are, and add up to it: no cent is lost or made. Without weight, all goes to the first. */
export const spread = (amount: number, weights: readonly number[]): number[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return weights.map((_, place) => (place === 0 ? amount : 0))
  let weighed = 0
  let given = 0
  return weights.map((weight) => {
    weighed += weight
    const part = Number((BigInt(amount) * BigInt(weighed)) / BigInt(total)) - given
    given += part
    return part
  })
}
