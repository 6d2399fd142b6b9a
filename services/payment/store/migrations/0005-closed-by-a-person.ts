import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A person may close a request's refund, and say what they gave back by hand. */
export const closedByAPerson: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table pivots add column closed_at timestamptz, add column settled jsonb`.execute(database)
  },
}
