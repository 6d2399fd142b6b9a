import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How many units of each line a parcel holds, where it was said; and which of them a request's stop takes. */
export const unitsOfParcels: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table shipments add column lines jsonb`.execute(database)
    await sql`alter table stops add column taken jsonb not null default '[]'`.execute(database)
  },
}
