import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What operators ask for, what would come of it and what did; and when each member last proved who they are. */
export const operations: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table operations (
        operation_id text primary key,
        created_at timestamptz not null default now(),
        state text not null,
        -- Of a look: what is looked at, so that the last answer is found.
        look text,
        content jsonb not null,
        plan jsonb,
        planned_at timestamptz,
        answer jsonb,
        answered_at timestamptz
      )`.execute(database)
    await sql`create index operations_of_look on operations (look, created_at) where look is not null`.execute(database)
    await sql`create index operations_lately on operations (created_at) where look is null`.execute(database)
    await sql`
      alter table staff_sessions
        -- Null: its provider did not say.
        add column authenticated_at timestamptz`.execute(database)
  },
}
