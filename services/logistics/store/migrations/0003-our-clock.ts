import { type Kysely, sql } from 'kysely'

/** Whether a parcel's `at` is of our clock. Of earlier rows nobody knows: they count as the carrier's. */
export const up = async (database: Kysely<unknown>): Promise<void> => {
  await sql`alter table shipments add column by_our_clock boolean not null default false`.execute(database)
}
