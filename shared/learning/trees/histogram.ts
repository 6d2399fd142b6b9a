import type { BinnedColumn } from './bins.ts'

/** Per bin three numbers beside each other: the sum of gradients, of curvatures, and of rows. */
export type Histogram = Float64Array

/** Where each column's bins begin, and how many numbers all of them are. */
export interface Layout {
  readonly begins: Int32Array
  readonly size: number
}

export const layoutOf = (columns: readonly BinnedColumn[]): Layout => {
  const begins = new Int32Array(columns.length)
  let size = 0
  for (const [nth, { bins }] of columns.entries()) {
    begins[nth] = size
    size += bins * 3
  }
  return { begins, size }
}

/** What a leaf's rows come to, gathered beside each other so that each column reads them in one go. */
export interface Gathered {
  readonly gradients: Float64Array
  readonly curvatures: Float64Array
}

/** Adds up the rows `order[begin]` to `order[end - 1]` by the bins of the columns that are used. */
export const fill = (
  histogram: Histogram,
  columns: readonly BinnedColumn[],
  { begins }: Layout,
  used: readonly number[],
  order: Int32Array,
  begin: number,
  end: number,
  { gradients, curvatures }: Gathered,
): void => {
  histogram.fill(0)
  for (const column of used) {
    const codes = columns[column]?.codes ?? new Uint8Array()
    addUp(histogram, begins[column] ?? 0, codes, order, begin, end, gradients, curvatures)
  }
}

/** The loop in which training spends its time. */
const addUp = (
  histogram: Histogram,
  first: number,
  codes: Uint8Array,
  order: Int32Array,
  begin: number,
  end: number,
  gradients: Float64Array,
  curvatures: Float64Array,
): void => {
  for (let at = begin; at < end; at += 1) {
    const bin = first + 3 * (codes[order[at] ?? 0] ?? 0)
    histogram[bin] = (histogram[bin] ?? 0) + (gradients[at] ?? 0)
    histogram[bin + 1] = (histogram[bin + 1] ?? 0) + (curvatures[at] ?? 0)
    histogram[bin + 2] = (histogram[bin + 2] ?? 0) + 1
  }
}

/** Makes the parent's histogram its other child's, in place. */
export const takeAway = (parent: Histogram, child: Histogram): Histogram => {
  for (let at = 0; at < parent.length; at += 1) parent[at] = (parent[at] ?? 0) - (child[at] ?? 0)
  return parent
}
