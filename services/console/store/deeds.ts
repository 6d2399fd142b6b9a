import { requestVia } from '@countermand/contracts'
import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { type DoneDeed, deedNames } from '../state.ts'
import { formKey, takeForms } from './forms.ts'

/** What members of staff did, with what came of it: for ever, but for their own words. */

/** Of the same form it is the same deed, whether it comes first or again; of one that was turned down, that it was done is another. */
const keyOf = ({ subject, deed, orderId, requestId, detail, came, batch }: DoneDeed): string | undefined => {
  const isDone = ['sent', 'again', 'done'].includes(came)
  return batch && formKey(batch, subject, deed, orderId, requestId, detail, isDone ? 'done' : came)
}

/** In the transaction that does them, each once for the form that it was sent by. */
export const recordDeeds = async (database: Database, all: readonly DoneDeed[]): Promise<void> => {
  const first = new Set(
    await takeForms(
      database,
      all.flatMap((each) => keyOf(each) ?? []),
    ),
  )
  const deeds = all.filter((each) => {
    const key = keyOf(each)
    return key === undefined || first.delete(key)
  })
  if (deeds.length === 0) return
  await sql`
    insert into staff_deeds (subject, name, deed, order_id, request_id, via, detail, batch, came)
    select subject, name, deed, "orderId", "requestId", via, detail, batch, came
    from jsonb_to_recordset(${JSON.stringify(deeds)}::jsonb) as each(subject text, name text, deed text, "orderId" text,
      "requestId" text, via text, detail text, batch uuid, came text)`.execute(database)
}

const orNothing = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullable().transform((value) => value ?? undefined)

const deedRow = z.object({
  at: z.date().transform((date) => date.toISOString()),
  subject: z.string(),
  name: z.string(),
  deed: z.enum(deedNames),
  orderId: orNothing(z.string()),
  requestId: orNothing(z.string()),
  via: orNothing(requestVia.catch('web')),
  detail: orNothing(z.string()),
  batch: orNothing(z.string()),
  // Of an earlier release: nobody wrote it down.
  came: z
    .string()
    .nullable()
    .transform((came) => came ?? 'sent'),
})
export type WrittenDeed = z.infer<typeof deedRow>

const columns = sql`at, subject, name, deed, order_id as "orderId", request_id as "requestId", via, detail, batch, came`

/** What was done about an order, the oldest first. */
export const deedsOfOrder = async (database: Database, orderId: string, most: number): Promise<WrittenDeed[]> => {
  const { rows } = await sql`
    select ${columns} from (
      select * from staff_deeds where order_id = ${orderId} order by id desc limit ${most}) last
    order by id`.execute(database)
  return z.array(deedRow).parse(rows)
}

/** What this member did in one go: of each request the first time that it was tried. */
export const deedsOfBatch = async (database: Database, batch: string, subject: string): Promise<WrittenDeed[]> => {
  const { rows } = await sql`
    select ${columns} from (
      select distinct on (request_id) * from staff_deeds
      where batch = ${batch}::uuid and subject = ${subject} order by request_id, id) each
    order by id`.execute(database)
  return z.array(deedRow).parse(rows)
}

const who = z.object({
  requestId: z.string(),
  decision: z.enum(['approve', 'reject']),
  name: z.string(),
  at: z.date().transform((date) => date.toISOString()),
})

/** Who sent the decisions of these requests from here, by request. */
export const whoDecided = async (
  database: Database,
  requestIds: readonly string[],
): Promise<ReadonlyMap<string, z.infer<typeof who>>> => {
  if (requestIds.length === 0) return new Map()
  const { rows } = await sql`
    select distinct on (request_id) request_id as "requestId", deed as decision, name, at from staff_deeds
    where request_id = any(${[...requestIds]}::text[]) and deed in ('approve', 'reject') and came = 'sent'
    order by request_id, id`.execute(database)
  return new Map(rows.map((each) => who.parse(each)).map((each) => [each.requestId, each]))
}

/** Forgets what members wrote, so many ms after they did; that they did it stays. */
export const forgetWords = async (database: Database, afterMs: number): Promise<void> => {
  await sql`
    update staff_deeds set detail = null
    where detail is not null and at < now() - make_interval(secs => ${afterMs / 1_000}::float8)`.execute(database)
}
