import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** By which numbers carriers know parcels, and whose orders an account may speak of. A reference is to a part of an order: a tender, or a parcel. */
export const parcels: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table "references" rename column tender_id to part_id`.execute(database)
    await sql`alter table "references" drop constraint references_kind_check`.execute(database)
    await sql`alter table "references" add constraint references_kind_check
      check (kind in ('refund', 'payment', 'parcel', 'order'))`.execute(database)
  },
}
