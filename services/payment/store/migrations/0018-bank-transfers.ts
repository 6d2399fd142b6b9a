import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // No account number and no name of a customer: those are in the file that leaves, and nowhere else.
  sql`create table bank_batches (
    batch_id text primary key, digest text not null unique, prepared_by text not null, prepared_at timestamptz not null,
    approved_by text check (lower(approved_by) <> lower(prepared_by)), sent_by text, discarded_by text,
    changed_at timestamptz not null default now(),
    check (sent_by is null or approved_by is not null), check (sent_by is null or discarded_by is null))`,
  sql`create table bank_transfers (
    refund_id text primary key, order_id text not null, merchant_id text, amount bigint not null check (amount > 0),
    currency text not null, state text not null check (state in ('due', 'batched', 'sent', 'booked', 'rejected', 'returned')),
    batch_id text references bank_batches, reason text, changed_at timestamptz not null,
    check ((state = 'due') = (batch_id is null)))`,
  sql`create index bank_transfers_due on bank_transfers (currency) where state = 'due'`,
  sql`create index bank_transfers_by_batch on bank_transfers (batch_id)`,
]

/** Refunds that leave by a bank's file, and the files that two people have looked at. */
export const bankTransfers: Migration = {
  up: async (database: Kysely<unknown>) => {
    for (const statement of statements) await statement.execute(database)
  },
}
