import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Whether a mail told somebody of their statement: to one address they are counted. */
export const told: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`alter table withdrawal_statements add column told boolean not null default false`.execute(database)
    await sql`
      create index withdrawal_statements_told on withdrawal_statements (lower(contact), received_at) where told`.execute(
      database,
    )
  },
}
