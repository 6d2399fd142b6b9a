import { operationAnswer, operationWanted } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import type { OperationAnswered, OperationWanted } from '@countermand/contracts/operations.ts'
import type { Database, DatabaseTransaction } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { isLook } from '../decide/operation.ts'
import { type Operation, operationStates } from '../state.ts'

/** What operators ask of operations, and what came of it. Of looks the answer is all that matters, and it is soon forgotten: it may hold what customers wrote. */

const orNothing = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullable().transform((value) => value ?? undefined)
const moment = z.date().transform((date) => date.toISOString())

const who = z.object({ subject: z.string(), name: z.string() })
const content = z.object({
  wanted: operationWanted,
  author: who,
  at: z.string(),
  reason: z.string().optional(),
  stake: z.object({
    sums: z.array(z.object({ amount: z.int(), currency: z.string() })),
    unknown: z.boolean(),
  }),
  proposedAt: z.string().optional(),
  second: who.optional(),
  sentAt: z.string().optional(),
})
type Content = Omit<Operation, 'operationId' | 'state' | 'plan' | 'plannedAt' | 'answer' | 'answeredAt'>

const row = z
  .object({
    ...{ operationId: z.string(), state: z.enum(operationStates), content: exactly<Content>()(content) },
    ...{ plan: orNothing(operationAnswer), plannedAt: orNothing(moment) },
    ...{ answer: orNothing(operationAnswer), answeredAt: orNothing(moment) },
  })
  .transform(({ content: kept, ...rest }): Operation => ({ ...kept, ...rest }))

const columns = sql`operation_id as "operationId", state, content, plan, planned_at as "plannedAt", answer,
  answered_at as "answeredAt"`

/** By the same words the same thing is looked at. */
const lookOf = (wanted: OperationWanted): string | null => (isLook(wanted) ? JSON.stringify(wanted) : null)

/** Those that there are of these. */
export const operationsById = async (
  database: Database | DatabaseTransaction,
  ids: readonly string[],
): Promise<Operation[]> => {
  // Orders have other ids, mostly.
  const likely = ids.filter((id) => z.uuid().safeParse(id).success)
  if (likely.length === 0) return []
  const { rows } = await sql`
    select ${columns} from operations where operation_id = any(${likely}::text[])`.execute(database)
  return rows.map((each) => row.parse(each))
}

/** In the transaction that asks for them. */
export const saveOperations = async (tx: DatabaseTransaction, all: readonly Operation[]): Promise<void> => {
  if (all.length === 0) return
  const rows = all.map(({ operationId, state, plan: _, plannedAt: __, answer: ___, answeredAt: ____, ...kept }) => ({
    ...{ operationId, state, look: lookOf(kept.wanted), content: kept },
  }))
  await sql`
    insert into operations (operation_id, state, look, content)
    select "operationId", state, look, content
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as each("operationId" text, state text, look text, content jsonb)
    on conflict (operation_id) do update set state = excluded.state, content = excluded.content`.execute(tx)
}

/** What operations answered: the first answer counts, whichever comes again. */
export const keepAnswers = async (tx: DatabaseTransaction, all: readonly OperationAnswered[]): Promise<void> => {
  if (all.length === 0) return
  const first = new Map(all.toReversed().map((each) => [JSON.stringify([each.operationId, each.dryRun]), each]))
  const kept = [...first.values()].toSorted((a, b) => (a.operationId < b.operationId ? -1 : 1))
  for (const dryRun of [true, false]) {
    const rows = kept.filter((each) => each.dryRun === dryRun)
    const [what, since] = dryRun ? [sql`plan`, sql`planned_at`] : [sql`answer`, sql`answered_at`]
    if (rows.length === 0) continue
    await sql`
      update operations set ${what} = told.answer, ${since} = told.at
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as told("operationId" text, at timestamptz, answer jsonb)
      where operation_id = told."operationId" and operations.${what} is null`.execute(tx)
  }
}

export const operationOf = async (database: Database, operationId: string): Promise<Operation | undefined> =>
  (await operationsById(database, [operationId]))[0]

/** The newest look at this, and the newest that was answered. */
export const looksAt = async (
  database: Database,
  wanted: OperationWanted,
): Promise<{ readonly last: Operation | undefined; readonly answered: Operation | undefined }> => {
  const of = sql`look = ${lookOf(wanted)}`
  const { rows } = await sql`
    (select ${columns}, created_at from operations where ${of} order by created_at desc limit 1)
    union
    (select ${columns}, created_at from operations where ${of} and plan is not null order by created_at desc limit 1)
    order by created_at desc`.execute(database)
  const all = rows.map((each) => row.parse(each))
  return { last: all[0], answered: all.find(({ plan }) => plan !== undefined) }
}

/** Deeds, the newest first: those that wait for a second person, and the others. */
export const listOperations = async (
  database: Database,
  limit: number,
): Promise<{ readonly proposed: Operation[]; readonly lately: Operation[] }> => {
  const { rows: proposed } = await sql`
    select ${columns} from operations where look is null and state = 'proposed'
    order by created_at desc limit ${limit}`.execute(database)
  const { rows: lately } = await sql`
    select ${columns} from operations where look is null and state in ('sent', 'dropped')
    order by created_at desc limit ${limit}`.execute(database)
  return { proposed: proposed.map((each) => row.parse(each)), lately: lately.map((each) => row.parse(each)) }
}

/** What a member sent within the last day. */
export const sentLatelyBy = async (database: Database, subject: string): Promise<Operation[]> => {
  const { rows } = await sql`
    select ${columns} from operations where look is null and state = 'sent' and content->'author'->>'subject' = ${subject}
      and (content->>'sentAt')::timestamptz > now() - make_interval(days => 1)`.execute(database)
  return rows.map((each) => row.parse(each))
}

const looksKeptMinutes = 60
const plansKeptDays = 1
const wordsKeptDays = 1

/** Forgets what was looked at, what was never sent or approved, what messages say that were edited, and deeds after so many ms; that somebody did them stays. */
export const forgetOperations = async (database: Database, afterMs: number): Promise<void> => {
  await sql`
    delete from operations where look is not null and created_at < now() - make_interval(mins => ${looksKeptMinutes})`.execute(
    database,
  )
  await sql`
    delete from operations where state = 'looking' and created_at < now() - make_interval(days => ${plansKeptDays})`.execute(
    database,
  )
  await sql`
    update operations set state = 'dropped'
    where state = 'proposed' and (content->>'proposedAt')::timestamptz < now() - make_interval(days => ${plansKeptDays})`.execute(
    database,
  )
  // That there was another value stays: it is empty then.
  await sql`
    update operations set plan = null, content = case when content->'wanted' ? 'value'
      then jsonb_set(content, '{wanted,value}', '""') else content end
    where look is null and state in ('sent', 'dropped') and (plan is not null or content->'wanted'->>'value' <> '')
      and coalesce(content->>'sentAt', content->>'proposedAt')::timestamptz < now() - make_interval(days => ${wordsKeptDays})`.execute(
    database,
  )
  await sql`
    delete from operations where created_at < now() - make_interval(secs => ${afterMs / 1_000}::float8)`.execute(
    database,
  )
}
