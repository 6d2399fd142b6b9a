import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Feedback } from '../state.ts'
import type { ReportFilter } from './counts.ts'
import type { Merchants } from './keys.ts'

/** Keeps it; what is given again counts in place of the first. */
export const keepFeedback = async (
  database: Database,
  { orderId, requestId, score, text }: Feedback,
): Promise<void> => {
  await sql`
    insert into feedback (order_id, request_id, score, text) values (${orderId}, ${requestId}, ${score}, ${text ?? null})
    on conflict (order_id, request_id) do update set score = excluded.score, text = excluded.text, given_at = now()`.execute(
    database,
  )
}

/** Whether some was given. */
export const hasFeedback = async (database: Database, orderId: string, requestId: string): Promise<boolean> => {
  const { rows } = await sql`
    select exists (select from feedback where order_id = ${orderId} and request_id = ${requestId}) as given`.execute(
    database,
  )
  return z.object({ given: z.boolean() }).parse(rows[0]).given
}

const written = z.object({
  orderId: z.string(),
  score: z.int(),
  text: z.string(),
  at: z.date().transform((date) => date.toISOString()),
})
export type WrittenFeedback = Readonly<z.infer<typeof written>>

/** What customers wrote, the newest first. Days in UTC. */
export const writtenFeedback = async (
  database: Database,
  { from, to, merchant, market }: ReportFilter,
  merchants: Merchants,
  limit: number,
): Promise<WrittenFeedback[]> => {
  const { rows } = await sql`
    select f.order_id as "orderId", score, text, given_at as at from feedback f
    join cancellations c on c.order_id = f.order_id and c.request_id = f.request_id
    left join orders o on o.order_id = f.order_id
    where text is not null and c.asked_at >= ${from}::date and c.asked_at < ${to}::date + 1
      and ${merchants === null ? sql`true` : sql`c.merchant_id = any(${[...merchants]}::text[])`}
      and ${merchant === undefined ? sql`true` : sql`c.merchant_id = ${merchant}`}
      and ${market === undefined ? sql`true` : sql`o.placed ->> 'market' = ${market}`}
    order by given_at desc limit ${limit}`.execute(database)
  return z.array(written).parse(rows)
}
