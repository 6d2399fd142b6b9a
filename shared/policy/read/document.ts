import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Problem } from './problem.ts'

type Path = readonly PropertyKey[]

/** What a file says, and where. */
export interface Document<Content> {
  readonly file: string
  readonly content: Content
  /** The line of what is at a path, or of the last part of it that is there. */
  lineAt(path: Path): number
}

/** A document, or what is wrong with it. */
export type ReadDocument<Content> =
  | { readonly ok: true; readonly document: Document<Content> }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const offsetAt = (root: unknown, path: Path): number => {
  let node = root
  let offset = 0
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (pair === undefined) return offset
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      const item = node.items[Number(step)]
      if (item === undefined) return offset
      node = item
      if (isMap(item) || isSeq(item) || isScalar(item)) offset = item.range?.[0] ?? offset
    } else return offset
  }
  return offset
}

const pathsOf = (issue: z.core.$ZodIssue): readonly [path: Path, message: string][] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => [[...issue.path, key], `unknown key ${key}`])
    : [[issue.path, issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`]]

/** Reads YAML 1.2 by a schema. An anchor, a tag, a key that is there twice, and all that the schema does not know are problems with their line. */
export const readDocument = <Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): ReadDocument<z.output<Schema>> => {
  const lines = new LineCounter()
  const yaml = parseDocument(text, { version: '1.2', schema: 'core', lineCounter: lines, prettyErrors: false })
  const mistakes = [...yaml.errors, ...yaml.warnings].map(
    (each): Problem => ({ file, line: lines.linePos(each.pos[0]).line, message: each.message }),
  )
  if (mistakes.length > 0) return { ok: false, problems: mistakes }
  const lineAt = (path: Path): number => Math.max(1, lines.linePos(offsetAt(yaml.contents, path)).line)
  let content: unknown
  try {
    content = yaml.toJS({ maxAliasCount: 0 })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, problems: [{ file, line: 1, message: `expected no anchors: ${message}` }] }
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return { ok: true, document: { file, content: parsed.data, lineAt } }
  const problems = parsed.error.issues
    .flatMap(pathsOf)
    .map(([path, message]): Problem => ({ file, line: lineAt(path), message }))
  return { ok: false, problems }
}
