import type { Migrations } from '@countermand/database'
import { sql } from 'kysely'

/** The kit's own tables, the same in every service's database. */
export const kitMigrations: Migrations = {
  '0000-messaging': {
    up: async (db) => {
      await sql`
        create table inbox (
          source text not null, id text not null, received_at timestamptz not null default now(),
          primary key (source, id));
        create index inbox_age on inbox (received_at);

        -- One row per order, request, step, direction and round. An undo's row with tombstone = true keeps every do of its
        -- round, and of earlier ones, from being done.
        create table steps (
          order_id text not null, request_id text not null, step text not null,
          direction text not null check (direction in ('do', 'undo')), round integer not null check (round > 0),
          command text, message_id text, data jsonb, answer jsonb, tombstone boolean not null default false,
          reply_topic text, reply_partition integer, reply_to text, traceparent text,
          received_at timestamptz not null default now(), answered_at timestamptz,
          primary key (order_id, request_id, step, direction, round));
        create index steps_request on steps (request_id);

        create table outbox (
          id bigint generated always as identity primary key,
          topic text not null, key bytea, partition integer, headers jsonb not null, value bytea,
          slot smallint not null, writer text not null,
          created_at timestamptz not null default now(), published_at timestamptz);
        create index outbox_waiting on outbox (slot, id) where published_at is null;
        create index outbox_published on outbox (published_at) where published_at is not null;

        -- Messages that came before their order, as they were.
        create table waiting (
          id bigint generated always as identity primary key,
          order_id text not null, message_id text not null, topic text not null, partition integer not null,
          "offset" bigint not null, key text, headers jsonb not null, value bytea, received_at timestamptz not null default now(),
          unique (order_id, message_id));

        create table tasks (
          id text primary key, order_id text not null, kind text not null, payload jsonb not null,
          due_at timestamptz not null, attempts integer not null default 0, last_error text,
          lease_token text, lease_until timestamptz);
        create index tasks_due on tasks (due_at);`.execute(db)
    },
  },
  '0001-tasks-carry-traces': {
    up: async (db) => {
      await sql`alter table tasks add column traceparent text`.execute(db)
    },
  },
  // For whoever asks how many commands wait for their answer, and since when.
  '0002-unanswered-steps': {
    up: async (db) => {
      await sql`create index steps_unanswered on steps (command, received_at) where answer is null`.execute(db)
    },
  },
  // Every byte of them, where JSON cannot keep it: names in their spelling, one twice, NUL, what is no UTF-8. Null: `headers` says it all.
  '0003-headers-are-bytes': {
    up: async (db) => {
      await sql`
        alter table outbox add column exact_headers bytea;
        alter table waiting add column exact_headers bytea;`.execute(db)
    },
  },
  // Which process sends what is left over, of each slot of the outbox.
  '0004-outbox-leases': {
    up: async (db) => {
      await sql`create table outbox_leases (slot smallint primary key, holder text not null, held_until timestamptz not null)`.execute(
        db,
      )
    },
  },
  // For the janitor.
  '0005-age-of-steps': {
    up: async (db) => {
      await sql`create index steps_age on steps (received_at)`.execute(db)
    },
  },
  // Whom a task asks outside; null: nobody, or an earlier release wrote it.
  '0006-party-of-tasks': {
    up: async (db) => {
      await sql`alter table tasks add column party text`.execute(db)
    },
  },
}
