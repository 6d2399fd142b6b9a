import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import type { DoneDeed } from '../state.ts'

/** A statement of withdrawal, as somebody made it. */
export interface Statement {
  readonly id: string
  readonly name: string
  /** Which contract is meant, in their words. */
  readonly contract: string
  readonly contact: string
  readonly language: string
  /** The order, when number and address were both right. */
  readonly orderId?: string | undefined
}

/** Keeps it, once; gives back when it was received (ISO 8601), and whether this was the first time. */
export const keepStatement = async (
  database: Database,
  { id, name, contract, contact, language, orderId }: Statement,
): Promise<{ readonly receivedAt: string; readonly isNew: boolean }> => {
  const { rows } = await sql`
    insert into withdrawal_statements (id, name, contract, contact, language, order_id)
    values (${id}, ${name}, ${contract}, ${contact}, ${language}, ${orderId ?? null})
    on conflict (id) do nothing returning 1`.execute(database)
  const receivedAt = await statementReceived(database, id)
  if (receivedAt === undefined) throw new Error('expected the statement that was kept')
  return { receivedAt, isNew: rows.length > 0 }
}

/** Of one address so many a day are told of, where it is an order's, and where it is anybody's. */
const mostTold = { known: 5, unknown: 3 } as const

/**
 * Whether a mail tells of this statement, once and for all: in the transaction that writes the mail. Whoever types somebody else's address
 * shall not have them sent mail after mail.
 */
export const takeTelling = async (
  tx: Database,
  { id, contact, orderId }: Pick<Statement, 'id' | 'contact' | 'orderId'>,
): Promise<boolean> => {
  const address = contact.toLowerCase()
  await sql`select pg_advisory_xact_lock(hashtextextended(${`told ${address}`}, 0))`.execute(tx)
  const isKnown = orderId !== undefined
  const { rows } = await sql`
    update withdrawal_statements set told = true
    where id = ${id}::uuid and (
      select count(*) from withdrawal_statements other where other.told and lower(other.contact) = ${address}
        and (other.order_id is not null) = ${isKnown} and other.received_at > now() - interval '1 day'
    ) < ${isKnown ? mostTold.known : mostTold.unknown} returning 1`.execute(tx)
  return rows.length > 0
}

/** When it was received; `undefined`: there is none. */
export const statementReceived = async (database: Database, id: string): Promise<string | undefined> => {
  const { rows } = await sql`select received_at as at from withdrawal_statements where id = ${id}::uuid`.execute(
    database,
  )
  return z
    .array(z.object({ at: z.date() }))
    .parse(rows)[0]
    ?.at.toISOString()
}

const confirmedRow = z
  .object({ orderId: z.string(), at: z.date(), contact: z.string(), language: z.string() })
  .transform(({ at, ...rest }) => ({ ...rest, receivedAt: at.toISOString() }))
export type ConfirmedStatement = Readonly<z.infer<typeof confirmedRow>>

/** Whoever got the mail has opened it: the statement is theirs, and counts from when it was received. `undefined`: it was seen to, or is about to be. */
export const confirmStatement = async (database: Database, id: string): Promise<ConfirmedStatement | undefined> => {
  const { rows } = await sql`
    update withdrawal_statements set confirmed_at = coalesce(confirmed_at, now())
    where id = ${id}::uuid and order_id is not null and closed_at is null
      and (claimed_for is null or claimed_for = order_id or ${isFree})
    returning order_id as "orderId", received_at as at, contact, language`.execute(database)
  const [found] = z.array(confirmedRow).parse(rows)
  return found
}

/** One that nobody has confirmed yet: its order is not known, or its customer has not opened the mail. */
export interface OpenStatement extends Statement {
  /** ISO 8601. */
  readonly receivedAt: string
}

const openRow = z.object({
  ...{ id: z.string(), name: z.string(), contract: z.string(), contact: z.string(), language: z.string() },
  receivedAt: z.date().transform((date) => date.toISOString()),
  orderId: z
    .string()
    .nullable()
    .transform((orderId) => orderId ?? undefined),
})

const openColumns = sql`id::text as id, name, contract, contact, language, received_at as "receivedAt", order_id as "orderId"`
const isOpen = sql`confirmed_at is null and closed_at is null`
const isFree = sql`(claimed_until is null or claimed_until < now())`
/** Whoever has claimed one has asked by then, or never will. */
const claimSeconds = 60

/** The oldest first: each has waited longer than those behind it. */
export const openStatements = async (database: Database, limit: number): Promise<OpenStatement[]> => {
  const { rows } = await sql`
    select ${openColumns} from withdrawal_statements where ${isOpen} order by received_at, id limit ${limit}`.execute(
    database,
  )
  return z.array(openRow).parse(rows)
}

/** `undefined`: there is none, or it was seen to. */
export const openStatement = async (database: Database, id: string): Promise<OpenStatement | undefined> => {
  const { rows } = await sql`
    select ${openColumns} from withdrawal_statements where id = ${id}::uuid and ${isOpen}`.execute(database)
  return z.array(openRow).parse(rows)[0]
}

/** Says which order it is of, before that is asked for: nobody asks for another one meanwhile. `false`: somebody says another, or it was seen to. */
export const claimStatement = async (database: Database, id: string, orderId: string): Promise<boolean> => {
  const { rows } = await sql`
    update withdrawal_statements set claimed_for = ${orderId}, claimed_until = now() + make_interval(secs => ${claimSeconds})
    where id = ${id}::uuid and ${isOpen} and (claimed_for = ${orderId} or ${isFree}) returning 1`.execute(database)
  return rows.length > 0
}

/** Something stands in the way of what it states: a person sees to it. */
export const reopenStatement = async (database: Database, id: string): Promise<void> => {
  await sql`update withdrawal_statements set confirmed_at = null where id = ${id}::uuid`.execute(database)
}

/** What it states is asked for, was before, or is so already: there is nothing left to see to. */
export const isServed = (came: string): boolean => ['sent', 'again', 'already-cancelled'].includes(came)

/** In the transaction that asks for what they state: from then on they are of their order. One that is turned down stays open. */
export const matchStatements = async (database: Database, deeds: readonly DoneDeed[]): Promise<void> => {
  const matched = deeds.filter(({ deed, came }) => deed === 'match' && isServed(came))
  if (matched.length === 0) return
  await sql`
    update withdrawal_statements set order_id = each."orderId", confirmed_at = coalesce(confirmed_at, now())
    from jsonb_to_recordset(${JSON.stringify(matched)}::jsonb) as each("orderId" text, "requestId" uuid)
    where id = each."requestId" and claimed_for = each."orderId"`.execute(database)
}

/** Nothing is asked for on its account. `false`: it was seen to before, or somebody is about to. */
export const closeStatement = async (database: Database, id: string): Promise<boolean> => {
  const { rows } = await sql`
    update withdrawal_statements set closed_at = now()
    where id = ${id}::uuid and ${isOpen} and ${isFree} returning 1`.execute(database)
  return rows.length > 0
}
