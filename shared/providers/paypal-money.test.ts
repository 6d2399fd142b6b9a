import { expect, it } from 'vitest'
import { fromPaypal, paypalMoney, toPaypal } from './paypal-money.ts'

it.each([
  [9899, 'JPY', '9899'],
  [9899, 'EUR', '98.99'],
  [5, 'EUR', '0.05'],
  [12_340, 'KWD', '12.34'],
  [500, 'ISK', '500.00'],
  [50_000, 'HUF', '500'],
  [50_000, 'TWD', '500'],
])('%i of %s is %s at PayPal, and the other way round', (ours, currency, theirs) => {
  expect([toPaypal(ours, currency), fromPaypal(theirs, currency)]).toEqual([theirs, ours])
})

it('has no part of a coin that PayPal does not know', () =>
  expect([toPaypal(50_050, 'HUF'), toPaypal(12_345, 'KWD'), toPaypal(Number.MAX_SAFE_INTEGER, 'ISK')]).toEqual([
    ...[undefined, undefined, undefined],
  ]))

it.each(['', '1,00', '-1.00', '1e3', '0.005', '1234567890123.00'])('does not read %j of EUR', (value) => {
  expect(fromPaypal(value, 'EUR')).toBeUndefined()
  expect(paypalMoney.safeParse({ value, currency_code: 'EUR' }).success).toBe(false)
})

it('reads digits that say nothing', () =>
  expect([fromPaypal('9899.00', 'JPY'), fromPaypal('10', 'EUR'), fromPaypal('10.5', 'EUR')]).toEqual([
    ...[9899, 1000, 1050],
  ]))
