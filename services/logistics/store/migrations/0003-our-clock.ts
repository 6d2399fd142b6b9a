import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Whether a parcel's `at` is of our clock. Of earlier rows nobody knows: they count as the carrier's. */
export const ourClock: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table shipments add column by_our_clock boolean not null default false`.execute(database)
  },
}
