import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** An order may be a guest’s, whom the shop knows by no id. */
export const guests: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table orders alter column customer_id drop not null`.execute(database)
  },
}
