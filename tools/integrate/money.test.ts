import fc from 'fast-check'
import { expect, it } from 'vitest'
import { minorUnits, spread } from './money.ts'

it.each([
  ['19.99', 'EUR', 1999],
  [19.99, 'EUR', 1999],
  [59.970000000000006, 'EUR', 5997],
  ['0', 'EUR', 0],
  ['-5.00', 'EUR', -500],
  ['-0.001', 'EUR', 0],
  ['1000', 'JPY', 1000],
  [999.5, 'JPY', 1000],
  ['1.2345', 'KWD', 1235],
  ['33.3333', 'EUR', 3333],
  ['33.335', 'EUR', 3334],
])('%s of %s is %s in minor units', (amount, currency, units) => {
  expect(minorUnits(amount, currency)).toBe(units)
})

it('a part for each, which add up to the amount, none on the wrong side of 0 and none of what weighs nothing', () => {
  const weights = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), weights, (amount, all) => {
      const parts = spread(amount, all)
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount)
      for (const part of parts) expect(Math.sign(part) * Math.sign(amount)).toBeGreaterThanOrEqual(0)
      if (all.some((weight) => weight > 0))
        for (const [place, part] of parts.entries()) if (all[place] === 0) expect(part).toBe(0)
    }),
  )
})
