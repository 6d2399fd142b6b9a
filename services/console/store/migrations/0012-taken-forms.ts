import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Which forms were taken: by a hash of what tells them from others, for a day. */
export const takenForms: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table taken_forms (
        key text primary key,
        taken_at timestamptz not null default now()
      )`.execute(database)
    await sql`create index taken_forms_age on taken_forms (taken_at)`.execute(database)
  },
}
