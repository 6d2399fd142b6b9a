import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What carriers ask for beside the tracking number: whose parcel it is, and their own id of the shipment. Of earlier rows nobody knows. */
export const factsOfACall: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table logistics_orders add column merchant_id text`.execute(database)
    await sql`alter table shipments add column shipment_ref text`.execute(database)
  },
}
