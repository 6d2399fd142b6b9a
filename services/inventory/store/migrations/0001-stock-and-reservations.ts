import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The checks are the invariant "nothing is sold twice": per SKU and per line every unit is in exactly one place. */
export const stockAndReservations: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
    create table stock (
      sku text primary key,
      received bigint not null,
      on_sale bigint not null,
      reserved bigint not null default 0,
      aside bigint not null default 0,
      shipped bigint not null default 0,
      written_off bigint not null default 0,
      -- Units that orders were accepted for beyond what was received. What comes in fills them before it goes on sale.
      backordered bigint not null default 0,
      constraint stock_never_negative check (
        least(received, on_sale, reserved, aside, shipped, written_off, backordered) >= 0),
      constraint stock_in_one_place check (
        on_sale + reserved + aside + shipped + written_off = received + backordered),
      constraint stock_not_on_sale_while_backordered check (on_sale = 0 or backordered = 0)
    )`.execute(database)
    await sql`
    create table reservations (
      order_id text primary key,
      parcels jsonb not null,
      holds jsonb not null
    )`.execute(database)
    await sql`
    create table reservation_lines (
      order_id text not null references reservations,
      line_id text not null,
      sku text not null,
      quantity bigint not null,
      reserved bigint not null,
      aside bigint not null,
      shipped bigint not null,
      on_sale bigint not null,
      written_off bigint not null,
      primary key (order_id, line_id),
      constraint line_never_negative check (least(reserved, aside, shipped, on_sale, written_off) >= 0),
      constraint line_in_one_place check (reserved + aside + shipped + on_sale + written_off = quantity)
    )`.execute(database)
  },
}
