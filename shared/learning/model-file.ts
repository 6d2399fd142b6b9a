import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Ensemble, links } from './trees/ensemble.ts'

const whole = z.number().int()
const name = z.string().min(1).max(200)

const tree = z
  .strictObject({
    feature: z.array(whole.min(-1)).min(1),
    threshold: z.array(z.number()),
    sets: z.array(z.array(whole.nonnegative())),
    missingLeft: z.array(z.union([z.literal(0), z.literal(1)])),
    left: z.array(whole),
    right: z.array(whole),
    value: z.array(z.number()),
    cover: z.array(z.number().positive()),
  })
  .refine(
    ({ feature, ...lists }) =>
      [lists.threshold, lists.missingLeft, lists.left, lists.right, lists.value, lists.cover].every(
        (list) => list.length === feature.length,
      ),
    'expected lists of the same length',
  )
  // Children come after their parent: a walk ends.
  .refine(
    ({ feature, left, right }) =>
      feature.every((asked, node) =>
        [left[node] ?? -1, right[node] ?? -1].every((child) => asked < 0 || (child > node && child < feature.length)),
      ),
    'expected every question to lead to nodes behind it',
  )

const feature = z.discriminatedUnion('kind', [
  z.strictObject({ name, kind: z.literal('number'), monotone: z.union([z.literal(1), z.literal(-1)]).optional() }),
  z.strictObject({ name, kind: z.literal('category'), categories: z.array(z.string()) }),
])

const content = z
  .strictObject({
    format: z.literal('countermand-model'),
    version: z.literal(1),
    /** What it says, such as `order-risk`. */
    task: name,
    /** When the newest row was placed that it learnt from; ISO 8601. */
    trainedUpTo: z.iso.datetime(),
    /** Rows that it learnt from. */
    rows: whole.positive(),
    seed: whole,
    ensemble: z.strictObject({
      link: z.enum(links),
      features: z.array(feature).min(1),
      base: z.number(),
      trees: z.array(tree),
    }),
    calibration: z.strictObject({ slope: z.number().positive(), shift: z.number() }),
  })
  .refine(({ ensemble: { features, trees } }) => trees.every((each) => knowsItsFeatures(each, features)), {
    message: 'expected questions about its own features alone',
  })

const knowsItsFeatures = (each: z.infer<typeof tree>, features: readonly z.infer<typeof feature>[]): boolean =>
  each.feature.every((asked, node) => {
    if (asked < 0) return true
    const kind = features[asked]?.kind
    return kind === 'number' || (kind === 'category' && each.sets[each.threshold[node] ?? -1] !== undefined)
  })

/** A trained model with what has to be known of it. */
export type Model = z.infer<typeof content>

const digest = (model: Model): string => createHash('sha256').update(JSON.stringify(model)).digest('hex')

/** The same model is the same text. Its name is the SHA-256 of what it holds. Throws where it could not be read back. */
export const writeModel = (model: {
  readonly task: string
  readonly trainedUpTo: string
  readonly rows: number
  readonly seed: number
  readonly ensemble: Ensemble
  readonly calibration: { readonly slope: number; readonly shift: number }
}): string => {
  const checked = content.parse({ format: 'countermand-model', version: 1, ...model })
  return `${JSON.stringify({ ...checked, sha256: digest(checked) })}\n`
}

const file = z.looseObject({ format: z.unknown(), version: z.unknown(), sha256: z.string() })

const parsed = (text: string): z.infer<typeof file> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Error('expected a whole model file; this one is cut or is no JSON: fetch it again', { cause })
  }
  const found = file.safeParse(json)
  if (found.success) return found.data
  throw new Error('expected a model file with format, version and sha256: train one, or import one')
}

/**
 * Reads a model file. Throws where it is cut, was changed, is of another format or version, asks what it does not know,
 * or says the same of every row.
 */
export const readModel = (text: string): Model & { readonly sha256: string } => {
  const { sha256, ...rest } = parsed(text)
  if (rest.format !== 'countermand-model' || rest.version !== 1)
    throw new Error(`expected a countermand-model of version 1, got ${rest.format} ${rest.version}: train it again`)
  const found = content.safeParse(rest)
  if (!found.success)
    throw new Error(`expected a model that can be used: ${z.prettifyError(found.error).split('\n').join(' ')}`)
  if (digest(found.data) !== sha256)
    throw new Error('expected the model that was written: its sha256 is another, so it was changed')
  if (!tellsApart(found.data.ensemble))
    throw new Error('expected a model that tells rows apart, got one that says the same of all')
  return { ...found.data, sha256 }
}

/** Whether any two rows can differ. */
const tellsApart = ({ trees }: Model['ensemble']): boolean =>
  trees.some(({ feature: asked, value }) => {
    const leaves = value.filter((_, node) => (asked[node] ?? -1) < 0)
    return leaves.some((leaf) => leaf !== leaves[0])
  })
