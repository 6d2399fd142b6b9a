import type { BinnedColumn } from './bins.ts'
import type { Histogram } from './histogram.ts'

/** What keeps a tree from learning its rows by heart. */
export interface Restraints {
  /** Rows that a leaf has at least. */
  readonly minRows: number
  /** The curvature that a leaf has at least. */
  readonly minCurvature: number
  /** Added to the curvature of every leaf: pulls what it says towards nothing. */
  readonly l2: number
  /** The same, of splits by category, which have more ways to fit noise. */
  readonly categoryL2: number
  /** Added to the curvature of a category when categories are put into an order. */
  readonly categorySmooth: number
  /** Categories that one split names at most. */
  readonly categories: number
  /** Rows that a group of categories has at least before the next is tried. */
  readonly groupRows: number
}

/** What rows come to. */
export interface Sums {
  readonly gradient: number
  readonly curvature: number
  readonly rows: number
}

/** Between which a leaf's value has to lie, so that constraints hold further down. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

/** The best way to cut a leaf in two. */
export interface Split {
  readonly gain: number
  readonly column: number
  /** Of a number: bins up to this one go left. */
  readonly bin: number
  /** Of a category: the bins that go left. */
  readonly set: readonly number[]
  readonly missingLeft: boolean
  readonly left: Sums
  readonly right: Sums
}

/** The value of a leaf with these sums. */
export const leafValue = ({ gradient, curvature }: Sums, l2: number, { low, high }: Bounds): number =>
  Math.min(high, Math.max(low, -gradient / (curvature + l2)))

/** By how much the loss falls when a leaf has this value. */
const gainOf = ({ gradient, curvature }: Sums, l2: number, value: number): number =>
  -(2 * gradient * value + (curvature + l2) * value * value)

const minus = (all: Sums, part: Sums): Sums => ({
  gradient: all.gradient - part.gradient,
  curvature: all.curvature - part.curvature,
  rows: all.rows - part.rows,
})

const plus = (a: Sums, b: Sums): Sums => ({
  gradient: a.gradient + b.gradient,
  curvature: a.curvature + b.curvature,
  rows: a.rows + b.rows,
})

const binAt = (histogram: Histogram, begin: number, bin: number): Sums => ({
  gradient: histogram[begin + 3 * bin] ?? 0,
  curvature: histogram[begin + 3 * bin + 1] ?? 0,
  rows: histogram[begin + 3 * bin + 2] ?? 0,
})

const nothing: Sums = { gradient: 0, curvature: 0, rows: 0 }

/** What is known of the leaf that is to be cut. */
export interface Leaf {
  readonly histogram: Histogram
  readonly begins: Int32Array
  readonly sums: Sums
  readonly bounds: Bounds
}

interface Judge {
  readonly large: (part: Sums) => boolean
  readonly gain: (left: Sums, right: Sums) => number
}

/** Says what a cut brings over leaving the leaf whole; nothing where it is not allowed. */
const judgeOf = (leaf: Leaf, monotone: number, l2: number, restraints: Restraints): Judge => {
  const { bounds, sums } = leaf
  const whole = gainOf(sums, restraints.l2, leafValue(sums, restraints.l2, bounds))
  return {
    large: ({ rows, curvature }) => rows >= restraints.minRows && curvature >= restraints.minCurvature,
    gain: (left, right) => {
      const [low, high] = [leafValue(left, l2, bounds), leafValue(right, l2, bounds)]
      if ((high - low) * monotone < 0) return 0
      return gainOf(left, l2, low) + gainOf(right, l2, high) - whole
    },
  }
}

const byNumber = (leaf: Leaf, column: number, { feature, bins }: BinnedColumn, restraints: Restraints) => {
  const begin = leaf.begins[column] ?? 0
  const missing = binAt(leaf.histogram, begin, 0)
  const monotone = feature.kind === 'number' ? (feature.monotone ?? 0) : 0
  const { large, gain } = judgeOf(leaf, monotone, restraints.l2, restraints)
  let best: Split | undefined
  let known = nothing
  for (let bin = 1; bin < bins - 1; bin += 1) {
    known = plus(known, binAt(leaf.histogram, begin, bin))
    for (const missingLeft of missing.rows === 0 ? [false] : [false, true]) {
      const left = missingLeft ? plus(known, missing) : known
      const right = minus(leaf.sums, left)
      if (!large(left) || !large(right)) continue
      const found = gain(left, right)
      if (found <= (best?.gain ?? 0)) continue
      // Where nothing was missing, what is missing later goes where most are.
      const goesLeft = missing.rows === 0 ? left.rows > right.rows : missingLeft
      best = { gain: found, column, bin, set: [], missingLeft: goesLeft, left, right }
    }
  }
  return best
}

/** Categories in the order of what they ask for: of all ways to cut them in two the best is a cut of this order. */
const inOrder = (leaf: Leaf, begin: number, bins: number, { categorySmooth }: Restraints) => {
  const found: { readonly bin: number; readonly sums: Sums; readonly wish: number }[] = []
  for (let bin = 1; bin < bins; bin += 1) {
    const sums = binAt(leaf.histogram, begin, bin)
    if (sums.rows >= Math.max(1, categorySmooth))
      found.push({ bin, sums, wish: sums.gradient / (sums.curvature + categorySmooth) })
  }
  return found.sort((a, b) => a.wish - b.wish || a.bin - b.bin)
}

const byCategory = (leaf: Leaf, column: number, { bins }: BinnedColumn, restraints: Restraints) => {
  const ordered = inOrder(leaf, leaf.begins[column] ?? 0, bins, restraints)
  const { large, gain } = judgeOf(leaf, 0, restraints.l2 + restraints.categoryL2, restraints)
  let best: Split | undefined
  for (const line of [ordered, ordered.toReversed()]) {
    let left = nothing
    let group = 0
    for (const [nth, { sums }] of line.slice(0, restraints.categories).entries()) {
      left = plus(left, sums)
      group += sums.rows
      const right = minus(leaf.sums, left)
      if (!large(left) || group < restraints.groupRows) continue
      if (!large(right) || right.rows < restraints.groupRows) break
      group = 0
      const found = gain(left, right)
      if (found <= (best?.gain ?? 0)) continue
      const set = line.slice(0, nth + 1).map((each) => each.bin)
      best = { gain: found, column, bin: 0, set, missingLeft: false, left, right }
    }
  }
  return best
}

/** The cut of a leaf that lowers the loss most; none: it is left whole. The first column wins where two are equal. */
export const bestSplit = (
  leaf: Leaf,
  columns: readonly BinnedColumn[],
  used: readonly number[],
  restraints: Restraints,
): Split | undefined => {
  let best: Split | undefined
  for (const nth of used) {
    const column = columns[nth]
    if (column === undefined) continue
    const by = column.feature.kind === 'number' ? byNumber : byCategory
    const found = by(leaf, nth, column, restraints)
    if (found !== undefined && found.gain > (best?.gain ?? 0)) best = found
  }
  return best
}
