import { readFile } from 'node:fs/promises'
import { withoutNulls } from '@countermand/contracts/not-set.ts'
import { type Decision, decide, judgedAt } from '@countermand/policy/decide.ts'
import type { Facts } from '@countermand/policy/facts.ts'
import { loadLibrary } from '@countermand/policy/files.ts'
import { type Library, packFor, versionOf } from '@countermand/policy/library.ts'
import { factsOf, happened, type OrderFacts, orderFacts, requestFacts } from '@countermand/policy/order-facts.ts'
import type { PolicyPack } from '@countermand/policy/rules.ts'
import type { z } from 'zod'

/** What is typed about an order and a request, in files as they are on the topics. */
export interface Given {
  readonly order?: string
  readonly request?: string
  readonly events?: string
  readonly at?: string
  readonly pack?: string
  readonly terms?: string
  readonly policies?: string
}

const read = async <Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> => {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`expected a file that can be read, got ${file}`, { cause })
  })
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (cause) {
    throw new Error(`expected JSON in ${file}`, { cause })
  }
  const parsed = schema.safeParse(withoutNulls(schema, data))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'it'}: ${message}`)
  throw new Error(`${file} cannot be used: ${problems.join('; ')}`)
}

/** A pack by its name (the version in force then) or by name and version. Throws where there is none. */
export const packNamed = (library: Library, named: string, known?: Facts): PolicyPack => {
  const found = library.packs.get(named) ?? versionOf(library, named, known === undefined ? always : judgedAt(known))
  if (found !== undefined) return found
  throw new Error(`expected one of the packs ${[...library.packs.keys()].join(', ')}, got ${named}`)
}

/** Later than every version begins. */
const always = { contract: '9999-01-01T00:00:00Z', request: '9999-01-01T00:00:00Z', event: '9999-01-01T00:00:00Z' }

/** What was read, and what it comes to. */
export interface Decided {
  readonly library: Library
  readonly order: OrderFacts
  readonly known: Facts
  readonly pack: PolicyPack
  readonly decision: Decision
}

/** The order and the facts that the files tell. */
const filesRead = async ({ order: orderFile, request: requestFile, events, at }: Given) => {
  if (orderFile === undefined || requestFile === undefined)
    throw new Error('expected an id, or both --order and --request')
  const order = await read(orderFile, orderFacts)
  const request = await read(requestFile, requestFacts)
  const news = events === undefined ? [] : await read(events, happened)
  return { order, known: factsOf(order, request, news, at) }
}

/** Decides what the files say, or what is kept of an id, by the pack that is named, or that of the order's jurisdiction. */
export const decideGiven = async (given: Given, id?: string): Promise<Decided> => {
  const library = loadLibrary(given.policies)
  const { order, known } =
    id === undefined ? await filesRead(given) : await (await import('./stored.ts')).storedFacts(id, given.at)
  if (known.lines.length === 0) throw new Error('expected lines of the order in the request, got none of them')
  const pack =
    given.pack === undefined
      ? packFor(library, known.jurisdiction, judgedAt(known))
      : packNamed(library, given.pack, known)
  if (pack === undefined)
    throw new Error(`expected a pack for ${known.jurisdiction}, and there is not even the pack none`)
  const terms = given.terms === undefined ? undefined : packNamed(library, given.terms, known)
  const decision = decide(library, known, { pack, ...(terms !== undefined && { terms }) })
  return { library, order, known, pack, decision }
}
