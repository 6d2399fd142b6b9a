import { describe, expect, it } from 'vitest'
import { figureOf, median, percentile, ratioOf, rounded } from './statistics.ts'

describe('percentile', () => {
  const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index)

  it('is the value that so many do not exceed', () => {
    expect(percentile(oneToHundred, 0.5)).toBe(50)
    expect(percentile(oneToHundred, 0.95)).toBe(95)
    expect(percentile([7], 0.99)).toBe(7)
    expect(percentile([1, 9], 0)).toBe(1)
  })

  it('says that there is nothing to choose from', () => {
    expect(() => percentile([], 0.5)).toThrow('expected at least one value, got none')
  })
})

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 2, 10])).toBe(3)
  })
})

describe('ratioOf', () => {
  it('compares each round with the one beside it, so that a slow half of the run does not count', () => {
    expect(ratioOf([10, 20, 40], [5, 10, 10])).toEqual({ median: 2, least: 2, largest: 4 })
    expect(figureOf([3, 1, 2])).toEqual({ median: 2, least: 1, largest: 3 })
  })

  it('refuses rounds without their reference', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow('expected as many references as values, got 1 and 2')
  })
})

it('rounds for people', () => {
  expect(rounded(1.005 * 2, 1)).toBe(2)
  expect(rounded(0.12345)).toBe(0.12)
})
