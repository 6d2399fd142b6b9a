import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  sql`
    create table requests (
      request_id text primary key,
      order_id text not null,
      status text not null check (status in ('asked', 'holding', 'refused', 'abandoned', 'confirmed')),
      request jsonb not null,
      begun jsonb,
      ending jsonb,
      amount bigint generated always as ((begun ->> 'amount')::bigint) stored,
      lines jsonb generated always as (begun -> 'lines') stored,
      outcome text generated always as (ending ->> 'outcome') stored,
      code text generated always as (ending ->> 'code') stored,
      stage text generated always as (ending ->> 'stage') stored,
      refunds jsonb generated always as (ending -> 'refunds') stored,
      started_at timestamptz,
      ended_at timestamptz,
      constraint ended_has_an_outcome check ((ending is not null) = (status in ('refused', 'abandoned', 'confirmed'))),
      constraint hold_was_begun check (begun is not null or status in ('asked', 'refused', 'abandoned'))
    )`,
  sql`create index requests_of_order on requests (order_id)`,
  sql`create unique index one_hold_per_order on requests (order_id) where status = 'holding'`,
  sql`
    create table request_records (
      request_id text not null references requests,
      key text not null,
      position integer not null,
      record jsonb not null,
      at timestamptz not null,
      primary key (request_id, key),
      unique (request_id, position)
    )`,
  sql`
    create table orders (
      order_id text primary key,
      status text not null check (
        status in ('placed', 'paid', 'shipped', 'delivered', 'on-hold', 'cancelled', 'partially-cancelled')
      ),
      status_before text check (status_before <> 'on-hold'),
      held_by text references requests,
      customer_id text not null,
      merchant_id text not null,
      market text not null,
      currency text not null,
      placed_at timestamptz not null,
      placed jsonb not null,
      parcels jsonb not null,
      constraint held_by_one_while_on_hold check ((held_by is not null) = (status = 'on-hold')),
      constraint earlier_status_while_on_hold check ((status_before is not null) = (status = 'on-hold'))
    )`,
  sql`create index orders_on_hold on orders (held_by) where held_by is not null`,
  sql`create index orders_of_customer on orders (customer_id, placed_at)`,
  sql`
    create table order_lines (
      order_id text not null references orders,
      line_id text not null,
      sku text not null,
      quantity bigint not null check (quantity > 0),
      cancelled bigint not null default 0,
      primary key (order_id, line_id),
      constraint never_more_cancelled_than_ordered check (cancelled between 0 and quantity)
    )`,
  sql`
    create view customer_orders as
      select order_id, customer_id, merchant_id, status, currency, placed_at from orders where status <> 'cancelled'`,
]

export const ordersAndRequests: Migration = {
  up: async (database: Kysely<unknown>) => {
    for (const statement of statements) await statement.execute(database)
  },
}
