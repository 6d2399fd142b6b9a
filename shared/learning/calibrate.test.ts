import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrated, climbed, fitLogistic, fitStaircase } from './calibrate.ts'
import { brier, calibrationError } from './metrics.ts'
import { seeded } from './random.ts'

const random = seeded(5)
const truth = Float64Array.from({ length: 20_000 }, () => random())
const labels = truth.map((chance) => (random() < chance ? 1 : 0))
/** Too sure of itself, and too low. */
const said = truth.map((chance) => 1 / (1 + Math.exp(-(1.6 * Math.log(chance / (1 - chance)) - 0.8))))

describe('the line through the log-odds', () => {
  it('puts right what is too sure and too low', () => {
    const { slope, shift } = fitLogistic(said, labels)
    expect(slope).toBeCloseTo(1 / 1.6, 1)
    expect(shift).toBeCloseTo(0.5, 1)
    const put = said.map((each) => calibrated({ slope, shift }, each))
    expect(calibrationError(put, labels)).toBeLessThan(0.015)
    expect(calibrationError(said, labels)).toBeGreaterThan(0.08)
  })

  it('changes little where little was seen', () => {
    const few = fitLogistic(said.subarray(0, 4), Float64Array.of(1, 1, 1, 1), 100)
    expect(Math.abs(few.shift)).toBeLessThan(0.2)
    expect(fitLogistic(new Float64Array(), new Float64Array())).toEqual({ slope: 1, shift: 0 })
  })

  it('never turns the order round, whatever came', () => {
    const { slope } = fitLogistic(
      said,
      labels.map((label) => 1 - label),
    )
    expect(slope).toBeGreaterThan(0)
  })
})

describe('the staircase', () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { minLength: 1, maxLength: 60 })

  it('never falls, and is nearer to what came than what was said', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const before = Float64Array.from(given, ([each]) => each / 20)
        const came = Float64Array.from(given, ([, label]) => (label ? 1 : 0))
        const stairs = fitStaircase(before, came)
        for (const [step, value] of stairs.values.entries())
          expect(value).toBeGreaterThan(stairs.values[step - 1] ?? Number.NEGATIVE_INFINITY)
        const after = before.map((each) => climbed(stairs, each))
        expect(brier(after, came)).toBeLessThanOrEqual(brier(before, came) + 1e-12)
        const sum = (values: Float64Array) => values.reduce((all, each) => all + each, 0)
        expect(sum(after)).toBeCloseTo(sum(came), 9)
      }),
    )
  })

  it('goes on where it ends', () => {
    const stairs = fitStaircase(Float64Array.of(0.2, 0.4), Float64Array.of(0, 1))
    expect([0, 0.3, 0.9].map((each) => climbed(stairs, each))).toEqual([0, 1, 1])
  })
})
