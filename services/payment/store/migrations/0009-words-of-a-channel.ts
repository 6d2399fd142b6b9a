import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What a channel says of a refund beside its state: its own name of it, that it has it unjudged, what it waits for (`{ why }` or
 * `{ who, what }`), until when it may take it back, and of a no whether the key lives and what would cure it. Null: it was not kept.
 */
export const wordsOfAChannel: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table refunds add column provider_ref text, add column received boolean, add column waits_for jsonb,
      add column reversible_until timestamptz, add column refusal jsonb`.execute(database)
  },
}
