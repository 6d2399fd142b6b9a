const logit = (probability: number): number => {
  const kept = Math.min(1 - 1e-9, Math.max(1e-9, probability))
  return Math.log(kept / (1 - kept))
}

/** The line through the log-odds that a calibration follows; `slope` 1 and `shift` 0 change nothing. */
export interface LogisticCalibration {
  readonly slope: number
  readonly shift: number
}

export const calibrated = ({ slope, shift }: LogisticCalibration, probability: number): number =>
  1 / (1 + Math.exp(-(slope * logit(probability) + shift)))

/**
 * Fits the line by Newton's method. `pull`: as if so many rows said that nothing has to change, so that few rows change little
 * (a small merchant stays near what holds for all). A slope that is not positive would turn the order round: then only the shift is kept.
 */
export const fitLogistic = (probabilities: Float64Array, labels: Float64Array, pull = 10): LogisticCalibration => {
  const odds = probabilities.map(logit)
  const fitted = newton(odds, labels, pull, true)
  return fitted.slope > 0 ? fitted : newton(odds, labels, pull, false)
}

const newton = (odds: Float64Array, labels: Float64Array, pull: number, turns: boolean): LogisticCalibration => {
  let [slope, shift] = [1, 0]
  for (let round = 0; round < 50; round += 1) {
    let [g0, g1, h00, h01, h11] = [pull * shift * 0.25, pull * (slope - 1) * 0.25, pull * 0.25, 0, pull * 0.25]
    for (let row = 0; row < odds.length; row += 1) {
      const odd = odds[row] ?? 0
      const said = 1 / (1 + Math.exp(-(slope * odd + shift)))
      const [gradient, curvature] = [said - (labels[row] ?? 0), said * (1 - said)]
      g0 += gradient
      g1 += gradient * odd
      h00 += curvature
      h01 += curvature * odd
      h11 += curvature * odd * odd
    }
    const determinant = h00 * h11 - h01 * h01
    const [byShift, bySlope] = turns
      ? [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant]
      : [g0 / h00, 0]
    shift -= byShift
    slope -= bySlope
    if (Math.abs(byShift) + Math.abs(bySlope) < 1e-10) break
  }
  return { slope, shift }
}

/** A staircase: up to `upTo[step]` a probability becomes `values[step]`. */
export interface Staircase {
  readonly upTo: readonly number[]
  readonly values: readonly number[]
}

/** The staircase that never falls and lies nearest to what came (isotonic regression: neighbours that fall are pooled). */
export const fitStaircase = (probabilities: Float64Array, labels: Float64Array): Staircase => {
  const order = Int32Array.from(probabilities, (_, row) => row).sort(
    (a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0),
  )
  const steps: { upTo: number; sum: number; rows: number }[] = []
  for (const row of order) {
    const [probability, label] = [probabilities[row] ?? 0, labels[row] ?? 0]
    const last = steps.at(-1)
    if (last?.upTo === probability) {
      last.sum += label
      last.rows += 1
    } else steps.push({ upTo: probability, sum: label, rows: 1 })
    pool(steps)
  }
  pool(steps)
  return { upTo: steps.map(({ upTo }) => upTo), values: steps.map(({ sum, rows }) => sum / rows) }
}

/** Joins the last steps while one falls; the last one may still grow, so it is looked at only by its neighbour before it. */
const pool = (steps: { upTo: number; sum: number; rows: number }[]): void => {
  for (;;) {
    const [before, last] = [steps.at(-2), steps.at(-1)]
    if (before === undefined || last === undefined || before.sum / before.rows < last.sum / last.rows) return
    steps.splice(-2, 2, { upTo: last.upTo, sum: before.sum + last.sum, rows: before.rows + last.rows })
  }
}

export const climbed = ({ upTo, values }: Staircase, probability: number): number => {
  const step = upTo.findIndex((each) => probability <= each)
  return values.at(step) ?? probability
}
