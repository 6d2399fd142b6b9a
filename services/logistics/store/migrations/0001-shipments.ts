import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const shipments: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
    create table logistics_orders (
      order_id text primary key,
      lines jsonb not null
    )`.execute(database)
    await sql`
    create table shipments (
      order_id text not null references logistics_orders,
      shipment_id text not null,
      -- The parcel's place in its order.
      place integer not null,
      carrier text not null,
      tracking_number text not null,
      earlier_tracking_numbers jsonb not null,
      status text not null,
      -- RFC 3339, as it was told; null: as the order came with it.
      at text,
      line_ids jsonb not null,
      primary key (order_id, shipment_id)
    )`.execute(database)
    await sql`
    create table stops (
      order_id text not null references logistics_orders,
      request_id text not null,
      -- The request's place among those of its order.
      place integer not null,
      phase text not null,
      round integer not null,
      answered boolean not null,
      whole boolean not null,
      lines jsonb not null,
      -- [{ "shipmentId", "progress": { "state", … } }]
      parcels jsonb not null,
      primary key (order_id, request_id)
    )`.execute(database)
  },
}
