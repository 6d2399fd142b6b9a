import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A service, a fee and a download have no SKU: nothing of them is kept in stock. */
export const linesWithoutSku: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table order_lines alter column sku drop not null`.execute(database)
  },
}
