import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A person may close what some tenders give back, and leave the others to policy. */
export const closedTenders: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table pivots add column closed_tenders jsonb`.execute(database)
  },
}
