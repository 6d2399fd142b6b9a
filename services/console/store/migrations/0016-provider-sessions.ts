import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** By what the provider knows a session of staff: whoever is signed out there is signed out here. */
export const providerSessions: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table staff_sessions add column sid text`.execute(database)
    await sql`create index staff_sessions_sid on staff_sessions (sid) where sid is not null`.execute(database)
    await sql`create index staff_sessions_subject on staff_sessions (subject)`.execute(database)
  },
}
