import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'

/** What members of staff did, for ever: written before it is done, and again with what came of it. */
export interface Deed {
  readonly subject: string
  readonly name: string
  readonly deed: 'approve' | 'reject' | 'withdraw'
  readonly orderId: string
  readonly requestId: string
}

/** Before they are done: none is done that is not written. */
export const recordDeeds = async (database: Database, deeds: readonly Deed[]): Promise<void> => {
  if (deeds.length === 0) return
  await sql`
    insert into staff_deeds (subject, name, deed, order_id, request_id)
    select subject, name, deed, "orderId", "requestId" from jsonb_to_recordset(${JSON.stringify(deeds)}::jsonb)
      as each(subject text, name text, deed text, "orderId" text, "requestId" text)`.execute(database)
}

/** What came of this member's last deeds: `sent`, or why it was not. */
export const settleDeeds = async (
  database: Database,
  subject: string,
  came: readonly { readonly requestId: string; readonly came: string }[],
): Promise<void> => {
  if (came.length === 0) return
  await sql`
    update staff_deeds set came = each.came
    from jsonb_to_recordset(${JSON.stringify(came)}::jsonb) as each("requestId" text, came text)
    where subject = ${subject} and request_id = each."requestId" and staff_deeds.came is null`.execute(database)
}

const who = z.object({ requestId: z.string(), name: z.string(), at: z.date().transform((date) => date.toISOString()) })

/** Who sent the decisions of these requests from here, by request. */
export const whoDecided = async (
  database: Database,
  requestIds: readonly string[],
): Promise<ReadonlyMap<string, z.infer<typeof who>>> => {
  const { rows } = await sql`
    select distinct on (request_id) request_id as "requestId", name, at from staff_deeds
    where request_id = any(${[...requestIds]}::text[]) and deed in ('approve', 'reject') and came = 'sent'
    order by request_id, id`.execute(database)
  return new Map(rows.map((each) => who.parse(each)).map((each) => [each.requestId, each]))
}
