import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Members of staff who are signed in, and those about to be. Who they are, their provider knows; of a session's secret only the hash is kept. */
export const staff: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table staff_sign_ins (
        hash text primary key,
        nonce text not null,
        verifier text not null,
        -- Where they wanted to go.
        destination text not null,
        expires_at timestamptz not null
      )`.execute(database)
    await sql`
      create table staff_sessions (
        hash text primary key,
        subject text not null,
        name text not null,
        roles text[] not null,
        -- Null: of all merchants.
        merchants text[],
        id_token text not null,
        seen_at timestamptz not null default now(),
        expires_at timestamptz not null
      )`.execute(database)
    await sql`
      create table staff_deeds (
        id bigint generated always as identity primary key,
        at timestamptz not null default now(),
        subject text not null,
        name text not null,
        deed text not null,
        order_id text not null,
        request_id text not null,
        -- Null: not known yet.
        came text
      )`.execute(database)
    await sql`create index staff_deeds_of_request on staff_deeds (request_id, id)`.execute(database)
  },
}
