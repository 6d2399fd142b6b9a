import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Sessions of a shop's own pages: a token that a script holds, which no cookie can be. */
export const widget: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table customer_sessions add column is_bearer boolean not null default false`.execute(database)
  },
}
