import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The certificates that a provider's signature was right by: an address is one certificate for ever. */
export const certificates: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`create table certificates (
      url text primary key,
      pem text not null,
      kept_at timestamptz not null default now())`.execute(database)
  },
}
