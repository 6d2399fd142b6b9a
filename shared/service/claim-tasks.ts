import type { Database } from '@countermand/database'
import { sql } from 'kysely'

export interface TaskRow {
  readonly id: string
  readonly order_id: string
  readonly kind: string
  readonly payload: unknown
  readonly attempts: number
  readonly traceparent: string | null
  readonly party: string | null
}

export interface Claim {
  readonly rows: readonly TaskRow[]
  /** There may be more that are due and that there is room for. */
  readonly more: boolean
}

const leaseMs = 15_000
/** So many tasks run in one process, and so many of them ask the same party: one that hangs leaves room for the others. */
const atOnce = 64
const atOnceOfParty = 8

/** Which tasks run, each with whom it asks. */
export type Running = ReadonlyMap<string, string | null>

const countParties = (running: Running): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const party of running.values()) if (party !== null) counts[party] = (counts[party] ?? 0) + 1
  return counts
}

const full = (running: Running): string[] =>
  Object.entries(countParties(running)).flatMap(([party, count]) => (count >= atOnceOfParty ? [party] : []))

const isFree = (running: Running) => sql`(party is null or party <> all(${full(running)}::text[]))`

/** Leases what is due, as far as there is room: the first ones due, and of those who ask the same party only so many. */
export const claimTasks = async (database: Database, token: string, running: Running, now: Date): Promise<Claim> => {
  const room = atOnce - running.size
  if (room <= 0) return { rows: [], more: false }
  const { rows } = await sql<TaskRow & { readonly found: number }>`
    with due as materialized (
      select id, party, due_at from tasks
      where due_at <= ${now} and last_error is null and (lease_until is null or lease_until < ${now}) and ${isFree(running)}
      order by due_at limit ${room} for update skip locked),
    placed as (select id, party, row_number() over (partition by party order by due_at) as place from due)
    update tasks set lease_token = ${token}, lease_until = ${new Date(now.getTime() + leaseMs)}, attempts = attempts + 1
    from placed where tasks.id = placed.id and (placed.party is null
      or placed.place + coalesce((${JSON.stringify(countParties(running))}::jsonb ->> placed.party)::int, 0) <= ${atOnceOfParty}::int)
    returning tasks.id, order_id, kind, payload, attempts, traceparent, tasks.party, (select count(*) from due) as found`.execute(
    database,
  )
  return { rows, more: (rows[0]?.found ?? 0) >= room }
}

/**
 * When the next one is due that there is room for; one whose party is fully asked is taken when a call of it comes back, and one of a
 * process that died when everybody looks. Asked at every claim: it reads the first of many, by their index.
 */
export const nextDue = async (database: Database, running: Running): Promise<Date | undefined> => {
  const { rows } = await sql<{ due: Date | null }>`
    select due_at as due from tasks
    where last_error is null and lease_until is null and ${isFree(running)} order by due_at limit 1`.execute(database)
  return rows[0]?.due ?? undefined
}

/** A task that somebody has locked is being settled: waiting for it, with others locked, would be a deadlock in the making. */
export const renewLeases = async (database: Database, token: string, ids: readonly string[]): Promise<void> => {
  await sql`update tasks set lease_until = ${new Date(Date.now() + leaseMs)} where id in (
      select id from tasks where lease_token = ${token} and id = any(${[...ids]}::text[]) for update skip locked)`.execute(
    database,
  )
}
