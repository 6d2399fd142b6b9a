import type { Feature, Table } from '../table.ts'

/** A column as small whole numbers: bin 0 is what is missing or rare, the others are in the order of the values. */
export interface BinnedColumn {
  readonly feature: Feature
  /** The bin of each row. */
  readonly codes: Uint8Array
  readonly bins: number
  /** Of a number: what is at most `cuts[bin - 1]` lies in `bin` or before. */
  readonly cuts: Float64Array
  /** Of a category: its place in the feature's list, by bin. */
  readonly places: Int32Array
}

const most = 255

/** Between two values that follow each other, where the rows are cut into at most 254 parts of about the same size. */
const cutsOf = (values: Float64Array): Float64Array => {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  const distinct: number[] = []
  const counts: number[] = []
  for (const value of sorted) {
    if (distinct.at(-1) !== value) {
      distinct.push(value)
      counts.push(0)
    }
    counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1
  }
  const wanted = distinct.length < most ? 0 : sorted.length / (most - 1)
  const cuts: number[] = []
  let filled = 0
  for (const [nth, value] of distinct.slice(0, -1).entries()) {
    filled += counts[nth] ?? 0
    if (filled < wanted || cuts.length === most - 2) continue
    filled = 0
    cuts.push(middle(value, distinct[nth + 1] ?? value))
  }
  return Float64Array.from(cuts)
}

/** Between them, and never equal to the greater, whatever is rounded. */
const middle = (low: number, high: number): number => {
  const between = low + (high - low) / 2
  return between < high ? between : low
}

/** How many of the cuts lie below the value. */
export const cutsBelow = (cuts: Float64Array, value: number): number => {
  let [low, high] = [0, cuts.length]
  while (low < high) {
    const at = (low + high) >>> 1
    if ((cuts[at] ?? 0) < value) low = at + 1
    else high = at
  }
  return low
}

const binnedNumbers = (feature: Feature, values: Float64Array): BinnedColumn => {
  const cuts = cutsOf(values)
  const codes = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1 + cutsBelow(cuts, value)))
  return { feature, codes, bins: cuts.length + 2, cuts, places: new Int32Array() }
}

const binnedCategories = (feature: Feature, values: Float64Array): BinnedColumn => {
  const counts = new Map<number, number>()
  for (const value of values) if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1)
  const common = [...counts].toSorted(([a, m], [b, n]) => n - m || a - b).slice(0, most - 1)
  const bins = new Map(common.map(([place], nth) => [place, nth + 1]))
  const codes = Uint8Array.from(values, (value) => bins.get(value) ?? 0)
  return {
    feature,
    codes,
    bins: common.length + 1,
    cuts: new Float64Array(),
    places: Int32Array.from([-1, ...common.map(([place]) => place)]),
  }
}

/** The columns as the learner reads them. */
export const binned = ({ features, columns }: Table): BinnedColumn[] =>
  features.map((feature, nth) => {
    const values = columns[nth] ?? new Float64Array()
    return feature.kind === 'number' ? binnedNumbers(feature, values) : binnedCategories(feature, values)
  })
