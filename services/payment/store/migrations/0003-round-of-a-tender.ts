import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A round may be about one tender, whose refund was reversed. */
export const roundOfATender: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table pivots add column tender_id text`.execute(database)
  },
}
