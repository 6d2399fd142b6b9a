import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { topics } from '@countermand/contracts'
import { openReadOnly } from '@countermand/database/read-only.ts'
import { connectKafka, type IncomingMessage, readToEnd } from '@countermand/kafka'
import type { CollectedSpan } from '@countermand/telemetry/collector.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { fetchHistory } from '@countermand/workflows/operations/history/fetch.ts'
import type { Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { z } from 'zod'

/** Whether what nobody may read stands anywhere: in logs, messages, tables (tasks and errors among them), histories or traces. */

export interface Written {
  /** Whose `logs/` are looked through. */
  readonly home: string
  readonly kafkaBrokers: readonly string[]
  readonly topicPrefix: string
  readonly databaseUrls: Readonly<Record<string, string>>
  readonly temporal: Temporal
  /** How many histories at most. */
  readonly histories: number
  /** What a collector has got. Absent: nobody traced. */
  readonly spans?: readonly CollectedSpan[]
}

/** Says where one is, and never which: whoever reads that has it not. */
const inText = (secrets: readonly string[], text: string, where: string): string[] =>
  secrets.some((secret) => text.includes(secret)) ? [`expected no secret in ${where}, got one`] : []

export const inLogs = async (secrets: readonly string[], home: string): Promise<string[]> => {
  const found: string[] = []
  for (const name of await readdir(join(home, 'logs')))
    found.push(...inText(secrets, await readFile(join(home, 'logs', name), 'utf8'), `logs/${name}`))
  return found
}

const inTopics = async (secrets: readonly string[], { kafkaBrokers: brokers, topicPrefix: prefix }: Written) => {
  const kafka = connectKafka({ brokers: [...brokers], clientId: 'countermand-leaks', prefix })
  const found = new Set<string>()
  const look = ({ topic, key, value, headers }: IncomingMessage) => {
    const text = `${key} ${value} ${Object.entries(headers).map(String).join(' ')}`
    for (const words of inText(secrets, text, `topic ${topic}`)) found.add(words)
  }
  await readToEnd({ kafka, topics: Object.values(topics), onMessages: (messages) => messages.forEach(look) })
  return [...found]
}

const table = z.object({ schema: z.string(), name: z.string() })
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const inTables = async (secrets: readonly string[], owner: string, url: string): Promise<string[]> => {
  const { database, close } = openReadOnly(owner, url)
  try {
    const tables = await database.rows(
      table,
      `select table_schema as schema, table_name as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    )
    const found: string[] = []
    for (const { schema, name } of tables) {
      const [row] = await database.rows(
        z.object({ count: z.int() }),
        `select count(*) as count from ${quoted(schema)}.${quoted(name)} each, unnest($1::text[]) secret
         where strpos(to_jsonb(each)::text, secret) > 0`,
        [secrets],
      )
      if (row?.count !== 0) found.push(`expected no secret in ${owner}'s table ${name}, got one`)
    }
    return found
  } finally {
    await close()
  }
}

/** Payloads are bytes of text. */
const asText = (history: unknown): string =>
  JSON.stringify(history, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value))

const inHistories = async (secrets: readonly string[], { temporal, histories }: Written): Promise<string[]> => {
  const found: string[] = []
  for (const run of (await listRuns(temporal)).slice(0, histories))
    found.push(...inText(secrets, asText(await fetchHistory(temporal, run)), `the history of ${run.workflowId}`))
  return found
}

const inTraces = (secrets: readonly string[], spans: readonly CollectedSpan[] | undefined): string[] => {
  if (spans === undefined) return []
  if (spans.length === 0) return ['expected a collector to have got spans to look for secrets in, got none']
  return inText(secrets, JSON.stringify(spans), 'traces')
}

/** Everywhere that a system writes, in words. */
export const findLeaks = async (secrets: readonly string[], written: Written): Promise<string[]> => [
  ...(await inLogs(secrets, written.home)),
  ...(await inTopics(secrets, written)),
  ...(
    await Promise.all(Object.entries(written.databaseUrls).map(([owner, url]) => inTables(secrets, owner, url)))
  ).flat(),
  ...(await inHistories(secrets, written)),
  ...inTraces(secrets, written.spans),
]
