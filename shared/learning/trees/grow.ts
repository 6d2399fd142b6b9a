import type { BinnedColumn } from './bins.ts'
import { fill, type Gathered, type Histogram, type Layout, takeAway } from './histogram.ts'
import { type Bounds, bestSplit, leafValue, type Restraints, type Split, type Sums } from './split.ts'
import { emptyTree, type Tree, type TreeDraft } from './tree.ts'

export interface Growth extends Restraints {
  readonly leaves: number
  readonly rate: number
}

/** The rows of a leaf are `order[begin]` to `order[end - 1]`. */
interface OpenLeaf {
  readonly node: number
  readonly begin: number
  readonly end: number
  readonly sums: Sums
  readonly bounds: Bounds
  readonly histogram: Histogram
  readonly split: Split | undefined
}

const addLeaf = (draft: TreeDraft, value: number, rows: number): number => {
  draft.feature.push(-1)
  draft.threshold.push(0)
  draft.missingLeft.push(0)
  draft.left.push(-1)
  draft.right.push(-1)
  draft.cover.push(rows)
  return draft.value.push(value) - 1
}

/** What trees are grown from, the same for all of them. */
export interface Ground {
  readonly columns: readonly BinnedColumn[]
  readonly layout: Layout
  readonly growth: Growth
}

/**
 * Grows trees leaf by leaf, the one that gains most first.
 * `order` holds the rows that are used; it is put into the order of the leaves. Histograms are kept and used again.
 */
export const createGrower = ({ columns, layout, growth }: Ground) => {
  const spare: Histogram[] = []
  const takeHistogram = (): Histogram => spare.pop() ?? new Float64Array(layout.size)

  const grow = (gradients: Float64Array, curvatures: Float64Array, order: Int32Array, used: readonly number[]) => {
    const gathered: Gathered = {
      gradients: new Float64Array(order.length),
      curvatures: new Float64Array(order.length),
    }
    const draft = emptyTree()

    const gather = (begin: number, end: number): Sums => {
      let [gradient, curvature] = [0, 0]
      for (let at = begin; at < end; at += 1) {
        const row = order[at] ?? 0
        const [g, h] = [gradients[row] ?? 0, curvatures[row] ?? 0]
        gathered.gradients[at] = g
        gathered.curvatures[at] = h
        gradient += g
        curvature += h
      }
      return { gradient, curvature, rows: end - begin }
    }

    const histogramOf = (begin: number, end: number): Histogram => {
      const histogram = takeHistogram()
      fill(histogram, columns, layout, used, order, begin, end, gathered)
      return histogram
    }

    const open = (leaf: Omit<OpenLeaf, 'node' | 'split'>, node?: number): OpenLeaf => ({
      ...leaf,
      node: node ?? addLeaf(draft, growth.rate * leafValue(leaf.sums, growth.l2, leaf.bounds), leaf.sums.rows),
      split:
        leaf.sums.rows < 2 * growth.minRows
          ? undefined
          : bestSplit({ ...leaf, begins: layout.begins }, columns, used, growth),
    })

    const cut = (leaf: OpenLeaf, split: Split): OpenLeaf[] => {
      const middle = divide(order, leaf.begin, leaf.end, sideOf(columns, split))
      const leftFirst = middle - leaf.begin <= leaf.end - middle
      const [begin, end] = leftFirst ? [leaf.begin, middle] : [middle, leaf.end]
      gather(leaf.begin, leaf.end)
      const smaller = histogramOf(begin, end)
      const larger = takeAway(leaf.histogram, smaller)
      const [low, high] = boundsOf(leaf, split, columns, growth)
      const left = open({
        begin: leaf.begin,
        end: middle,
        sums: split.left,
        bounds: low,
        histogram: leftFirst ? smaller : larger,
      })
      const right = open({
        begin: middle,
        end: leaf.end,
        sums: split.right,
        bounds: high,
        histogram: leftFirst ? larger : smaller,
      })
      become(draft, leaf.node, split, columns, left.node, right.node)
      return [left, right]
    }

    const sums = gather(0, order.length)
    const everything: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    const leaves = [
      open({ begin: 0, end: order.length, sums, bounds: everything, histogram: histogramOf(0, order.length) }),
    ]
    while (leaves.length < growth.leaves) {
      const nth = mostPromising(leaves)
      const leaf = leaves[nth]
      if (leaf?.split === undefined) break
      leaves.splice(nth, 1, ...cut(leaf, leaf.split))
    }
    spare.push(...leaves.map(({ histogram }) => histogram))
    const ends = leaves.map(({ node, begin, end }) => ({ value: draft.value[node] ?? 0, begin, end }))
    return { tree: draft satisfies Tree, ends }
  }
  return grow
}

const mostPromising = (leaves: readonly OpenLeaf[]): number => {
  let best = -1
  let gain = 0
  for (const [nth, { split }] of leaves.entries()) {
    if (split === undefined || split.gain <= gain) continue
    gain = split.gain
    best = nth
  }
  return best
}

/** Whether a row goes left. */
const sideOf = (
  columns: readonly BinnedColumn[],
  { column, bin, set, missingLeft }: Split,
): ((row: number) => boolean) => {
  const { codes, bins, feature } = columns[column] ?? { codes: new Uint8Array(), bins: 0, feature: undefined }
  const lefts = new Uint8Array(bins)
  if (feature?.kind === 'category') for (const each of set) lefts[each] = 1
  else {
    lefts.fill(1, 1, bin + 1)
    lefts[0] = missingLeft ? 1 : 0
  }
  return (row) => lefts[codes[row] ?? 0] === 1
}

/** Puts those that go left before the others, each side in the order that it had; returns where the others begin. */
const divide = (order: Int32Array, begin: number, end: number, isLeft: (row: number) => boolean): number => {
  const others = new Int32Array(end - begin)
  let [middle, kept] = [begin, 0]
  for (let at = begin; at < end; at += 1) {
    const row = order[at] ?? 0
    if (isLeft(row)) {
      order[middle] = row
      middle += 1
    } else {
      others[kept] = row
      kept += 1
    }
  }
  order.set(others.subarray(0, kept), middle)
  return middle
}

/** What both sides of a cut may say: where the score must not fall, nothing on the left may say more than anything on the right. */
const boundsOf = (leaf: OpenLeaf, split: Split, columns: readonly BinnedColumn[], { l2 }: Growth): [Bounds, Bounds] => {
  const feature = columns[split.column]?.feature
  const monotone = feature?.kind === 'number' ? feature.monotone : undefined
  if (monotone === undefined) return [leaf.bounds, leaf.bounds]
  const between = (leafValue(split.left, l2, leaf.bounds) + leafValue(split.right, l2, leaf.bounds)) / 2
  const below = { low: leaf.bounds.low, high: between }
  const above = { low: between, high: leaf.bounds.high }
  return monotone === 1 ? [below, above] : [above, below]
}

/** Makes a leaf a question. */
const become = (
  draft: TreeDraft,
  node: number,
  split: Split,
  columns: readonly BinnedColumn[],
  left: number,
  right: number,
): void => {
  const column = columns[split.column]
  draft.feature[node] = split.column
  draft.left[node] = left
  draft.right[node] = right
  draft.missingLeft[node] = split.missingLeft ? 1 : 0
  if (column?.feature.kind === 'category') {
    const places = split.set.map((bin) => column.places[bin] ?? -1).sort((a, b) => a - b)
    draft.threshold[node] = draft.sets.push(places) - 1
  } else draft.threshold[node] = column?.cuts[split.bin - 1] ?? 0
}
