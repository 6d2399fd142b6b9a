import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What the shop gave back of a tender itself, each amount, so that its provider's word of it is not taken for more. */
export const released: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table tenders add column released jsonb`.execute(database)
  },
}
