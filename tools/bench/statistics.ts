/** The value that at least `share` (0 to 1) of the values do not exceed (nearest rank). Throws when there are none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (found === undefined) throw new Error('expected at least one value, got none')
  return found
}

/** The value in the middle, or the mean of the two there. Throws when there are none. */
export const median = (values: readonly number[]): number => {
  const low = percentile(values, 0.5)
  if (values.length % 2 === 1) return low
  const high = values.toSorted((a, b) => a - b)[values.length / 2]
  return (low + (high ?? low)) / 2
}

/** A figure of several rounds: its median, and the least and largest of them. */
export interface Figure {
  readonly median: number
  readonly least: number
  readonly largest: number
}

export const figureOf = (values: readonly number[]): Figure => ({
  median: median(values),
  least: Math.min(...values),
  largest: Math.max(...values),
})

/** How many times the reference each round's value is: rounds that ran side by side are compared with each other, not with the whole. */
export const ratioOf = (values: readonly number[], references: readonly number[]): Figure => {
  if (values.length !== references.length)
    throw new Error(`expected as many references as values, got ${references.length} and ${values.length}`)
  return figureOf(values.map((value, round) => value / (references[round] ?? Number.NaN)))
}

export const rounded = (value: number, decimals = 2): number => Number(value.toFixed(decimals))
