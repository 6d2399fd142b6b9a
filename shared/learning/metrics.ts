const orderBy = (scores: Float64Array): Int32Array =>
  Int32Array.from(scores, (_, row) => row).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))

/** Calls with each group of rows that have the same score, from the lowest. */
const tied = (scores: Float64Array, order: Int32Array, group: (begin: number, end: number) => void): void => {
  for (let begin = 0; begin < order.length; ) {
    let end = begin + 1
    while (end < order.length && scores[order[end] ?? 0] === scores[order[begin] ?? 0]) end += 1
    group(begin, end)
    begin = end
  }
}

/** How often a row with label 1 has a higher score than one with label 0; a tie counts half. NaN where one of both is missing. */
export const auc = (scores: Float64Array, labels: Float64Array): number => {
  const order = orderBy(scores)
  let [ranks, positives] = [0, 0]
  tied(scores, order, (begin, end) => {
    let found = 0
    for (let at = begin; at < end; at += 1) found += labels[order[at] ?? 0] ?? 0
    ranks += found * ((begin + end + 1) / 2)
    positives += found
  })
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives))
}

/** The precision at each row with label 1, from the highest score, on average: Σ (recall gained) × precision, as scikit-learn has it. */
export const averagePrecision = (scores: Float64Array, labels: Float64Array): number => {
  const order = orderBy(scores.map((score) => -score))
  const lowered = scores.map((score) => -score)
  let [hits, seen, sum] = [0, 0, 0]
  tied(lowered, order, (begin, end) => {
    let found = 0
    for (let at = begin; at < end; at += 1) found += labels[order[at] ?? 0] ?? 0
    hits += found
    seen += end - begin
    sum += found * (hits / seen)
  })
  return sum / hits
}

const mean = (values: Float64Array | readonly number[]): number => {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** The mean squared distance between probability and what came. */
export const brier = (probabilities: Float64Array, labels: Float64Array): number =>
  mean(probabilities.map((probability, row) => (probability - (labels[row] ?? 0)) ** 2))

export const logLoss = (probabilities: Float64Array, labels: Float64Array): number =>
  mean(
    probabilities.map((probability, row) => {
      const kept = Math.min(1 - 1e-15, Math.max(1e-15, probability))
      return -Math.log(labels[row] === 1 ? kept : 1 - kept)
    }),
  )

/** Expected calibration error: rows in `parts` of the same size by probability, the mean distance between said and come. */
export const calibrationError = (probabilities: Float64Array, labels: Float64Array, parts = 10): number => {
  const order = orderBy(probabilities)
  let sum = 0
  for (let part = 0; part < parts; part += 1) {
    const begin = Math.round((part * order.length) / parts)
    const end = Math.round(((part + 1) * order.length) / parts)
    let difference = 0
    for (let at = begin; at < end; at += 1) {
      const row = order[at] ?? 0
      difference += (probabilities[row] ?? 0) - (labels[row] ?? 0)
    }
    sum += Math.abs(difference)
  }
  return sum / order.length
}

/** Of the rows with the highest scores, a share of all: which part has label 1, and which part of those with label 1 they are. */
export const atTop = (scores: Float64Array, labels: Float64Array, share: number) => {
  const order = orderBy(scores).reverse()
  const taken = order.subarray(0, Math.round(order.length * share))
  let hits = 0
  for (const row of taken) hits += labels[row] ?? 0
  return { precision: hits / taken.length, recall: hits / labels.reduce((sum, label) => sum + label, 0) }
}

/** What a quantile forecast costs: too low by one costs `quantile`, too high by one what is left to 1. */
export const quantileLoss = (forecasts: ArrayLike<number>, actuals: ArrayLike<number>, quantile: number): number =>
  mean(
    Float64Array.from(forecasts, (forecast, at) => {
      const over = (actuals[at] ?? 0) - forecast
      return Math.max(quantile * over, (quantile - 1) * over)
    }),
  )

/** The sum of errors by the sum of what came (weighted absolute percentage error). */
export const wape = (forecasts: ArrayLike<number>, actuals: ArrayLike<number>): number => {
  let [error, sum] = [0, 0]
  for (let at = 0; at < actuals.length; at += 1) {
    error += Math.abs((forecasts[at] ?? 0) - (actuals[at] ?? 0))
    sum += Math.abs(actuals[at] ?? 0)
  }
  return error / sum
}

/** How far forecasts are too high, by the sum of what came; negative: too low. */
export const bias = (forecasts: ArrayLike<number>, actuals: ArrayLike<number>): number => {
  let [error, sum] = [0, 0]
  for (let at = 0; at < actuals.length; at += 1) {
    error += (forecasts[at] ?? 0) - (actuals[at] ?? 0)
    sum += actuals[at] ?? 0
  }
  return error / sum
}

/** The error by that of saying, all through the past, what was `season` steps before. NaN where the past never changed. */
export const mase = (
  forecasts: ArrayLike<number>,
  actuals: ArrayLike<number>,
  past: ArrayLike<number>,
  season = 1,
): number => {
  const errors = Float64Array.from(actuals, (actual, at) => Math.abs((forecasts[at] ?? 0) - actual))
  return mean(errors) / mean(stepsOf(past, season).map(Math.abs))
}

/** The same with squares, and their root: what M5 counts by. */
export const rmsse = (forecasts: ArrayLike<number>, actuals: ArrayLike<number>, past: ArrayLike<number>): number => {
  const errors = Float64Array.from(actuals, (actual, at) => ((forecasts[at] ?? 0) - actual) ** 2)
  return Math.sqrt(mean(errors) / mean(stepsOf(past, 1).map((step) => step ** 2)))
}

const stepsOf = (past: ArrayLike<number>, season: number): number[] =>
  Array.from({ length: Math.max(0, past.length - season) }, (_, at) => (past[at + season] ?? 0) - (past[at] ?? 0))
