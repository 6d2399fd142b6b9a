import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What providers told, each once; and by which names the outside knows what our orders are made of. */
export const notifications: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table notifications (
        account text not null,
        event_id text not null,
        provider text not null,
        notice jsonb not null,
        -- By which references what it is about may be known.
        names text[] not null,
        traceparent text,
        received_at timestamptz not null default now(),
        -- When it is looked at next; null: it is over.
        due_at timestamptz default now(),
        -- What became of it: 'published', or 'unmatched' (nobody knows what it is about).
        outcome text check (outcome in ('published', 'unmatched')),
        primary key (account, event_id),
        check ((due_at is null) = (outcome is not null))
      )`.execute(database)
    await sql`create index notifications_due on notifications (due_at) where due_at is not null`.execute(database)
    await sql`create index notifications_received on notifications (received_at)`.execute(database)
    await sql`create index notifications_unmatched on notifications (received_at) where outcome = 'unmatched'`.execute(
      database,
    )
    await sql`create index notifications_unmatched_names on notifications using gin (names) where outcome = 'unmatched'`.execute(
      database,
    )
    await sql`
      create table "references" (
        account text not null,
        kind text not null check (kind in ('refund', 'payment')),
        reference text not null,
        order_id text not null,
        tender_id text not null,
        heard_at timestamptz not null default now(),
        primary key (account, kind, reference, order_id, tender_id)
      )`.execute(database)
    await sql`create index references_heard on "references" (heard_at)`.execute(database)
  },
}
