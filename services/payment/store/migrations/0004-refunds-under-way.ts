import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** For whoever asks how many refunds are under way, and since when. */
export const refundsUnderWay: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`create index refunds_under_way on refunds (order_id, request_id)
      where state in ('planned', 'submitted', 'pending') and not replaced`.execute(database)
  },
}
