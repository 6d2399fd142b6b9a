import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Of each order, which of its versions was heard of. */
export const versions: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table logistics_orders add column version integer not null default 1`.execute(database)
  },
}
