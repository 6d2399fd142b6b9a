import type { Answer, Direction } from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import type { ReplyAddress } from '@countermand/kafka/reading.ts'
import { keptText, textToKeep } from '@countermand/kafka/wire-text.ts'
import { sql } from 'kysely'

/** A row of `steps`. */
export interface StepRow {
  readonly orderId: string
  readonly requestId: string
  readonly step: string
  readonly direction: Direction
  readonly round: number
  readonly command: string | null
  readonly messageId: string | null
  readonly data: unknown
  answer: Answer | null
  tombstone: boolean
  reply: ReplyAddress | null
  traceparent: string | null
  dirty: boolean
}

interface RawStepRow {
  order_id: string
  request_id: string
  step: string
  direction: Direction
  round: number
  command: string | null
  message_id: string | null
  answer: Answer | null
  tombstone: boolean
  reply_topic: string | null
  reply_partition: number | null
  reply_to: string | null
  traceparent: string | null
}

const ordersLockPrefix = 'order:'

/** Takes the locks of these orders, in one order everywhere, until the transaction ends. Different orders whose hash is the same share a lock, which is harmless. */
export const lockOrders = async (tx: DatabaseTransaction, orderIds: readonly string[]): Promise<void> => {
  if (orderIds.length === 0) return
  await sql`select pg_advisory_xact_lock(k) from (
    select distinct hashtextextended(${ordersLockPrefix} || o, 0) as k from unnest(${[...orderIds]}::text[]) o order by k) keys`.execute(
    tx,
  )
}

/** Loads every step of these orders. The commands' data stays in the database: only `show` reads it. */
export const loadSteps = async (tx: DatabaseTransaction, orderIds: readonly string[]): Promise<StepRow[]> => {
  const { rows } = await sql<RawStepRow>`
    select order_id, request_id, step, direction, round, command, message_id, answer, tombstone,
           reply_topic, reply_partition, reply_to, traceparent
    from steps where order_id = any(${[...orderIds]}::text[])`.execute(tx)
  return rows.map((row) => ({
    orderId: row.order_id,
    requestId: row.request_id,
    step: row.step,
    direction: row.direction,
    round: row.round,
    command: row.command,
    messageId: row.message_id,
    data: undefined,
    answer: row.answer,
    tombstone: row.tombstone,
    reply:
      row.reply_topic === null || row.reply_to === null
        ? null
        : { topic: row.reply_topic, partition: row.reply_partition ?? undefined, replyTo: keptText(row.reply_to) },
    traceparent: row.traceparent,
    dirty: false,
  }))
}

export const saveSteps = async (tx: DatabaseTransaction, steps: readonly StepRow[], now: string): Promise<void> => {
  const changed = steps.filter((step) => step.dirty)
  if (changed.length === 0) return
  const rows = changed.map((step) => ({
    order_id: step.orderId,
    request_id: step.requestId,
    step: step.step,
    direction: step.direction,
    round: step.round,
    command: step.command,
    message_id: step.messageId,
    data: step.data ?? null,
    answer: step.answer,
    tombstone: step.tombstone,
    reply_topic: step.reply?.topic ?? null,
    reply_partition: step.reply?.partition ?? null,
    reply_to: step.reply === null ? null : textToKeep(step.reply.replyTo),
    traceparent: step.traceparent,
    answered_at: step.answer === null ? null : now,
  }))
  await sql`
    insert into steps (order_id, request_id, step, direction, round, command, message_id, data, answer, tombstone,
                       reply_topic, reply_partition, reply_to, traceparent, answered_at)
    select order_id, request_id, step, direction, round, command, message_id, data, answer, tombstone,
           reply_topic, reply_partition, reply_to, traceparent, answered_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      order_id text, request_id text, step text, direction text, round integer, command text, message_id text, data jsonb,
      answer jsonb, tombstone boolean, reply_topic text, reply_partition integer, reply_to text, traceparent text, answered_at timestamptz)
    on conflict (order_id, request_id, step, direction, round) do update set
      command = coalesce(excluded.command, steps.command), message_id = coalesce(excluded.message_id, steps.message_id),
      data = coalesce(excluded.data, steps.data), answer = excluded.answer, tombstone = excluded.tombstone,
      reply_topic = excluded.reply_topic, reply_partition = excluded.reply_partition, reply_to = excluded.reply_to,
      traceparent = excluded.traceparent, answered_at = coalesce(steps.answered_at, excluded.answered_at)`.execute(tx)
}

/** Enters ids in the inbox; gives back those that were not there. */
export const enterInbox = async (
  tx: DatabaseTransaction,
  entries: readonly { readonly source: string; readonly id: string }[],
): Promise<Set<string>> => {
  if (entries.length === 0) return new Set()
  const { rows } = await sql<{ source: string; id: string }>`
    insert into inbox (source, id) select source, id from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as r(source text, id text)
    order by source, id on conflict do nothing returning source, id`.execute(tx)
  return new Set(rows.map((row) => inboxKey(row)))
}

/** Takes ids out of the inbox: what became a dead letter was not taken, and is none when an operator sends it again. */
export const leaveInbox = async (
  tx: DatabaseTransaction,
  entries: readonly { readonly source: string; readonly id: string }[],
): Promise<void> => {
  if (entries.length === 0) return
  await sql`delete from inbox i using jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as r(source text, id text)
    where i.source = r.source and i.id = r.id`.execute(tx)
}

export const inboxKey = (entry: { readonly source: string; readonly id: string }): string =>
  JSON.stringify([entry.source, entry.id])
