import { createHash } from 'node:crypto'
import type { Database, DatabaseTransaction } from '@countermand/database'
import { headersToShow, keptHeaders, listToKeep } from '@countermand/kafka/headers.ts'
import type { IncomingMessage } from '@countermand/kafka/message.ts'
import type { ReadCommand, ReadEvent } from '@countermand/kafka/reading.ts'
import { sql } from 'kysely'
import type { ScheduledTask } from './unit-result.ts'

/** Writes of the kit's tables `waiting` and `tasks`. */

export const patienceKind = '$patience'

/** Indexes have room for so much of an id. */
const mostIdBytes = 1_000

export const waitingId = (message: ReadCommand | ReadEvent): string => {
  if (message.kind === 'command') return message.messageId
  const id = JSON.stringify([message.source, message.id])
  return Buffer.byteLength(id) <= mostIdBytes ? id : createHash('sha256').update(id).digest('hex')
}

export const patienceTaskId = (orderId: string, messageId: string): string =>
  JSON.stringify(['patience', orderId, messageId])

/** A message that waits for its order, and under which id. */
export interface WaitingMessage {
  readonly orderId: string
  readonly messageId: string
  readonly raw: IncomingMessage
}

interface WaitingRow {
  order_id: string
  message_id: string
  topic: string
  partition: number
  offset: number
  key: string | null
  headers: Record<string, string>
  exact_headers: Buffer | null
  value: Buffer | null
}

/** A command asked again while it waits takes the newest asker's headers. */
export const saveWaiting = async (
  tx: DatabaseTransaction,
  messages: readonly (ReadCommand | ReadEvent)[],
): Promise<void> => {
  for (const message of messages) {
    const { topic, partition, offset, key, value } = message.raw
    await sql`
      insert into waiting (order_id, message_id, topic, partition, "offset", key, headers, exact_headers, value)
      values (${message.orderId}, ${waitingId(message)}, ${topic}, ${partition}, ${offset}, ${key},
        ${headersToShow(message.raw)}::jsonb, ${listToKeep(message.raw)}, ${value})
      on conflict (order_id, message_id) do update set
        headers = excluded.headers, exact_headers = excluded.exact_headers, value = excluded.value`.execute(tx)
  }
}

const waitingMessage = ({
  order_id,
  message_id,
  headers,
  exact_headers,
  offset,
  ...row
}: WaitingRow): WaitingMessage => ({
  orderId: order_id,
  messageId: message_id,
  raw: { ...row, offset: String(offset), ...keptHeaders(headers, exact_headers) },
})

/** The messages that wait for these orders, in the order they came. */
export const readWaiting = async (database: Database, orderIds: readonly string[]): Promise<WaitingMessage[]> => {
  const { rows } = await sql<WaitingRow>`
    select order_id, message_id, topic, partition, "offset", key, headers, exact_headers, value from waiting
    where order_id = any(${[...orderIds]}::text[]) order by id`.execute(database)
  return rows.map(waitingMessage)
}

/**
 * Has the messages looked at anew that wait for these orders, which have come: their patience ends now, not over. So it is done by whoever
 * comes to it, also when this process, or its database, ends before it does. Gives back the orders that have any.
 */
export const wakeWaiting = async (
  tx: DatabaseTransaction,
  arrived: readonly string[],
  now: string,
): Promise<string[]> => {
  if (arrived.length === 0) return []
  const { rows } = await sql<{ order_id: string; message_id: string }>`
    select order_id, message_id from waiting where order_id = any(${[...arrived]}::text[])`.execute(tx)
  if (rows.length === 0) return []
  const ids = rows.map((row) => patienceTaskId(row.order_id, row.message_id))
  await sql`update tasks set due_at = ${now}, payload = payload || '{"arrived": true}'
    where id = any(${ids}::text[]) and kind = ${patienceKind}`.execute(tx)
  return [...new Set(rows.map(({ order_id }) => order_id))]
}

/** Takes a message out of `waiting`; `undefined`: it is not there any more. */
export const takeWaiting = async (
  tx: DatabaseTransaction,
  from: { readonly orderId: string; readonly messageId: string },
): Promise<WaitingMessage | undefined> => {
  const { rows } = await sql<WaitingRow>`
    delete from waiting where order_id = ${from.orderId} and message_id = ${from.messageId}
    returning order_id, message_id, topic, partition, "offset", key, headers, exact_headers, value`.execute(tx)
  return rows.map(waitingMessage)[0]
}

/** Deletes the tasks whose lease is still ours; gives back how often each ran. */
export const takeTasks = async (
  tx: DatabaseTransaction,
  tasks: readonly { readonly taskId: string; readonly token: string }[],
): Promise<Map<string, number>> => {
  if (tasks.length === 0) return new Map()
  const { rows } = await sql<{ id: string; attempts: number }>`
    delete from tasks t using jsonb_to_recordset(${JSON.stringify(tasks)}::jsonb) as r("taskId" text, token text)
    where t.id = r."taskId" and t.lease_token = r.token returning t.id, t.attempts`.execute(tx)
  return new Map(rows.map((row) => [row.id, row.attempts]))
}

/** Sets a task aside whose lease is still ours: it stays where it is, with what is wrong, until a person has looked; gives back how often it ran. */
export const setTaskAside = async (
  tx: DatabaseTransaction,
  task: { readonly taskId: string; readonly token: string; readonly error: string },
): Promise<number | undefined> => {
  const { rows } = await sql<{ attempts: number }>`
    update tasks set last_error = ${task.error}, lease_token = null, lease_until = null
    where id = ${task.taskId} and lease_token = ${task.token} returning attempts`.execute(tx)
  return rows[0]?.attempts
}

export const saveTasks = async (
  tx: DatabaseTransaction,
  tasks: readonly ScheduledTask[],
  dropped: readonly string[],
): Promise<void> => {
  if (dropped.length > 0) await sql`delete from tasks where id = any(${[...dropped]}::text[])`.execute(tx)
  if (tasks.length === 0) return
  const rows = tasks.map((task) => ({ ...task, payload: task.payload ?? null }))
  await sql`
    insert into tasks (id, order_id, kind, payload, due_at, attempts, traceparent, party)
    select id, "orderId", kind, payload, "dueAt", attempts, traceparent, party
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      id text, "orderId" text, kind text, payload jsonb, "dueAt" timestamptz, attempts integer, traceparent text, party text)
    order by id
    on conflict (id) do update set
      due_at = excluded.due_at, payload = excluded.payload, traceparent = excluded.traceparent,
      party = excluded.party, lease_token = null, lease_until = null, last_error = null
    where tasks.kind <> ${patienceKind}`.execute(tx)
}
