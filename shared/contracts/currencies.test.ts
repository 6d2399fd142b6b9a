import currencyCodes from 'currency-codes'
import { expect, it } from 'vitest'
import { minorUnitDigits } from './currencies.ts'

it('gives every currency the digits of ISO 4217', () => {
  const expected = Object.fromEntries(currencyCodes.codes().map((code) => [code, currencyCodes.code(code)?.digits]))
  expect(Object.fromEntries(currencyCodes.codes().map((code) => [code, minorUnitDigits(code)]))).toEqual(expected)
})

it.each(['XCG', 'XAD', 'ZZZ', 'constructor', '__proto__', ''])('gives %j two', (code) => {
  expect(minorUnitDigits(code)).toBe(2)
})
