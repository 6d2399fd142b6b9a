import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  sql`alter table orders add column version integer not null default 1`,
  // What the shop itself gave back of a tender, by a change of its order.
  sql`alter table ledger drop constraint ledger_kind_check`,
  sql`alter table ledger add constraint ledger_kind_check check (kind in ('capture', 'release', 'refund', 'reversal'))`,
]

/** Of each order, which of its versions was heard of. */
export const versions: Migration = {
  up: async (database: Kysely<unknown>) => {
    for (const statement of statements) await statement.execute(database)
  },
}
