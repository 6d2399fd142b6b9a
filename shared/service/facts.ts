import type { ReadDatabase } from '@countermand/database'
import { z } from 'zod'

/** What the kit's tables tell an operator: the same of every service. Its own tables a service tells of itself. */

/** A part of an id of ours in a column, as it was before it was escaped: of a command's or an event's, the second names its request. */
export const partOf = (column: string, place: number): string =>
  `replace(replace(split_part(${column}, '/', ${place}), '%2F', '/'), '%25', '%')`

/** Commands that came before their order, as a table: their step is not known yet, only their message. */
const waitingCommands = `
  (select order_id, ${partOf('message_id', 2)} as request_id, received_at, headers ->> 'ce_type' as command, value
   from waiting where topic like '%.commands.v1') waiting_commands`

/** An order, or a request about it, that a service has heard of. */
export const heardOf = z.object({
  orderId: z.string(),
  requestId: z.string().nullable(),
  /** ISO 8601; `null`: nobody wrote down when. */
  since: z.string().nullable(),
})
export type HeardOf = z.infer<typeof heardOf>

/** Whose id this is, as far as commands say: those that were taken up, and those that still wait for their order. */
export const whoseId = (database: ReadDatabase, id: string): Promise<HeardOf[]> =>
  database.rows(
    heardOf,
    `select order_id as "orderId", request_id as "requestId", min(received_at) as since from steps
     where request_id = $1 or order_id = $1 group by order_id, request_id
     union all select order_id, request_id, received_at from ${waitingCommands}
     where request_id = $1 or order_id = $1`,
    [id],
  )

const found = z.object({ id: z.string() })

/** Requests that commands are about and whose id begins so, at most so many. */
export const idsBeginning = async (database: ReadDatabase, prefix: string, most: number): Promise<string[]> => {
  const rows = await database.rows(
    found,
    `select id from (
       select request_id as id from steps where starts_with(request_id, $1)
       union select request_id from ${waitingCommands} where starts_with(request_id, $1)
     ) ids limit ${most}`,
    [prefix],
  )
  return rows.map(({ id }) => id)
}

/** One thing that a service wrote down, by its contract's name. */
export interface Told {
  /** ISO 8601. */
  readonly at: string
  readonly kind: 'request' | 'command' | 'answer' | 'event' | 'dead-letter'
  readonly name: string
  readonly requestId: string | null
  readonly step: string | null
  readonly direction: 'do' | 'undo' | null
  readonly round: number | null
  readonly data: unknown
}

const row = z.object({
  at: z.string(),
  kind: z.enum(['command', 'answer', 'event', 'dead-letter']),
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

const story = z.looseObject({ requestId: z.string().optional().catch(undefined) })

/** What a message says. Read here and not by the database: one value that is no JSON, or none that PostgreSQL keeps, would hide all others. */
const saidIn = (value: string): Pick<Told, 'data'> & { readonly requestId?: string | undefined } => {
  const bytes = Buffer.from(value, 'base64')
  try {
    const data: unknown = JSON.parse(bytes.toString())
    return { data, requestId: story.safeParse(data).data?.requestId }
  } catch {
    return { data: { error: `its value cannot be read: ${bytes.length} bytes that are no JSON` } }
  }
}

const toldBy = ({ at, value, ...each }: z.infer<typeof row>): Told => {
  const entry = { ...each, at: new Date(at).toISOString() }
  if (value === null) return entry
  const { data, requestId } = saidIn(value)
  return { ...entry, data, requestId: entry.requestId ?? requestId ?? null }
}

/** What the service was asked about these requests of an order, what it answered, and what it told the public of the order. */
export const toldOf = async (
  database: ReadDatabase,
  orderId: string,
  requestIds: readonly string[],
): Promise<Told[]> => {
  const select = [commands, waiting, answers, published].join(' union all ')
  return (await database.rows(row, select, [orderId, requestIds])).map(toldBy)
}

const backlog = z.object({ messages: z.number(), oldest: z.string().nullable() })

/** Messages that were written and not brought to Kafka, and since when the oldest waits, ISO 8601. */
export const unpublished = async (database: ReadDatabase): Promise<z.infer<typeof backlog>> => {
  const select = 'select count(*) as messages, min(created_at) as oldest from outbox where published_at is null'
  const [found] = await database.rows(backlog, select)
  return found ?? { messages: 0, oldest: null }
}
