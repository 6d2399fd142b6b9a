import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // One that was asked for, and how far it is: `results` has what was found of each account, in the order of `accounts`.
  sql`create table reconciliations (
    reconciliation_id text primary key, account text, from_at timestamptz not null, to_at timestamptz not null,
    dry_run boolean not null, by text not null, asked_at timestamptz not null,
    lease_token text, lease_until timestamptz, accounts jsonb, results jsonb not null default '[]',
    done_at timestamptz, error text)`,
  sql`create index reconciliations_open on reconciliations (asked_at) where done_at is null`,
  sql`create table differences (
    difference_id text primary key, account text not null, kind text not null, order_id text, tender_id text, merchant_id text,
    refund_id text, provider_ref text, ours jsonb, theirs jsonb, at timestamptz not null, as_claim boolean not null)`,
  sql`create index differences_of_account on differences (account, at)`,
  sql`create table difference_words (
    difference_id text not null, number int not null, word text not null check (word in ('found', 'gone', 'resolved')),
    reconciliation_id text, by text not null, reason text, at timestamptz not null, primary key (difference_id, number))`,
  ...['differences', 'difference_words'].flatMap((table) => [
    sql`create trigger only_grows before update or delete on ${sql.table(table)} for each row execute function ledger_only_grows()`,
    sql`create trigger never_emptied before truncate on ${sql.table(table)} execute function ledger_only_grows()`,
  ]),
  // By which a provider's list is looked up. Where tables are large they are built beforehand: docs/operations.md.
  sql`create index if not exists tenders_by_payment on tenders (payment_ref)`,
  sql`create index if not exists refunds_by_id on refunds (refund_id)`,
  sql`create index if not exists refunds_by_key on refunds (idempotency_key)`,
  sql`create index if not exists refunds_by_provider on refunds (provider_ref) where provider_ref is not null`,
  sql`create index if not exists refunds_by_time on refunds (first_asked_at)`,
]

/** What was compared with providers, what differed, and what became of it: of the latter two rows are only added. */
export const reconciliations: Migration = {
  up: async (database: Kysely<unknown>) => {
    for (const statement of statements) await statement.execute(database)
  },
}
