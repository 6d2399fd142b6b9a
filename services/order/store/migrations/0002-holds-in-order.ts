import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** For the sweep, which pages through the holds in the order of their request ids: without it, each page sorts them all. */
export const holdsInOrder: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`create index holds_in_order on requests (request_id collate "C") where status = 'holding'`.execute(
      database,
    )
  },
}
