import { remedy } from '@countermand/contracts'
import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { urgency } from '../decide/urgency.ts'
import type { Cancellation } from '../state.ts'
import type { Merchants } from './keys.ts'
import { cancellation } from './rows.ts'

/** A request that needs a person, with what was told of why. */
export interface Stuck {
  readonly request: Cancellation
  /** What everybody may know of the error. */
  readonly error?: string | undefined
  /** What may be decided, when it was told. */
  readonly remedies: readonly z.infer<typeof remedy>[]
}

const stuck = z.object({
  content: cancellation,
  error: z.string().nullable(),
  remedies: z.array(remedy).nullable(),
})

const within = (merchants: Merchants) =>
  merchants === null ? sql`true` : sql`merchant_id = any(${[...merchants]}::text[])`

const byUrgency = sql`
  array_position(${[...urgency]}::text[], content -> 'attention' ->> 'reason') nulls last, content -> 'attention' ->> 'since'`

const select = sql`
  select content, told.attention ->> 'error' as error, told.attention -> 'remedies' as remedies from cancellations
  left join lateral (
    select data -> 'attention' as attention from story
    where story.order_id = cancellations.order_id and story.request_id = cancellations.request_id
      and type = 'order.cancellation.needs-attention.v1'
      and data -> 'attention' ->> 'since' = content -> 'attention' ->> 'since'
    order by position desc limit 1) told on true`

const read = (rows: readonly unknown[]): Stuck[] =>
  rows.map((each) => {
    const { content, error, remedies } = stuck.parse(each)
    return { request: content, remedies: remedies ?? [], ...(error !== null && { error }) }
  })

/** Those that need a person, and how many there are: the most urgent first, of these the oldest. */
export const listStuck = async (
  database: Database,
  reason: string | undefined,
  merchants: Merchants,
  limit: number,
): Promise<{ readonly stuck: Stuck[]; readonly all: number }> => {
  const wanted = sql`needs_attention and ${within(merchants)}
    and ${reason === undefined ? sql`true` : sql`content -> 'attention' ->> 'reason' = ${reason}`}`
  const { rows } = await sql`
    ${select} where ${wanted} order by ${byUrgency}, request_id limit ${limit}`.execute(database)
  const found = read(rows)
  if (found.length < limit) return { stuck: found, all: found.length }
  const counted = await sql`select count(*)::int as all from cancellations where ${wanted}`.execute(database)
  return { stuck: found, all: z.tuple([z.object({ all: z.int() })]).parse(counted.rows)[0].all }
}

/** Those of these requests that may be known of, whether they still need somebody or not. */
export const stuckAmong = async (
  database: Database,
  requestIds: readonly string[],
  merchants: Merchants,
): Promise<Stuck[]> => {
  const { rows } = await sql`
    ${select} where request_id = any(${[...requestIds]}::text[]) and ${within(merchants)}
    order by ${byUrgency}, request_id`.execute(database)
  return read(rows)
}
