import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The sandbox lists what it has done, by account and time. */
export const listedBook: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table sandbox.channel_book add column account text`.execute(database)
    await sql`create index channel_book_by_time on sandbox.channel_book (booked_at)`.execute(database)
  },
}
