import { expect, it } from 'vitest'
import { fromStripe, toStripe } from './stripe-money.ts'

it.each([
  [9899, 'JPY', 9899],
  [9899, 'EUR', 9899],
  [12_340, 'KWD', 12_340],
  [500, 'ISK', 50_000],
  [500, 'UGX', 50_000],
  [500, 'MGA', 5],
])('%i of %s is %i at Stripe, and the other way round', (ours, currency, theirs) => {
  expect([toStripe(ours, currency), fromStripe(theirs, currency)]).toEqual([theirs, ours])
})

it('has no part of a coin that Stripe does not know', () => expect(toStripe(50, 'MGA')).toBeUndefined())
