import { z } from 'zod'
import type { Feature } from '../table.ts'
import type { Ensemble, Link } from '../trees/ensemble.ts'
import { emptyTree, type Tree, type TreeDraft } from '../trees/tree.ts'

const leaf = z.object({ leaf_value: z.number(), leaf_count: z.number().optional() })
type Leaf = z.infer<typeof leaf>

interface Question {
  split_feature: number
  threshold: number | string
  decision_type: '<=' | '=='
  default_left: boolean
  missing_type: 'None' | 'NaN' | 'Zero'
  internal_count: number
  left_child: Question | Leaf
  right_child: Question | Leaf
}

const question: z.ZodType<Question> = z.lazy(() =>
  z.object({
    split_feature: z.number().int().nonnegative(),
    threshold: z.union([z.number(), z.string()]),
    decision_type: z.enum(['<=', '==']),
    default_left: z.boolean(),
    missing_type: z.enum(['None', 'NaN', 'Zero']),
    internal_count: z.number(),
    left_child: z.union([question, leaf]),
    right_child: z.union([question, leaf]),
  }),
)

/** What `Booster.dump_model()` of LightGBM 3 and 4 writes, as far as it is needed. */
const dump = z.object({
  num_class: z.literal(1, 'expected one class'),
  objective: z.string(),
  average_output: z.boolean().default(false),
  feature_names: z.array(z.string()),
  feature_infos: z.record(z.string(), z.object({ values: z.array(z.number()).default([]) })).default({}),
  tree_info: z.array(z.object({ tree_structure: z.union([question, leaf]) })),
})

const linkOf = (objective: string): Link => {
  if (objective === 'binary sigmoid:1') return 'logistic'
  if (objective === 'poisson' || objective.startsWith('tweedie')) return 'log'
  if (/^regression(_l1)?$/.test(objective)) return 'identity'
  throw new Error(`expected a model of objective binary, poisson, tweedie or regression, got ${objective}`)
}

/** A category of LightGBM is a whole number; its name here is that number. */
const featureOf = (name: string, values: readonly number[], isCategory: boolean): Feature => {
  if (!isCategory) return { name, kind: 'number' }
  return {
    name,
    kind: 'category',
    categories: Array.from({ length: 1 + Math.max(0, ...values) }, (_, at) => String(at)),
  }
}

/** Whether a missing number goes left. Without missing values in training LightGBM takes it for zero. */
const missingGoesLeft = ({ missing_type, default_left, threshold }: Question): boolean => {
  if (missing_type === 'Zero') throw new Error('expected a model trained with zero_as_missing=false')
  return missing_type === 'NaN' ? default_left : 0 <= Number(threshold)
}

const isQuestion = (node: Question | Leaf): node is Question => 'split_feature' in node

/** Writes a node and all below it, and returns its number. */
const add = (draft: TreeDraft, node: Question | Leaf): number => {
  const at = draft.feature.push(-1) - 1
  draft.threshold.push(0)
  draft.missingLeft.push(0)
  draft.left.push(-1)
  draft.right.push(-1)
  if (!isQuestion(node)) {
    draft.value.push(node.leaf_value)
    draft.cover.push(node.leaf_count ?? 1)
    return at
  }
  draft.value.push(0)
  draft.cover.push(node.internal_count)
  draft.feature[at] = node.split_feature
  if (node.decision_type === '==')
    draft.threshold[at] = draft.sets.push(String(node.threshold).split('||').map(Number)) - 1
  else {
    draft.threshold[at] = Number(node.threshold)
    draft.missingLeft[at] = missingGoesLeft(node) ? 1 : 0
  }
  draft.left[at] = add(draft, node.left_child)
  draft.right[at] = add(draft, node.right_child)
  return at
}

const treeOf = (node: Question | Leaf): Tree => {
  const draft = emptyTree()
  add(draft, node)
  return draft
}

const categoriesIn = (node: Question | Leaf, found: Set<number>): Set<number> => {
  if (!isQuestion(node)) return found
  if (node.decision_type === '==') found.add(node.split_feature)
  return categoriesIn(node.right_child, categoriesIn(node.left_child, found))
}

/**
 * Reads a model that LightGBM trained: its `dump_model()`, as JSON. It then scores and explains as one of ours.
 * Throws where it is of another objective, has several classes, or takes zero for missing.
 */
export const readLightGbm = (json: unknown): Ensemble => {
  const { objective, average_output, feature_names, feature_infos, tree_info } = dump.parse(json)
  if (average_output) throw new Error('expected boosted trees, got a random forest')
  const link = linkOf(objective)
  const categories = tree_info.reduce(
    (found, { tree_structure }) => categoriesIn(tree_structure, found),
    new Set<number>(),
  )
  const features = feature_names.map((name, nth) =>
    featureOf(name, feature_infos[name]?.values ?? [], categories.has(nth)),
  )
  return { link, features, base: 0, trees: tree_info.map(({ tree_structure }) => treeOf(tree_structure)) }
}
