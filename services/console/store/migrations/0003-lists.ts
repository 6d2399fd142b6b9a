import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** For the lists of whoever may know of all merchants: the newest first, without reading what is not on the page. */
export const lists: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`create index orders_placed on orders (placed_at desc, order_id desc) where placed is not null`.execute(
      database,
    )
    await sql`
      create index cancellations_attention on cancellations (asked_at desc, request_id desc) where needs_attention`.execute(
      database,
    )
    await sql`
      create index cancellations_undecided on cancellations (asked_at desc, request_id desc)
      where decide_by is not null`.execute(database)
  },
}
