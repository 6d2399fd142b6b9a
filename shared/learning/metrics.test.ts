import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  atTop,
  auc,
  averagePrecision,
  bias,
  brier,
  calibrationError,
  logLoss,
  mase,
  quantileLoss,
  rmsse,
  wape,
} from './metrics.ts'

const judged = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { minLength: 2, maxLength: 60 })
const columns = (pairs: readonly (readonly [number, boolean])[]) => ({
  scores: Float64Array.from(pairs, ([score]) => score / 10),
  labels: Float64Array.from(pairs, ([, label]) => (label ? 1 : 0)),
})

describe('ranking', () => {
  it('is counted as all pairs would be', () => {
    fc.assert(
      fc.property(judged, (pairs) => {
        const { scores, labels } = columns(pairs)
        const [yes, no] = [true, false].map((wanted) => pairs.filter(([, label]) => label === wanted))
        const won = (yes ?? []).flatMap(([a]) => (no ?? []).map(([b]) => (a > b ? 1 : a === b ? 0.5 : 0)))
        const wanted = won.reduce<number>((sum, each) => sum + each, 0) / won.length
        if (won.length === 0) expect(auc(scores, labels)).toBeNaN()
        else expect(auc(scores, labels)).toBeCloseTo(wanted, 12)
      }),
    )
  })

  it('does not depend on the order of rows that have the same score', () => {
    fc.assert(
      fc.property(judged, (pairs) => {
        const [a, b] = [columns(pairs), columns(pairs.toReversed())]
        expect(averagePrecision(b.scores, b.labels)).toBe(averagePrecision(a.scores, a.labels))
      }),
    )
  })

  it('has the average precision of scikit-learn', () => {
    const scores = Float64Array.of(0.1, 0.4, 0.35, 0.8)
    // sklearn.metrics.average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    expect(averagePrecision(scores, Float64Array.of(0, 0, 1, 1))).toBeCloseTo(0.8333333333333333, 12)
  })

  it('says what the top holds', () => {
    const scores = Float64Array.from({ length: 10 }, (_, row) => row)
    const labels = Float64Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0, 1)
    expect(atTop(scores, labels, 0.2)).toEqual({ precision: 0.5, recall: 1 / 3 })
  })
})

describe('probabilities', () => {
  it('that are right on average, everywhere, have no calibration error', () => {
    const said = Float64Array.from({ length: 1000 }, (_, row) => (row < 500 ? 0.2 : 0.6))
    const labels = Float64Array.from({ length: 1000 }, (_, row) => (row % 5 < (row < 500 ? 1 : 3) ? 1 : 0))
    expect(calibrationError(said, labels)).toBeCloseTo(0, 12)
    expect(
      calibrationError(
        said.map((each) => each + 0.05),
        labels,
      ),
    ).toBeCloseTo(0.05, 12)
    expect(brier(said, labels)).toBeCloseTo((0.2 * 0.8 + 0.6 * 0.4) / 2, 12)
  })

  it('that are sure and wrong cost much, and not everything', () => {
    expect(logLoss(Float64Array.of(0, 1), Float64Array.of(1, 1))).toBeCloseTo(-Math.log(1e-15) / 2, 6)
  })
})

describe('forecasts', () => {
  it('are weighed against what came', () => {
    expect(wape([1, 2], [2, 4])).toBe(0.5)
    expect(bias([1, 2], [2, 4])).toBe(-0.5)
  })

  it('are scaled by saying what was before: that itself has 1', () => {
    const past = [3, 5, 2, 8]
    expect(mase([3, 5, 2], [5, 2, 8], past)).toBeCloseTo(1, 12)
    expect(rmsse([3, 5, 2], [5, 2, 8], past)).toBeCloseTo(1, 12)
    expect(mase([3, 5], [2, 8], past, 2)).toBeCloseTo(1, 12)
  })

  it('of a quantile cost least at that quantile', () => {
    const actuals = Array.from({ length: 101 }, (_, at) => at)
    const cost = (said: number) =>
      quantileLoss(
        actuals.map(() => said),
        actuals,
        0.9,
      )
    const costs = actuals.map(cost)
    expect(costs.indexOf(Math.min(...costs))).toBe(90)
  })
})
