import type { z } from 'zod'
import { type LongList, longLists } from './long-lists.ts'
import { withoutNulls } from './not-set.ts'
import { grouped } from './text.ts'

const longestShown = 64
const mostProblems = 10

/** What came, in words: short values as they are, long ones by their size. */
const show = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string')
    return value.length <= longestShown ? JSON.stringify(value) : `a text of ${grouped(value.length)} characters`
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`

/** Said where a contract has no words of its own. */
const wording: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeNames[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `expected ${oneOf(issue.values)}`
    case 'invalid_union': {
      const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : []
      return options.length > 0 ? `expected ${oneOf(options)}` : undefined
    }
    default:
      return undefined
  }
}

const valueAt = (data: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), data)

/** One thing that is wrong: where, and what. */
export interface Wrong {
  readonly path: readonly PropertyKey[]
  readonly detail: string
}

const wrongOf = (issue: z.core.$ZodIssue, data: unknown): Wrong => {
  const value = valueAt(data, issue.path)
  // A rule over several fields says itself what it got.
  const overSeveral = issue.code === 'custom' && typeof value === 'object'
  return { path: issue.path, detail: issue.message + (overSeveral ? '' : `, got ${show(value)}`) }
}

const tooLong = ({ path, length, most }: LongList): Wrong => ({
  path,
  detail: `expected at most ${grouped(most)} entries, got ${grouped(length)}`,
})

const clause = ({ path, detail }: Wrong): string => (path.length > 0 ? `${path.join('.')}: ${detail}` : detail)

const clauses = (all: readonly string[]): string =>
  [...all.slice(0, mostProblems), ...(all.length > mostProblems ? [`and ${all.length - mostProblems} more`] : [])].join(
    '; ',
  )

const list = (issues: readonly z.core.$ZodIssue[], data: unknown): string => {
  const shown = issues.slice(0, mostProblems).map((issue) => clause(wrongOf(issue, data)))
  // Of the others only the number is told.
  return clauses([...shown, ...issues.slice(mostProblems).map(() => '')])
}

/** Data of others that passed its contract, or what is wrong with it in words. */
export type Checked<Schema extends z.ZodType> =
  | { readonly ok: true; readonly data: z.infer<Schema> }
  /** One clause per problem, each with its place: `tenders.0.amount: expected …, got …; lines.1: …`. */
  | { readonly ok: false; readonly problems: string }

/** Checks data of others against a contract. What is wrong is told to people who never saw the schema. */
export const check = <Schema extends z.ZodType>(schema: Schema, data: unknown): Checked<Schema> => {
  const long = longLists(schema, data)
  return long.length > 0
    ? { ok: false, problems: clauses(long.map((each) => clause(tooLong(each)))) }
    : checkKept(schema, data)
}

/** The same of what was taken once and is kept, however long the lists have become that have no limit of their own. */
export const checkKept = <Schema extends z.ZodType>(schema: Schema, data: unknown): Checked<Schema> => {
  const parsed = schema.safeParse(withoutNulls(schema, data), { error: wording })
  return parsed.success ? { ok: true, data: parsed.data } : { ok: false, problems: list(parsed.error.issues, data) }
}

/** The same, each thing that is wrong for itself, for whoever shows it beside its field; the first ten. */
export const checkEach = <Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
):
  | { readonly ok: true; readonly data: z.infer<Schema> }
  | { readonly ok: false; readonly problems: readonly Wrong[] } => {
  const long = longLists(schema, data)
  if (long.length > 0) return { ok: false, problems: long.slice(0, mostProblems).map(tooLong) }
  const parsed = schema.safeParse(withoutNulls(schema, data), { error: wording })
  return parsed.success
    ? { ok: true, data: parsed.data }
    : { ok: false, problems: parsed.error.issues.slice(0, mostProblems).map((issue) => wrongOf(issue, data)) }
}
