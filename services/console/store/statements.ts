import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'

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

/** Whoever got the mail has opened it: the statement is theirs, and counts from when it was received. */
export const confirmStatement = async (
  database: Database,
  id: string,
): Promise<{ readonly orderId: string; readonly receivedAt: string } | undefined> => {
  const { rows } = await sql`
    update withdrawal_statements set confirmed_at = coalesce(confirmed_at, now())
    where id = ${id}::uuid and order_id is not null
    returning order_id as "orderId", received_at as at`.execute(database)
  const [found] = z.array(z.object({ orderId: z.string(), at: z.date() })).parse(rows)
  return found && { orderId: found.orderId, receivedAt: found.at.toISOString() }
}
