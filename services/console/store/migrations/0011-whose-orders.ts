import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Sessions of members of all merchants, which had not to be said until now: whoever is one signs in again. */
export const whoseOrders: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`delete from staff_sessions where merchants is null`.execute(database)
  },
}
