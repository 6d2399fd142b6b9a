import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minorUnitDigits } from './currencies.ts'
import { exampleOrder } from './examples.ts'
import { cumulativeShare, formatAmount, lineAmount, orderTotal, type PricedLine } from './money.ts'
import { placedOrder } from './order-events.ts'

const hugeAmount = fc.oneof(fc.nat(1_000), fc.maxSafeNat())

/** A line whose price is a safe integer and whose discount is at most its price, as the contract has it. */
const line: fc.Arbitrary<PricedLine> = fc
  .tuple(fc.integer({ min: 1, max: 1_000 }), fc.oneof(fc.nat(500), fc.nat(9_000_000_000_000)))
  .chain(([quantity, unitAmount]) =>
    fc.record({
      quantity: fc.constant(quantity),
      unitAmount: fc.constant(unitAmount),
      discountAmount: fc.maxSafeNat().map((any) => any % (unitAmount * quantity + 1)),
      taxAmount: fc.nat(1_000_000_000),
    }),
  )

/** A line and the quantities of several partial cancellations, which together are the whole line. */
const splitLine = line.chain((each) =>
  fc
    .array(fc.integer({ min: 1, max: each.quantity }), { maxLength: 6 })
    .map((cuts) => [...new Set([0, ...cuts, each.quantity])].toSorted((a, b) => a - b))
    .map((cuts) => ({ line: each, cuts })),
)

const sum = (amounts: readonly number[]) => amounts.reduce((total, each) => total + each, 0)

describe('frozen shares', () => {
  it('of any split of a line add up to the line, whatever its size', () => {
    fc.assert(
      fc.property(splitLine, ({ line, cuts }) => {
        const parts = cuts.slice(1).map((to, index) => lineAmount(line, to - (cuts[index] ?? 0), cuts[index]))
        expect(sum(parts)).toBe(lineAmount(line, line.quantity))
      }),
      { numRuns: 500 },
    )
  })

  it('are whole numbers and never negative', () => {
    fc.assert(
      fc.property(splitLine, ({ line, cuts }) => {
        for (const [index, to] of cuts.slice(1).entries()) {
          const part = lineAmount(line, to - (cuts[index] ?? 0), cuts[index])
          expect(Number.isSafeInteger(part)).toBe(true)
          expect(part).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('of single units differ by one minor unit at most', () => {
    fc.assert(
      fc.property(hugeAmount, fc.integer({ min: 1, max: 50 }), (total, of) => {
        const units = Array.from(
          { length: of },
          (_, unit) => cumulativeShare(total, unit + 1, of) - cumulativeShare(total, unit, of),
        )
        expect(Math.max(...units) - Math.min(...units)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('give the last unit the rounding remainder', () => {
    const mug = { quantity: 3, unitAmount: 0, discountAmount: 0, taxAmount: 100 }
    expect([0, 1, 2].map((already) => lineAmount(mug, 1, already))).toEqual([33, 33, 34])
  })

  it('stay exact where the product of total and units is no safe integer', () => {
    expect(cumulativeShare(Number.MAX_SAFE_INTEGER, 2, 3)).toBe(6_004_799_503_160_660)
  })
})

describe('an order', () => {
  it('of the documentation adds up to 3351', () => {
    expect(orderTotal(placedOrder.parse(exampleOrder))).toBe(3351)
  })

  it('is priced with its shipping and its tax', () => {
    const lines = [{ quantity: 1, unitAmount: 1_000, discountAmount: 0, taxAmount: 190 }]
    expect(orderTotal({ lines, shippingAmount: 490, shippingTaxAmount: 93 })).toBe(1_773)
  })
})

describe('amounts', () => {
  it.each([
    [3351, 'EUR', '33.51 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [0, 'EUR', '0.00 EUR'],
    [3351, 'JPY', '3351 JPY'],
    [3351, 'KWD', '3.351 KWD'],
    [7, 'KWD', '0.007 KWD'],
  ])('%i minor units of %s read %s', (amount, currency, text) => {
    expect(formatAmount(amount, currency, minorUnitDigits(currency))).toBe(text)
  })
})
