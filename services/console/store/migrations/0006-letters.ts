import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Mails that are to be sent, and statements of withdrawal, which are kept whatever they are about. */
export const letters: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table mails (
        id uuid primary key,
        -- Null: it was sent, and who got it is nobody's business any more.
        recipient text,
        subject text not null,
        body text not null,
        tries integer not null default 0,
        next_at timestamptz not null default now(),
        created_at timestamptz not null default now(),
        sent_at timestamptz,
        given_up_at timestamptz
      )`.execute(database)
    await sql`create index mails_due on mails (next_at) where sent_at is null and given_up_at is null`.execute(database)
    await sql`create index mails_age on mails (created_at)`.execute(database)
    await sql`
      create table withdrawal_statements (
        id uuid primary key,
        name text not null,
        -- What somebody wrote to say which contract is meant.
        contract text not null,
        contact text not null,
        language text not null,
        received_at timestamptz not null default now(),
        -- The order that it is of, when its number and its customer's address were both right.
        order_id text,
        confirmed_at timestamptz
      )`.execute(database)
    await sql`alter table customer_links add column statement_id uuid`.execute(database)
  },
}
