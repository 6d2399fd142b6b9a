import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auc, logLoss } from '../metrics.ts'
import { type Feature, rowsOf, tableOf } from '../table.ts'
import { examples } from '../test/given.ts'
import { boost, usual } from './boosting.ts'
import { linked, scorerOf } from './ensemble.ts'

const small = { trees: 20, leaves: 8, minRows: 10, rate: 0.2, categorySmooth: 1, groupRows: 10 }

/** One tree with one question, as free as can be, so that all cuts can be tried by hand. */
const stump = {
  ...usual,
  trees: 1,
  leaves: 2,
  rate: 1,
  minRows: 1,
  minCurvature: 0,
  l2: 1,
  categoryL2: 0,
  categorySmooth: 0,
  groupRows: 1,
  loss: 'squared',
} as const

const loss = (values: readonly number[], base: number): number => {
  const sum = values.reduce((all, value) => all + (value - base), 0)
  return -(sum ** 2) / (values.length + stump.l2)
}

/** The least that any way to cut the rows in two comes to, of those that the column allows. */
const bruteForce = (values: readonly number[], targets: readonly number[], isCategory: boolean): number => {
  const base = targets.reduce((sum, each) => sum + each, 0) / targets.length
  const distinct = [...new Set(values)].sort((a, b) => a - b)
  const sets = isCategory
    ? Array.from({ length: 2 ** distinct.length }, (_, mask) => distinct.filter((_, nth) => mask & (1 << nth)))
    : distinct.map((_, nth) => distinct.slice(0, nth + 1))
  return Math.min(
    ...sets.map((set) => {
      const sides = [true, false].map((wanted) =>
        targets.filter((_, row) => set.includes(values[row] ?? -1) === wanted),
      )
      return sides.reduce((sum, side) => sum + loss(side, base), 0)
    }),
  )
}

const lossOfStump = (features: Feature[], values: number[], targets: number[]): number => {
  const cells = values.map((value) => [features[0]?.kind === 'category' ? String(value) : value])
  const table = tableOf(features, cells)
  const model = boost({ table, targets: Float64Array.from(targets) }, stump)
  const said = [...scorerOf(model).margins(table)]
  const sides = [...new Set(said)].map((side) => targets.filter((_, row) => said[row] === side))
  return sides.reduce((sum, side) => sum + loss(side, model.base), 0)
}

describe('one question', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: -9, max: 9 })), {
    minLength: 4,
    maxLength: 30,
  })

  it('about a number is the best of all that could be asked', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const [values, targets] = [pairs.map(([value]) => value), pairs.map(([, target]) => target)]
        const found = lossOfStump([{ name: 'x', kind: 'number' }], values, targets)
        expect(found).toBeCloseTo(Math.min(0, bruteForce(values, targets, false)), 8)
      }),
    )
  })

  it('about categories is the best of all sets that could be named', () => {
    const feature: Feature = { name: 'x', kind: 'category', categories: ['0', '1', '2', '3', '4', '5', '6'] }
    fc.assert(
      fc.property(rows, (pairs) => {
        const [values, targets] = [pairs.map(([value]) => value), pairs.map(([, target]) => target)]
        expect(lossOfStump([feature], values, targets)).toBeCloseTo(Math.min(0, bruteForce(values, targets, true)), 8)
      }),
    )
  })
})

describe('boosted trees', () => {
  const given = examples(4000)
  const model = boost(given, { ...small, trees: 60 })
  const fresh = examples(4000, 2)
  const table = tableOf(given.features, fresh.cells)
  const said = scorerOf(model).predict(table)

  it('come close to the best that anybody could say', () => {
    const best = auc(fresh.truth, fresh.targets)
    expect(best).toBeGreaterThan(0.8)
    expect(auc(said, fresh.targets)).toBeGreaterThan(best - 0.02)
    expect(logLoss(said, fresh.targets)).toBeLessThan(logLoss(fresh.truth, fresh.targets) + 0.02)
  })

  it('are the same to the last bit for the same examples, settings and seed, and others for another seed', () => {
    const sampled = { ...small, rowShare: 0.7, columnShare: 0.7 }
    const once = JSON.stringify(boost(given, sampled))
    expect(JSON.stringify(boost(examples(4000), sampled))).toBe(once)
    expect(JSON.stringify(boost(given, { ...sampled, seed: 2 }))).not.toBe(once)
  })

  it('do not depend on the order of the examples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const { table: rows, targets } = examples(300, seed)
        const turned = Int32Array.from({ length: 300 }, (_, row) => 299 - row)
        const back = { table: rowsOf(rows, turned), targets: targets.toReversed() }
        const [a, b] = [{ table: rows, targets }, back].map((each) => scorerOf(boost(each, small)).margins(rows))
        for (const [row, margin] of (a ?? []).entries()) expect(b?.[row]).toBeCloseTo(margin, 8)
      }),
      { numRuns: 20 },
    )
  })

  it('never fall where they must not', () => {
    const features: Feature[] = given.features.map((each) =>
      each.kind === 'number' ? { ...each, monotone: each.name === 'age' ? 1 : -1 } : each,
    )
    const held = scorerOf(boost({ ...given, table: { ...given.table, features } }, { ...small, trees: 60 }))
    for (const kind of [0, 1, 2, 3, Number.NaN])
      for (const [at, sign] of [
        [0, 1],
        [1, -1],
      ] as const) {
        const line = Array.from({ length: 101 }, (_, step) => {
          const row = Float64Array.of(20, 50, kind)
          row[at] = step
          return sign * held.margin(row)
        })
        expect(line.every((margin, step) => step === 0 || margin >= (line[step - 1] ?? 0) - 1e-12)).toBe(true)
      }
    // Without the promise the second falls somewhere: the test can fail.
    const free = scorerOf(model)
    const line = Array.from({ length: 101 }, (_, step) => free.margin(Float64Array.of(20, step, 0)))
    expect(line.every((margin, step) => step === 0 || margin <= (line[step - 1] ?? 0))).toBe(false)
  })

  it('take a category of another day for a missing one', () => {
    const [known, missing] = [[[20, 50, 'zz']], [[20, 50, undefined]]].map((cells) =>
      scorerOf(model).predict(tableOf(given.features, cells)),
    )
    expect(known).toEqual(missing)
  })

  it('end when examples that are held back gain nothing more', () => {
    const ended = boost(given, { ...small, trees: 500, leaves: 31, patience: 10 }, { table, targets: fresh.targets })
    expect(ended.trees.length).toBeLessThan(100)
    const longer = boost(given, { ...small, trees: 500, leaves: 31 })
    const [short, long] = [ended, longer].map((each) => logLoss(scorerOf(each).predict(table), fresh.targets))
    expect(short).toBeLessThan(long ?? 0)
  })

  it('count an example of weight 2 as two of them', () => {
    const { table: rows, targets } = examples(200)
    const doubled = Int32Array.from({ length: 300 }, (_, nth) => (nth < 200 ? nth : nth - 200))
    const free = { ...small, minRows: 1, groupRows: 1, categorySmooth: 0, minCurvature: 1, trees: 5 }
    const weights = Float64Array.from(targets, (_, row) => (row < 100 ? 2 : 1))
    const twice = boost(
      { table: rowsOf(rows, doubled), targets: Float64Array.from(doubled, (row) => targets[row] ?? 0) },
      free,
    )
    const [a, b] = [boost({ table: rows, targets, weights }, free), twice].map((each) => scorerOf(each).margins(rows))
    for (const [row, margin] of (a ?? []).entries()) expect(b?.[row]).toBeCloseTo(margin, 6)
  })

  it('expect as many as there were, of counts', () => {
    const counts = given.truth.map((chance) => Math.round(chance * 9))
    const said = scorerOf(boost({ ...given, targets: counts }, { ...small, loss: 'poisson', trees: 80 })).predict(
      given.table,
    )
    const sum = (values: Float64Array) => values.reduce((all, each) => all + each, 0)
    expect(sum(said) / sum(counts)).toBeCloseTo(1, 2)
    expect(linked('log', 0)).toBe(1)
  })

  it('refuse examples that are none, or no numbers', () => {
    expect(() => boost({ table: tableOf(given.features, []), targets: new Float64Array() })).toThrow('got none')
    expect(() => boost({ ...given, targets: given.targets.fill(Number.NaN, 3, 4) })).toThrow('that are numbers')
  })
})
