import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The sandbox carrier's own book: it stands for a system outside, and the service's tables know nothing of it. */
export const sandboxCarrier: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`create schema if not exists sandbox`.execute(database)
    await sql`
    create table sandbox.carrier_book (
      order_id text not null,
      shipment_id text not null,
      tracking_number text not null,
      state text not null,
      due_at timestamptz,
      intercepted_at timestamptz,
      calls integer not null default 0,
      new_labels integer not null default 0,
      primary key (order_id, shipment_id)
    )`.execute(database)
    await sql`
    create table sandbox.carrier_answers (
      key text primary key,
      answer jsonb not null
    )`.execute(database)
  },
}
