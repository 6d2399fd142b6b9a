import type { Scorer } from './ensemble.ts'
import { goesLeft, type WalkedTree } from './tree.ts'

/**
 * What each feature adds to a row's margin: exact Shapley values over the paths of the trees (TreeSHAP, Lundberg and others 2018,
 * arXiv:1802.03888, algorithm 2), with rows of training as the weights. `expected` and all of them together are the margin.
 */
export interface Contributions {
  readonly expected: number
  readonly byFeature: Float64Array
}

/** What a tree says on average over its training rows. */
const expectedOf = ({ nodes, feature, value, cover }: WalkedTree): number => {
  let sum = 0
  for (let node = 0; node < nodes; node += 1)
    if ((feature[node] ?? -1) < 0) sum += (value[node] ?? 0) * (cover[node] ?? 0)
  return sum / (cover[0] ?? 1)
}

/** The features asked so far. `zero`: the share of rows that come here when the feature is unknown; `one`: 1 when this row comes here. */
interface Path {
  readonly feature: Int32Array
  readonly zero: Float64Array
  readonly one: Float64Array
  readonly weight: Float64Array
}

const pathOf = (length: number): Path => ({
  feature: new Int32Array(length),
  zero: new Float64Array(length),
  one: new Float64Array(length),
  weight: new Float64Array(length),
})

const copy = (from: Path, to: Path, length: number): void => {
  to.feature.set(from.feature.subarray(0, length))
  to.zero.set(from.zero.subarray(0, length))
  to.one.set(from.one.subarray(0, length))
  to.weight.set(from.weight.subarray(0, length))
}

const extend = (
  { feature, zero, one, weight }: Path,
  depth: number,
  zeroShare: number,
  oneShare: number,
  asked: number,
) => {
  feature[depth] = asked
  zero[depth] = zeroShare
  one[depth] = oneShare
  weight[depth] = depth === 0 ? 1 : 0
  for (let at = depth - 1; at >= 0; at -= 1) {
    const here = weight[at] ?? 0
    weight[at + 1] = (weight[at + 1] ?? 0) + (oneShare * here * (at + 1)) / (depth + 1)
    weight[at] = (zeroShare * here * (depth - at)) / (depth + 1)
  }
}

/** Takes a feature out again that is asked a second time. */
const unwind = (path: Path, depth: number, taken: number): void => {
  const { feature, zero, one, weight } = path
  const [oneShare, zeroShare] = [one[taken] ?? 0, zero[taken] ?? 0]
  let next = weight[depth] ?? 0
  for (let at = depth - 1; at >= 0; at -= 1) {
    const here = weight[at] ?? 0
    if (oneShare === 0) weight[at] = (here * (depth + 1)) / (zeroShare * (depth - at))
    else {
      weight[at] = (next * (depth + 1)) / ((at + 1) * oneShare)
      next = here - ((weight[at] ?? 0) * zeroShare * (depth - at)) / (depth + 1)
    }
  }
  for (let at = taken; at < depth; at += 1) {
    feature[at] = feature[at + 1] ?? -1
    zero[at] = zero[at + 1] ?? 0
    one[at] = one[at + 1] ?? 0
  }
}

/** The sum of weights that a path would have without one of its features. */
const sumWithout = ({ zero, one, weight }: Path, depth: number, taken: number): number => {
  const [oneShare, zeroShare] = [one[taken] ?? 0, zero[taken] ?? 0]
  let next = weight[depth] ?? 0
  let total = 0
  for (let at = depth - 1; at >= 0; at -= 1) {
    const here = weight[at] ?? 0
    if (oneShare === 0) total += (here * (depth + 1)) / (zeroShare * (depth - at))
    else {
      const part = (next * (depth + 1)) / ((at + 1) * oneShare)
      total += part
      next = here - (part * zeroShare * (depth - at)) / (depth + 1)
    }
  }
  return total
}

/** Questions on the longest way from a node down, and the leaf. */
const depthOf = (tree: WalkedTree, node = 0): number => {
  if ((tree.feature[node] ?? -1) < 0) return 1
  return 1 + Math.max(depthOf(tree, tree.left[node] ?? 0), depthOf(tree, tree.right[node] ?? 0))
}

const walk = (tree: WalkedTree, row: Float64Array, paths: readonly Path[], found: Float64Array): void => {
  const visit = (
    node: number,
    level: number,
    given: number,
    zeroShare: number,
    oneShare: number,
    asked: number,
  ): void => {
    const path = paths[level]
    if (path === undefined) return
    const above = paths[level - 1]
    if (above !== undefined) copy(above, path, given)
    let depth = given
    extend(path, depth, zeroShare, oneShare, asked)
    const feature = tree.feature[node] ?? -1
    if (feature < 0) {
      for (let at = 1; at <= depth; at += 1) {
        const share = sumWithout(path, depth, at) * ((path.one[at] ?? 0) - (path.zero[at] ?? 0))
        const of = path.feature[at] ?? 0
        found[of] = (found[of] ?? 0) + share * (tree.value[node] ?? 0)
      }
      return
    }
    const [left, right] = [tree.left[node] ?? 0, tree.right[node] ?? 0]
    const [hot, cold] = goesLeft(tree, node, row[feature] ?? Number.NaN) ? [left, right] : [right, left]
    let [zeroBefore, oneBefore] = [1, 1]
    const before = path.feature.subarray(1, depth + 1).indexOf(feature) + 1
    if (before > 0) {
      zeroBefore = path.zero[before] ?? 0
      oneBefore = path.one[before] ?? 0
      unwind(path, depth, before)
      depth -= 1
    }
    const all = tree.cover[node] ?? 1
    visit(hot, level + 1, depth + 1, (zeroBefore * (tree.cover[hot] ?? 0)) / all, oneBefore, feature)
    visit(cold, level + 1, depth + 1, (zeroBefore * (tree.cover[cold] ?? 0)) / all, 0, feature)
  }
  visit(0, 0, 0, 1, 1, -1)
}

/** Prepares trees to be explained. */
export const explainerOf = ({ trees, base, features }: Scorer): ((row: Float64Array) => Contributions) => {
  const expected = trees.reduce((sum, tree) => sum + expectedOf(tree), base)
  const depth = Math.max(1, ...trees.map((tree) => depthOf(tree)))
  const paths = Array.from({ length: depth + 1 }, () => pathOf(depth + 2))
  return (row) => {
    const byFeature = new Float64Array(features.length)
    for (const tree of trees) walk(tree, row, paths, byFeature)
    return { expected, byFeature }
  }
}
