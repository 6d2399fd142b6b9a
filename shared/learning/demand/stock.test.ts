import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Expected, playAtCover, playStore } from './stock.ts'

describe('a store', () => {
  it('sells what it has, orders what it lacks, and gets it after the lead', () => {
    const run = playStore({ demand: [4, 4, 4, 4], orderUpTo: [8, 8, 8, 8], lead: 2 })
    // 8 in stock; at first nothing to order, then 4 each week, of which the first come in the fourth.
    expect(run).toEqual({ short: 1, sold: 12, asked: 16, stock: (4 + 0 + 0 + 0) / 4 })
  })

  it('with no lead is never short when it orders what is wanted', () => {
    expect(playStore({ demand: [5, 1, 7], orderUpTo: [5, 1, 7], lead: 0 })).toMatchObject({ short: 0, sold: 13 })
  })

  it('never sells more than is asked, and loses nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { minLength: 1, maxLength: 30 }),
        fc.nat(60),
        fc.nat(4),
        (demand, level, lead) => {
          const run = playStore({ demand, orderUpTo: demand.map(() => level), lead })
          expect(run.sold).toBeLessThanOrEqual(run.asked)
          expect(run.short === 0).toBe(run.sold === run.asked)
        },
      ),
    )
  })
})

describe('methods at equal stock', () => {
  const weeks = 26
  const goods = (knows: boolean): Expected[] =>
    Array.from({ length: 40 }, (_, nth) => {
      const demand = Array.from({ length: weeks }, (_, week) => (nth + week) % 13)
      const expected = Array.from({ length: weeks }, (_, week) =>
        knows ? [0, 1, 2].reduce((sum, ahead) => sum + ((nth + week + ahead) % 13), 0) : 18,
      )
      return { demand, expected, spread: knows ? 1 : 12, price: 100 }
    })

  it('have the stock that was asked for', () => {
    // Levels are whole units, so all of them can only be met nearly.
    expect(Math.abs(playAtCover(goods(false), 2, 4).cover - 4)).toBeLessThan(0.2)
  })

  it('are short the less often the more they know', () => {
    for (const cover of [1, 2])
      expect(playAtCover(goods(true), 2, cover).short).toBeLessThan(playAtCover(goods(false), 2, cover).short)
  })
})
