import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What others gave back of a tender, or claim: `{ ref, kind, state, amount }` of each. Null: nothing. */
export const claims: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table tenders add column claims jsonb`.execute(database)
  },
}
