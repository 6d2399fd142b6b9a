import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { croston, exponentialSmoothing, meanOf, movingAverage, naive, seasonalNaive, tsb } from './smooth.ts'

const all = { naive, exponentialSmoothing, tsb, mean: movingAverage(4), croston: croston(false), sba: croston(true) }

describe('every method', () => {
  it.each(Object.entries(all))('%s says of what never changes what it is, but for the correction', (name, forecast) => {
    const said = forecast(new Float64Array(30).fill(6))
    expect(said).toBeCloseTo(name === 'sba' ? 6 * 0.95 : 6, 6)
  })

  it.each(Object.entries(all))('%s never says less than nothing, nor more than the most', (_, forecast) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 }), (past) => {
        const said = forecast(past)
        expect(said).toBeGreaterThanOrEqual(0)
        expect(said).toBeLessThanOrEqual(Math.max(...past) + 1e-9)
      }),
    )
  })
})

it('Croston says size by time between, and Syntetos and Boylan a bit less', () => {
  const past = Array.from({ length: 40 }, (_, at) => (at % 4 === 3 ? 8 : 0))
  expect(croston(false)(past)).toBeCloseTo(2, 6)
  expect(croston(true)(past)).toBeCloseTo(1.9, 6)
})

it('what is sold no more fades by TSB, and stays by Croston', () => {
  const past = Array.from({ length: 80 }, (_, at) => (at < 40 && at % 2 === 0 ? 10 : 0))
  expect(tsb(past)).toBeLessThan(1)
  expect(croston(false)(past)).toBeGreaterThan(4)
})

it('smoothing follows a step as quickly as the past asks for', () => {
  const past = Array.from({ length: 60 }, (_, at) => (at < 30 ? 2 : 20))
  expect(exponentialSmoothing(past)).toBeCloseTo(20, 1)
})

it('the same season again is the last period where there was none', () => {
  expect(seasonalNaive(3)([1, 2, 3, 4])).toBe(2)
  expect(seasonalNaive(7)([1, 2])).toBe(2)
  expect(meanOf([naive, seasonalNaive(3)])([1, 2, 3, 4])).toBe(3)
})
