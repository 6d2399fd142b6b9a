import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What providers ask for beside the money: whose order it is, why it is cancelled, and since when they may know of a refund. Of earlier
 * rows nobody knows.
 */
export const factsOfACall: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table orders add column merchant_id text, add column customer_id text`.execute(database)
    await sql`alter table pivots add column reason text`.execute(database)
    await sql`alter table refunds add column first_asked_at timestamptz`.execute(database)
  },
}
