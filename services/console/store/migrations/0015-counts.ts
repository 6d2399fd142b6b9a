import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What reports count: only ever added to, so that nobody waits for anybody; sums are made of it by and by. */
export const counts: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table counts (
        id bigint generated always as identity primary key,
        kind text not null,
        day date not null,
        merchant text not null,
        market text not null,
        reason text not null,
        initiator text not null,
        outcome text not null,
        code text not null,
        channel text not null,
        currency text not null,
        bucket smallint not null,
        n bigint not null,
        -- In minor units.
        amount bigint not null
      )`.execute(database)
    await sql`create index counts_of_day on counts (kind, day)`.execute(database)
    // What each request counts as by now; null: an earlier release did not count it.
    await sql`alter table cancellations add column counted jsonb`.execute(database)
    await sql`create index cancellations_uncounted on cancellations (request_id) where counted is null`.execute(
      database,
    )
  },
}
