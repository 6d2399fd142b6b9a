import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How customers get in: links, and the sessions that they are changed into. Of a secret only its hash is kept. */
export const links: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table customer_links (
        hash text primary key,
        -- One of the two: one order, or all of one customer.
        order_id text,
        customer_id text,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        used_at timestamptz,
        check ((order_id is null) <> (customer_id is null))
      )`.execute(database)
    await sql`create index customer_links_age on customer_links (expires_at)`.execute(database)
    await sql`
      create table customer_sessions (
        hash text primary key,
        order_id text,
        customer_id text,
        expires_at timestamptz not null,
        check ((order_id is null) <> (customer_id is null))
      )`.execute(database)
    await sql`create index customer_sessions_age on customer_sessions (expires_at)`.execute(database)
    await sql`
      create table feedback (
        order_id text not null,
        request_id text not null,
        score smallint not null check (score between 1 and 5),
        text text,
        given_at timestamptz not null default now(),
        primary key (order_id, request_id)
      )`.execute(database)
  },
}
