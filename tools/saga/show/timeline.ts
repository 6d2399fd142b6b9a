import { z } from 'zod'
import { type Databases, inEach, type ReadDatabase } from '../databases.ts'
import { waitingCommands } from './waiting.ts'

/** One thing that happened, by its contract's name. */
export interface TimelineEntry {
  /** ISO 8601. */
  readonly at: string
  readonly service: string
  readonly kind: 'request' | 'command' | 'answer' | 'event' | 'dead-letter' | 'run' | 'activity' | 'signal' | 'update'
  readonly name: string
  readonly requestId: string | null
  readonly step: string | null
  readonly direction: 'do' | 'undo' | null
  readonly round: number | null
  readonly data: unknown
}

const row = z.object({
  at: z.string(),
  kind: z.enum(['request', 'command', 'answer', 'event', 'dead-letter']),
  name: z.string(),
  requestId: z.string().nullable(),
  step: z.string().nullable(),
  direction: z.enum(['do', 'undo']).nullable(),
  round: z.number().nullable(),
  data: z.unknown(),
  /** Instead of data: a message's value, in base64. */
  value: z.string().nullable(),
})

const commands = `
  select received_at as at, 'command' as kind, command as name, request_id as "requestId", step, direction, round, data, null as value
  from steps where order_id = $1 and request_id = any ($2::text[]) and command is not null`

const waiting = `
  select received_at, 'command', command, request_id, null, null, null, null, encode(value, 'base64') from ${waitingCommands}
  where order_id = $1 and request_id = any ($2::text[])`

// The moment of an answer is its decision's, that of a command its row's: the row is written after the decision.
const answers = `
  select greatest(answered_at, received_at), 'answer', answer ->> 'type', request_id, step, direction, round, answer - 'type', null
  from steps where order_id = $1 and request_id = any ($2::text[]) and answer is not null and answered_at is not null`

/** What the service told the public, and what it put aside. Its outbox forgets after hours. */
const published = `
  select created_at, case when topic like '%.dlq' then 'dead-letter' else 'event' end, coalesce(headers ->> 'ce_type', 'unreadable'),
    null, null, null, null,
    case when topic like '%.dlq' then jsonb_build_object('reason', headers ->> 'dlq-reason', 'error', headers ->> 'dlq-error') end,
    case when topic not like '%.dlq' then encode(value, 'base64') end
  from outbox where key = convert_to($1, 'UTF8')
    and (topic in ('orders.cancellations.v1', 'payments.refunds.v1', 'shipments.changed.v1', 'orders.accepted.v1') or topic like '%.dlq')`

const requests = `
  select (request ->> 'requestedAt')::timestamptz, 'request', 'order.cancel.requested.v1', request_id, null, null, null, request, null
  from requests where request_id = any ($2::text[])`

const selectOf = ({ owner }: ReadDatabase): string =>
  [commands, waiting, answers, published, ...(owner === 'order' ? [requests] : [])].join(' union all ')

const story = z.looseObject({ requestId: z.string().optional().catch(undefined) })

/** What a message says. Read here and not by the database: one value that is no JSON, or none that PostgreSQL keeps, would hide all others. */
const saidIn = (value: string): Pick<TimelineEntry, 'data'> & { readonly requestId?: string | undefined } => {
  const bytes = Buffer.from(value, 'base64')
  try {
    const data: unknown = JSON.parse(bytes.toString())
    return { data, requestId: story.safeParse(data).data?.requestId }
  } catch {
    return { data: { error: `its value cannot be read: ${bytes.length} bytes that are no JSON` } }
  }
}

const entryOf = (service: string, { at, value, ...each }: z.infer<typeof row>): TimelineEntry => {
  const entry = { ...each, at: new Date(at).toISOString(), service }
  if (value === null) return entry
  const { data, requestId } = saidIn(value)
  return { ...entry, data, requestId: entry.requestId ?? requestId ?? null }
}

const rank = {
  request: 0,
  run: 1,
  signal: 1,
  update: 1,
  activity: 2,
  command: 3,
  event: 4,
  'dead-letter': 4,
  answer: 5,
} as const

/** Oldest first; of one moment, what asks before what answers. */
export const inOrder = (entries: readonly TimelineEntry[]): TimelineEntry[] =>
  entries.toSorted((a, b) => a.at.localeCompare(b.at) || rank[a.kind] - rank[b.kind])

const isAbout = (entry: TimelineEntry, requestIds: readonly string[]): boolean =>
  entry.requestId === null || requestIds.includes(entry.requestId)

/** Joins what the four services keep of these requests of an order, oldest first. Their clocks are taken as they are. */
export const timelineOf = async (
  databases: Databases,
  orderId: string,
  requestIds: readonly string[],
): Promise<TimelineEntry[]> => {
  const entries = await inEach(databases, async (database): Promise<TimelineEntry[]> => {
    const rows = await database.rows(row, selectOf(database), [orderId, requestIds])
    return rows.map((each) => entryOf(database.owner, each))
  })
  return inOrder(entries.filter((entry) => isAbout(entry, requestIds)))
}
