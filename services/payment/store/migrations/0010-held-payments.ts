import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Payments that are held and not taken, and refunds that void one. Null: it was taken, and is given back. The sandbox's own book tells
 * voids, by which no money moves, from refunds.
 */
export const heldPayments: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table tenders add column authorized boolean, add column paid_at timestamptz, add column paid_total bigint`.execute(
      database,
    )
    await sql`alter table refunds add column operation text`.execute(database)
    await sql`alter table sandbox.channel_book add column voids boolean not null default false`.execute(database)
  },
}
