import { expect, it } from 'vitest'
import { rowOf } from '../table.ts'
import { examples } from '../test/given.ts'
import { boost } from './boosting.ts'
import { scorerOf } from './ensemble.ts'
import { explainerOf } from './explain.ts'
import { goesLeft, type WalkedTree } from './tree.ts'

const given = examples(500)
const scorer = scorerOf(boost(given, { trees: 12, leaves: 10, minRows: 5, groupRows: 5, categorySmooth: 1 }))
const explain = explainerOf(scorer)

/** What a tree says when only some features are known: where one is not, both ways by the rows that took them. */
const knowing = (tree: WalkedTree, row: Float64Array, known: ReadonlySet<number>, node = 0): number => {
  const feature = tree.feature[node] ?? -1
  if (feature < 0) return tree.value[node] ?? 0
  const [left, right] = [tree.left[node] ?? 0, tree.right[node] ?? 0]
  if (known.has(feature))
    return knowing(tree, row, known, goesLeft(tree, node, row[feature] ?? Number.NaN) ? left : right)
  const [m, n] = [tree.cover[left] ?? 0, tree.cover[right] ?? 0]
  return (m * knowing(tree, row, known, left) + n * knowing(tree, row, known, right)) / (m + n)
}

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]

/** By the definition: what a feature adds when it becomes known, on average over all orders in which they could. */
const byDefinition = (row: Float64Array, feature: number): number => {
  let sum = 0
  for (const order of orders) {
    const before = new Set(order.slice(0, order.indexOf(feature)))
    const after = new Set([...before, feature])
    for (const tree of scorer.trees) sum += knowing(tree, row, after) - knowing(tree, row, before)
  }
  return sum / orders.length
}

it('gives each feature what the definition of Shapley gives it, and all of the margin', () => {
  for (let nth = 0; nth < 40; nth += 1) {
    const row = rowOf(given.table, nth)
    const { expected, byFeature } = explain(row)
    for (const feature of [0, 1, 2]) expect(byFeature[feature]).toBeCloseTo(byDefinition(row, feature), 10)
    expect(Math.abs(byFeature.reduce((sum, each) => sum + each, expected) - scorer.margin(row))).toBeLessThan(1e-9)
  }
})
