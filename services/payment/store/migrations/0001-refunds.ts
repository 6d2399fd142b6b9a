import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Orders' tenders, the pivot, refunds and the ledger. Amounts are minor units. */
const statements = [
  sql`create table orders (order_id text primary key, currency text not null)`,
  sql`create table tenders (
    order_id text not null, tender_id text not null, position int not null,
    channel text not null, payment_ref text not null,
    captured bigint not null check (captured >= 0), refunded bigint not null,
    primary key (order_id, tender_id),
    check (refunded >= 0 and refunded <= captured))`,
  // The pivot. crossed_at is set with the first intent to call a channel; a request is never crossed and forbidden.
  sql`create table pivots (
    order_id text not null, request_id text not null,
    crossed_at timestamptz, forbidden_at timestamptz,
    accepted boolean, amount bigint, round int, open_round int, fallback text, elsewhere text,
    primary key (order_id, request_id),
    check (crossed_at is null or forbidden_at is null))`,
  sql`create table refunds (
    order_id text not null, refund_id text not null, position int not null,
    request_id text not null, tender_id text not null, idempotency_key text not null,
    amount bigint not null check (amount > 0), currency text not null, destination text not null,
    round int not null, replaced boolean not null, expected_by timestamptz,
    state text not null check (state in ('planned', 'submitted', 'pending', 'succeeded', 'failed', 'reversed')),
    calling boolean not null, in_doubt boolean not null, attempts int not null, failure text,
    primary key (order_id, refund_id))`,
  sql`create table ledger (
    order_id text not null, entry_id text not null,
    tender_id text not null, request_id text, refund_id text,
    kind text not null check (kind in ('capture', 'refund', 'reversal')),
    amount bigint not null check (amount >= 0), destination text, at timestamptz not null,
    primary key (order_id, entry_id))`,
]

export const refunds: Migration = {
  up: async (database: Kysely<unknown>) => {
    for (const statement of statements) await statement.execute(database)
  },
}
