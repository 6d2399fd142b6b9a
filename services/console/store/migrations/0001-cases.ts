import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What was heard of orders and requests; and, for lists, what each request has come to. */
export const cases: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table orders (
        order_id text primary key,
        -- Of the order, as last heard of; null: only of its parcels was heard.
        version integer,
        placed jsonb,
        merchant_id text,
        customer_id text,
        placed_at timestamptz,
        parcels jsonb not null,
        heard_at timestamptz not null default now(),
        check ((placed is null) = (version is null))
      )`.execute(database)
    await sql`create index orders_of_merchant on orders (merchant_id, placed_at desc, order_id desc)`.execute(database)
    await sql`create index orders_of_customer on orders (customer_id, placed_at desc, order_id desc)`.execute(database)
    await sql`create index orders_age on orders (heard_at)`.execute(database)
    await sql`
      create table story (
        order_id text not null,
        request_id text not null,
        -- In the order of hearing, from 1: readers go on from the last that they have seen.
        position integer not null,
        key text not null,
        type text not null,
        at text not null,
        data jsonb not null,
        heard_at timestamptz not null default now(),
        primary key (order_id, request_id, position),
        unique (order_id, request_id, key)
      )`.execute(database)
    await sql`create index story_of_request on story (request_id, position)`.execute(database)
    await sql`
      create table cancellations (
        order_id text not null,
        request_id text not null,
        merchant_id text,
        customer_id text,
        asked_at timestamptz not null,
        stage text not null,
        outcome text,
        -- Until when the merchant is asked; null: they are not.
        decide_by timestamptz,
        needs_attention boolean not null,
        -- How much was told.
        version integer not null,
        content jsonb not null,
        heard_at timestamptz not null default now(),
        primary key (order_id, request_id)
      )`.execute(database)
    await sql`create index cancellations_request on cancellations (request_id)`.execute(database)
    await sql`create index cancellations_asked on cancellations (asked_at desc, request_id desc)`.execute(database)
    await sql`create index cancellations_of_merchant on cancellations (merchant_id, asked_at desc, request_id desc)`.execute(
      database,
    )
    await sql`create index cancellations_awaiting on cancellations (decide_by) where decide_by is not null`.execute(
      database,
    )
    await sql`create index cancellations_age on cancellations (heard_at)`.execute(database)
  },
}
