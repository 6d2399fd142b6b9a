import { randomUUID } from 'node:crypto'
import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'

/** A mail, in plain text. */
export interface Mail {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Keeps a mail until it is sent. `orderId`: what it is about, where that is known. */
export const postMail = async (
  database: Database,
  { to, subject, text, orderId }: Omit<Mail, 'id'> & { readonly orderId?: string | undefined },
): Promise<void> => {
  await sql`
    insert into mails (id, recipient, subject, body, order_id)
    values (${randomUUID()}, ${to}, ${subject}, ${text}, ${orderId ?? null})`.execute(database)
}

/** After the first, second… try that failed: so many seconds until the next one. After the last of them nobody tries again. */
const waits: readonly number[] = [5, 30, 300, 1_800, 7_200, 18_000, 36_000, 86_400]
/** Whoever has taken a mail has so long to send it, before another one tries. */
const leaseSeconds = 600

const row = z.object({ id: z.string(), to: z.string(), subject: z.string(), text: z.string(), tries: z.int() })

/** Takes mails that are due; nobody else takes them meanwhile. */
export const takeMails = async (database: Database, most: number): Promise<(Mail & { readonly tries: number })[]> => {
  const { rows } = await sql`
    update mails set tries = tries + 1, next_at = now() + make_interval(secs => ${leaseSeconds})
    where id in (
      select id from mails where next_at <= now() and sent_at is null and given_up_at is null
      order by next_at limit ${most} for update skip locked)
    returning id, recipient as "to", subject, body as text, tries`.execute(database)
  return rows.map((each) => row.parse(each))
}

export const mailSent = async (database: Database, id: string): Promise<void> => {
  // What it said may have a link in it that opens an order.
  await sql`update mails set sent_at = now(), recipient = null, body = '' where id = ${id}`.execute(database)
}

/** It is tried again later, or, after the last try, not any more. `true`: that was the last. */
export const mailFailed = async (
  database: Database,
  { id, tries }: { readonly id: string; readonly tries: number },
): Promise<boolean> => {
  const wait = waits[tries - 1]
  if (wait === undefined) await sql`update mails set given_up_at = now() where id = ${id}`.execute(database)
  else await sql`update mails set next_at = now() + make_interval(secs => ${wait}) where id = ${id}`.execute(database)
  return wait === undefined
}

/** Forgets mails that were sent, or could not be, a month ago. */
export const forgetMails = async (database: Database): Promise<void> => {
  await sql`
    delete from mails where created_at < now() - make_interval(days => 30)
      and (sent_at is not null or given_up_at is not null)`.execute(database)
}
