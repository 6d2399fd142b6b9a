/** What a method says of the next period, the same for each after it; from a past of at least one period. */
export type Forecast = (past: ArrayLike<number>) => number

/** The last period again. */
export const naive: Forecast = (past) => past[past.length - 1] ?? 0

/** The same period one season before; the last one where the past is shorter. */
export const seasonalNaive =
  (season: number): Forecast =>
  (past) =>
    past[past.length - season] ?? naive(past)

/** The mean of the last periods. */
export const movingAverage =
  (periods: number): Forecast =>
  (past) => {
    const from = Math.max(0, past.length - periods)
    let sum = 0
    for (let at = from; at < past.length; at += 1) sum += past[at] ?? 0
    return sum / Math.max(1, past.length - from)
  }

/** How much the newest period counts, of the grid that is tried. */
const grid = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]

/** Where smoothing begins: the mean of what there is, of a few periods at most. */
const beginning = (past: ArrayLike<number>): number => {
  const periods = Math.min(8, past.length)
  let sum = 0
  for (let at = 0; at < periods; at += 1) sum += past[at] ?? 0
  return sum / Math.max(1, periods)
}

interface Smoothed {
  readonly level: number
  /** The mean squared error of saying each period from those before it. */
  readonly error: number
}

const best = (tried: readonly Smoothed[]): number =>
  tried.reduce((a, b) => (b.error < a.error ? b : a), { level: 0, error: Number.POSITIVE_INFINITY }).level

const smoothedBy = (past: ArrayLike<number>, weight: number): Smoothed => {
  let [level, error] = [beginning(past), 0]
  for (let at = 0; at < past.length; at += 1) {
    const off = (past[at] ?? 0) - level
    error += off ** 2
    level += weight * off
  }
  return { level, error: error / Math.max(1, past.length) }
}

/** Simple exponential smoothing with the weight that would have said the past best. */
export const exponentialSmoothing: Forecast = (past) => best(grid.map((weight) => smoothedBy(past, weight)))

/**
 * Croston (1972): size of a demand and the time between two are smoothed apart, and only when there is demand.
 * `correction` of Syntetos and Boylan (2005) takes out half of the weight, by which it says too much.
 */
export const croston =
  (correction: boolean, weight = 0.1): Forecast =>
  (past) => {
    let size: number | undefined
    let between = 0
    let since = 1
    for (let at = 0; at < past.length; at += 1) {
      const demand = past[at] ?? 0
      if (demand <= 0) {
        since += 1
        continue
      }
      const first = size === undefined
      size = first ? demand : (size ?? 0) + weight * (demand - (size ?? 0))
      between = first ? since : between + weight * (since - between)
      since = 1
    }
    if (size === undefined || between === 0) return 0
    return (correction ? 1 - weight / 2 : 1) * (size / between)
  }

const tsbBy = (past: ArrayLike<number>, chanceWeight: number, sizeWeight: number): Smoothed => {
  let [chance, size, seen, error] = [0, 0, 0, 0]
  for (let at = 0; at < Math.min(8, past.length); at += 1)
    if ((past[at] ?? 0) > 0) {
      seen += 1
      size += past[at] ?? 0
    }
  chance = seen / Math.max(1, Math.min(8, past.length))
  size = seen === 0 ? 0 : size / seen
  for (let at = 0; at < past.length; at += 1) {
    const demand = past[at] ?? 0
    error += (demand - chance * size) ** 2
    chance += chanceWeight * ((demand > 0 ? 1 : 0) - chance)
    if (demand > 0) size = size === 0 ? demand : size + sizeWeight * (demand - size)
  }
  return { level: chance * size, error: error / Math.max(1, past.length) }
}

/** Teunter, Syntetos and Babai (2011): the chance of a demand is smoothed in every period, so that what is sold no more fades away. */
export const tsb: Forecast = (past) =>
  best(grid.flatMap((chance) => [0.05, 0.1, 0.2, 0.3].map((size) => tsbBy(past, chance, size))))

/** The mean of what several methods say. */
export const meanOf =
  (methods: readonly Forecast[]): Forecast =>
  (past) =>
    methods.reduce((sum, method) => sum + method(past), 0) / Math.max(1, methods.length)
