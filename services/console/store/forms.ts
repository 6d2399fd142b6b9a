import { createHash } from 'node:crypto'
import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'

/** Forms that were taken: one that is sent twice is taken once, however close together and by whichever process. */

/** What tells one form from another: its own id, and what was written into it, so that one that is gone back to and changed is another. */
export const formKey = (once: string, ...content: readonly (string | undefined)[]): string =>
  createHash('sha256')
    .update(JSON.stringify([once, ...content]))
    .digest('base64url')

const taken = z.array(z.object({ key: z.string() }))

/** Takes them, in the transaction that does what they ask for; gives back those that nobody has taken before. */
export const takeForms = async (tx: Database, keys: readonly string[]): Promise<ReadonlySet<string>> => {
  if (keys.length === 0) return new Set()
  // In one order, so that nobody waits for somebody who waits for them.
  const sorted = [...new Set(keys)].toSorted()
  const { rows } = await sql`
    insert into taken_forms (key) select key from unnest(${sorted}::text[]) with ordinality as each(key, place) order by place
    on conflict do nothing returning key`.execute(tx)
  return new Set(taken.parse(rows).map(({ key }) => key))
}

/** Forgets those of yesterday: nobody's session is as old. */
export const forgetForms = async (database: Database): Promise<void> => {
  await sql`delete from taken_forms where taken_at < now() - interval '1 day'`.execute(database)
}
