import { minorUnitDigits } from '@countermand/contracts'

/** Where Stripe counts in other units than ISO 4217 does: how many digits it gives to a currency. */
const others: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 }

const factorOf = (currency: string): number => {
  const ours = minorUnitDigits(currency)
  return 10 ** ((others[currency] ?? ours) - ours)
}

/** An amount of ours as Stripe counts it; `undefined`: it has no such small coin. */
export const toStripe = (amount: number, currency: string): number | undefined => {
  const counted = amount * factorOf(currency)
  return Number.isSafeInteger(counted) ? counted : undefined
}

/** An amount of Stripe's in minor units. */
export const fromStripe = (amount: number, currency: string): number => Math.round(amount / factorOf(currency))
