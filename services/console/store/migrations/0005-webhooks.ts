import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Who is told of what by HTTP, and what was told or is to be. */
export const webhooks: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table webhook_endpoints (
        id text primary key,
        url text not null,
        description text not null,
        -- Null: all of them.
        types text[],
        merchants text[],
        -- The newest first; the others sign too until their time is over.
        secrets jsonb not null,
        created_at timestamptz not null default now(),
        -- Since when nothing has arrived; null: the last thing did.
        failing_since timestamptz,
        disabled_at timestamptz,
        disabled_because text,
        check ((disabled_at is null) = (disabled_because is null))
      )`.execute(database)
    await sql`
      create table webhook_deliveries (
        id bigint generated always as identity primary key,
        endpoint_id text not null references webhook_endpoints on delete cascade,
        -- Of a test: none.
        order_id text,
        event_id text not null,
        type text not null,
        body text not null,
        created_at timestamptz not null default now(),
        state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given-up')),
        due_at timestamptz not null default now(),
        attempts integer not null default 0,
        lease_until timestamptz,
        lease_token text,
        -- Of the last try.
        status integer,
        error text,
        tried_at timestamptz,
        unique (endpoint_id, event_id)
      )`.execute(database)
    await sql`create index webhook_deliveries_due on webhook_deliveries (due_at) where state = 'waiting'`.execute(
      database,
    )
    await sql`
      create index webhook_deliveries_in_order on webhook_deliveries (endpoint_id, order_id, id)
      where state = 'waiting'`.execute(database)
    await sql`create index webhook_deliveries_of_endpoint on webhook_deliveries (endpoint_id, id desc)`.execute(
      database,
    )
    await sql`create index webhook_deliveries_age on webhook_deliveries (created_at)`.execute(database)
  },
}
