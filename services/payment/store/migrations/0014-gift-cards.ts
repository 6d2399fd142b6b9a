import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What was said of gift cards: one that nobody said anything of is active. */
export const giftCards: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`create table gift_cards (
      gift_card_id text primary key, status text not null check (status in ('active', 'expired', 'deactivated')),
      at timestamptz not null)`.execute(database)
  },
}
