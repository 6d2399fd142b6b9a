import { seeded, shuffled } from '../random.ts'
import type { Table } from '../table.ts'
import { binned } from './bins.ts'
import { type Ensemble, scorerOf } from './ensemble.ts'
import { createGrower, type Growth } from './grow.ts'
import { layoutOf } from './histogram.ts'
import { losses } from './losses.ts'
import type { Tree } from './tree.ts'

/** Rows with what became of them. */
export interface Examples {
  readonly table: Table
  readonly targets: Float64Array
  /** How much each row counts; absent: all the same. */
  readonly weights?: Float64Array
}

export interface BoostingSettings extends Growth {
  readonly loss: keyof typeof losses
  readonly trees: number
  /** The share of rows, and of columns, that each tree is grown from. */
  readonly rowShare: number
  readonly columnShare: number
  readonly seed: number
  /** Trees without a gain on the examples that are held back, after which it ends. */
  readonly patience: number
}

export const usual: BoostingSettings = {
  loss: 'logistic',
  trees: 400,
  leaves: 63,
  rate: 0.05,
  minRows: 20,
  minCurvature: 1e-3,
  l2: 0,
  categoryL2: 10,
  categorySmooth: 10,
  categories: 32,
  groupRows: 100,
  rowShare: 1,
  columnShare: 1,
  seed: 1,
  patience: 50,
}

const meanOf = (values: Float64Array, weights: Float64Array): number => {
  let [sum, weight] = [0, 0]
  for (let row = 0; row < values.length; row += 1) {
    sum += (values[row] ?? 0) * (weights[row] ?? 0)
    weight += weights[row] ?? 0
  }
  return sum / weight
}

const check = ({ table, targets, weights }: Examples): void => {
  if (table.rows === 0) throw new Error('expected examples to learn from, got none')
  if (targets.length !== table.rows || (weights !== undefined && weights.length !== table.rows))
    throw new Error(`expected a target (and a weight) for each of ${table.rows} rows, got ${targets.length}`)
  if (targets.some((target) => !Number.isFinite(target))) throw new Error('expected targets that are numbers')
}

/** Watches the loss on examples that no tree saw, and says when it has not fallen for long. */
const watching = (
  held: Examples | undefined,
  { loss, patience }: BoostingSettings,
  features: Table['features'],
  base: number,
) => {
  if (held === undefined) return { add: () => false, best: () => Number.POSITIVE_INFINITY }
  const { link, of } = losses[loss]
  const margins = new Float64Array(held.table.rows).fill(base)
  let [grown, best, least] = [0, 0, Number.POSITIVE_INFINITY]
  return {
    add: (tree: Tree): boolean => {
      grown += 1
      const added = scorerOf({ link, features, base: 0, trees: [tree] }).margins(held.table)
      let sum = 0
      for (const [row, each] of added.entries()) {
        margins[row] = (margins[row] ?? 0) + each
        sum += of(margins[row] ?? 0, held.targets[row] ?? 0) * (held.weights?.[row] ?? 1)
      }
      if (sum < least) [least, best] = [sum, grown]
      return grown - best >= patience
    },
    best: () => best,
  }
}

/**
 * Gradient boosting over histograms. The same examples in the same order and the same settings give the same trees, to the last bit.
 * `held`: examples that are not learnt from, and on which it is seen when to end. Throws where the examples are none or not numbers.
 */
export const boost = (examples: Examples, given: Partial<BoostingSettings> = {}, held?: Examples): Ensemble => {
  check(examples)
  const settings = { ...usual, ...given }
  const { table, targets } = examples
  const loss = losses[settings.loss]
  const weights = examples.weights ?? new Float64Array(table.rows).fill(1)
  const base = loss.base(meanOf(targets, weights))
  const columns = binned(table)
  const grow = createGrower({ columns, layout: layoutOf(columns), growth: settings })
  const random = seeded(settings.seed)
  const margins = new Float64Array(table.rows).fill(base)
  const gradients = new Float64Array(table.rows)
  const curvatures = new Float64Array(table.rows)
  const watched = watching(held, settings, table.features, base)
  const trees: Tree[] = []
  const part = (size: number, share: number): Int32Array =>
    share >= 1
      ? Int32Array.from({ length: size }, (_, nth) => nth)
      : shuffled(size, random)
          .slice(0, Math.max(1, Math.round(size * share)))
          .sort()
  while (trees.length < settings.trees) {
    loss.derive(margins, targets, weights, gradients, curvatures)
    const used = [...part(columns.length, settings.columnShare)]
    const order = part(table.rows, settings.rowShare)
    const { tree, ends } = grow(gradients, curvatures, order, used)
    if (tree.feature[0] === -1 && settings.rowShare >= 1 && settings.columnShare >= 1) break
    trees.push(tree)
    if (order.length === table.rows)
      for (const { value, begin, end } of ends)
        for (let at = begin; at < end; at += 1) {
          const row = order[at] ?? 0
          margins[row] = (margins[row] ?? 0) + value
        }
    else {
      const added = scorerOf({ link: loss.link, features: table.features, base: 0, trees: [tree] }).margins(table)
      for (const [row, each] of added.entries()) margins[row] = (margins[row] ?? 0) + each
    }
    if (watched.add(tree)) break
  }
  return { link: loss.link, features: table.features, base, trees: trees.slice(0, watched.best()) }
}
