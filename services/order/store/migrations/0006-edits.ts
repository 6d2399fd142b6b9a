import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What an order that was edited was at first, and its changes: made, waiting for the end of a saga, or refused. Null: never edited. */
export const edits: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table orders add column edits jsonb`.execute(database)
  },
}
