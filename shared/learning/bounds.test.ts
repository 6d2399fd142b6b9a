import fc from 'fast-check'
import { expect, it } from 'vitest'
import { atMost, casesNeeded, upperBound, wilson } from './bounds.ts'

it('so many cases show that a share is below 1 %, or 2 %', () => {
  expect([0, 1, 2].map((hits) => casesNeeded(0.01, hits))).toEqual([299, 473, 628])
  expect([0, 1, 2].map((hits) => casesNeeded(0.02, hits))).toEqual([149, 236, 313])
})

it('the upper bound is where so few become a surprise', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 400 }), (hits, more) => {
      const of = hits + more
      expect(atMost(hits, of, upperBound(hits, of))).toBeCloseTo(0.05, 6)
    }),
  )
  expect(upperBound(0, 0)).toBe(1)
  expect(upperBound(3, 3)).toBe(1)
})

it('Wilson has the share inside, and more of it with less seen', () => {
  // 4 of 20: 0.0807 to 0.4160 (Wilson 1927, as in Newcombe 1998)
  expect(wilson(4, 20).low).toBeCloseTo(0.0807, 4)
  expect(wilson(4, 20).high).toBeCloseTo(0.416, 4)
  expect(wilson(0, 0)).toEqual({ low: 0, high: 1 })
})
