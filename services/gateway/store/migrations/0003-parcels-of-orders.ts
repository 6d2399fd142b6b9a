import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** An order may be heard of after its parcels: then what was told of these is looked at anew. */
export const parcelsOfOrders: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`create index references_parcels on "references" (order_id) where kind = 'parcel'`.execute(database)
  },
}
