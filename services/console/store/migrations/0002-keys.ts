import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Who may ask, and for whose orders. Of a secret only its hash is kept. */
export const keys: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table api_keys (
        id text primary key,
        name text not null,
        hash text not null,
        scopes text[] not null,
        -- Null: of all merchants.
        merchants text[],
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        revoked_at timestamptz
      )`.execute(database)
  },
}
