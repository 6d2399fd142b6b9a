import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** With whose account a tender was paid. Null: none was named when it was heard of, or it was heard of before this was kept. */
export const accounts: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table tenders add column account text`.execute(database)
  },
}
