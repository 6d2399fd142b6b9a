import { expect, it } from 'vitest'
import { seeded } from '../random.ts'
import { pooledSpread } from './spread.ts'

it('grows with the level as the errors of all goods together do', () => {
  const random = seeded(9)
  const seen = Array.from({ length: 2000 }, (_, nth) => {
    const expected = 1 + (nth % 100)
    return { expected, error: 2 * (expected + 1) ** 0.7 * Math.exp(random() - 0.5) }
  })
  const spread = pooledSpread(seen)
  for (const expected of [3, 30, 90]) expect(spread(expected) / (2 * (expected + 1) ** 0.7)).toBeCloseTo(1, 1)
})

it('is the errors’ own size where all goods are alike, or nothing was seen', () => {
  expect(pooledSpread([4, 4, 4].map((expected) => ({ expected, error: 3 })))(10)).toBeCloseTo(3, 9)
  expect(pooledSpread([])(5)).toBe(1)
})
