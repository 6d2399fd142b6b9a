import type { Link } from './ensemble.ts'

/** What a learner makes small, by its first two derivatives after the margin. */
export interface Loss {
  readonly link: Link
  /** The margin that fits all rows best with one number. */
  readonly base: (mean: number) => number
  /** Writes gradient and curvature of each row. */
  readonly derive: (
    margins: Float64Array,
    targets: Float64Array,
    weights: Float64Array,
    gradients: Float64Array,
    curvatures: Float64Array,
  ) => void
  /** The loss of one row, up to what does not depend on the margin. */
  readonly of: (margin: number, target: number) => number
}

const sure = 1e-12

/** Yes or no; the target is 1 or 0. */
const logistic: Loss = {
  link: 'logistic',
  base: (mean) => Math.log(Math.max(mean, sure) / Math.max(1 - mean, sure)),
  derive: (margins, targets, weights, gradients, curvatures) => {
    for (let row = 0; row < margins.length; row += 1) {
      const weight = weights[row] ?? 0
      const said = 1 / (1 + Math.exp(-(margins[row] ?? 0)))
      gradients[row] = weight * (said - (targets[row] ?? 0))
      curvatures[row] = weight * said * (1 - said)
    }
  },
  of: (margin, target) => Math.max(margin, 0) - margin * target + Math.log1p(Math.exp(-Math.abs(margin))),
}

/** Makes steps of a count smaller, which would run away where little was seen (as LightGBM does). */
const cautious = Math.exp(0.7)

/** Counts, and sums of counts: the margin is the logarithm of what is expected. */
const poisson: Loss = {
  link: 'log',
  base: (mean) => Math.log(Math.max(mean, sure)),
  derive: (margins, targets, weights, gradients, curvatures) => {
    for (let row = 0; row < margins.length; row += 1) {
      const weight = weights[row] ?? 0
      const expected = Math.exp(margins[row] ?? 0)
      gradients[row] = weight * (expected - (targets[row] ?? 0))
      curvatures[row] = weight * expected * cautious
    }
  },
  of: (margin, target) => Math.exp(margin) - target * margin,
}

const squared: Loss = {
  link: 'identity',
  base: (mean) => mean,
  derive: (margins, targets, weights, gradients, curvatures) => {
    for (let row = 0; row < margins.length; row += 1) {
      const weight = weights[row] ?? 0
      gradients[row] = weight * ((margins[row] ?? 0) - (targets[row] ?? 0))
      curvatures[row] = weight
    }
  },
  of: (margin, target) => (margin - target) ** 2 / 2,
}

export const losses = { logistic, poisson, squared } as const
