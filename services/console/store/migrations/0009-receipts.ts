import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** To whom receipts of a cancellation go. An address is forgotten when the last of its mails was written, with a link when it was used, with a session when that is over. */
export const receipts: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create table receipts (
        order_id text not null,
        request_id text not null,
        contact text not null,
        language text not null,
        zone text not null,
        -- How customers reach their pages; null: whose address it is is not sure, so that no mail has a link.
        url text,
        -- Whether that it was asked for is told too.
        tells_asked boolean not null,
        kept_at timestamptz not null default now(),
        primary key (order_id, request_id)
      )`.execute(database)
    await sql`create index receipts_age on receipts (kept_at)`.execute(database)
    await sql`alter table customer_links add column contact text`.execute(database)
    await sql`create index customer_links_contact on customer_links (expires_at) where contact is not null`.execute(
      database,
    )
    await sql`alter table customer_sessions add column contact text`.execute(database)
  },
}
