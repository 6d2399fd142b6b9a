import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The sandbox's own schema: no table of the service refers to it, and none of it to the service's. */
const statements = [
  sql`create schema sandbox`,
  sql`create table sandbox.channel_calls (
    order_id text not null, tender_id text not null, calls int not null, primary key (order_id, tender_id))`,
  // A refund is refused, reversed or moved from the time that its row says.
  sql`create table sandbox.channel_book (
    idempotency_key text primary key, order_id text not null, tender_id text not null, payment_ref text not null,
    amount bigint not null, currency text not null, booked_at timestamptz not null default now(),
    moves_at timestamptz, refused_at timestamptz, reverses_at timestamptz)`,
  sql`create index channel_book_by_tender on sandbox.channel_book (order_id, tender_id)`,
]

export const sandboxBook: Migration = {
  up: async (database: Kysely<unknown>) => {
    for (const statement of statements) await statement.execute(database)
  },
}
