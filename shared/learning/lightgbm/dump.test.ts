import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { tableOf } from '../table.ts'
import { linked, scorerOf } from '../trees/ensemble.ts'
import { explainerOf } from '../trees/explain.ts'
import { readLightGbm } from './dump.ts'
import json from './recorded.json' with { type: 'json' }

const numbers = z.array(z.number())
const recorded = z
  .object({
    dump: z.record(z.string(), z.unknown()),
    rows: z.array(z.array(z.number().nullable())),
    probabilities: numbers,
    contributions: z.array(numbers),
  })
  .parse(json)

const model = readLightGbm(recorded.dump)
const scorer = scorerOf(model)
const rows = recorded.rows.map((row) => Float64Array.from(row, (cell) => cell ?? Number.NaN))

describe('a model of LightGBM', () => {
  it('gives its probabilities', () => {
    for (const [nth, row] of rows.entries())
      expect(Math.abs(linked('logistic', scorer.margin(row)) - (recorded.probabilities[nth] ?? 0))).toBeLessThan(1e-12)
  })

  it('is explained as LightGBM explains it', () => {
    const explain = explainerOf(scorer)
    for (const [nth, row] of rows.entries()) {
      const { expected, byFeature } = explain(row)
      for (const [feature, theirs] of (recorded.contributions[nth] ?? []).entries())
        expect(Math.abs((byFeature[feature] ?? expected) - theirs)).toBeLessThan(1e-12)
    }
  })

  it('knows categories by their numbers', () => {
    expect(model.features.map(({ kind }) => kind)).toEqual(['number', 'category', 'number', 'number'])
    const [byName] = scorer.margins(tableOf(model.features, [[0.5, '7', 1, 2]]))
    expect(byName).toBe(scorer.margin(Float64Array.of(0.5, 7, 1, 2)))
  })

  it.each([
    ['of several classes', { num_class: 3 }, 'expected one class'],
    ['of another objective', { objective: 'lambdarank' }, 'got lambdarank'],
    ['that is a forest', { average_output: true }, 'a random forest'],
    ['without trees', { tree_info: 'none' }, 'tree_info'],
  ])('%s is refused', (_, change, says) => {
    expect(() => readLightGbm({ ...recorded.dump, ...change })).toThrow(says)
  })
})
