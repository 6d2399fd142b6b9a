import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'

/** What a customer thought of a cancellation: 1 (very bad) to 5, and their words. */
export interface Feedback {
  readonly orderId: string
  readonly requestId: string
  readonly score: number
  readonly text?: string | undefined
}

/** Keeps it; what is given again counts in place of the first. */
export const giveFeedback = async (
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
