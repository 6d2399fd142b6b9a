import type { Feature, Table } from '../table.ts'
import { leafOf, type Tree, type WalkedTree, walked } from './tree.ts'

/** How the sum of the leaves becomes what is said: a probability, an expected count, or itself. */
export const links = ['logistic', 'log', 'identity'] as const
export type Link = (typeof links)[number]

/** Trees whose leaves are added up. */
export interface Ensemble {
  readonly link: Link
  readonly features: readonly Feature[]
  /** What every row begins with. */
  readonly base: number
  readonly trees: readonly Tree[]
}

/** Whatever turns rows into what it expects of them, wherever it was trained. */
export interface Predictor {
  /** Probabilities, or expected counts, by row. */
  readonly predict: (table: Table) => Float64Array
}

/** Trees that can be asked. */
export interface Scorer extends Predictor {
  readonly features: readonly Feature[]
  readonly base: number
  readonly trees: readonly WalkedTree[]
  /** The sum of the leaves, before the link. */
  readonly margin: (row: Float64Array) => number
  readonly margins: (table: Table) => Float64Array
}

export const linked = (link: Link, margin: number): number => {
  if (link === 'identity') return margin
  return link === 'log' ? Math.exp(margin) : 1 / (1 + Math.exp(-margin))
}

/** Prepares trees to be asked. A row has a number for each feature, as `tableOf` writes it. */
export const scorerOf = ({ link, features, base, trees }: Ensemble): Scorer => {
  const isCategory = features.map(({ kind }) => kind === 'category')
  const walkedTrees = trees.map((tree) => walked(tree, isCategory))
  const margin = (row: Float64Array): number => {
    let sum = base
    for (const tree of walkedTrees) sum += tree.value[leafOf(tree, row)] ?? 0
    return sum
  }
  const margins = (table: Table): Float64Array => {
    const found = new Float64Array(table.rows)
    const row = new Float64Array(features.length)
    for (let nth = 0; nth < table.rows; nth += 1) {
      for (let at = 0; at < row.length; at += 1) row[at] = table.columns[at]?.[nth] ?? Number.NaN
      found[nth] = margin(row)
    }
    return found
  }
  return {
    features,
    base,
    trees: walkedTrees,
    margin,
    margins,
    predict: (table) => margins(table).map((each) => linked(link, each)),
  }
}
