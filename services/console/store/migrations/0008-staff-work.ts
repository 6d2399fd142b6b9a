import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What staff does beside deciding: notes, links, statements that are matched; and by what orders are found. */
export const staffWork: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      alter table staff_deeds
        alter column order_id drop not null,
        alter column request_id drop not null,
        -- How somebody asked for it: phone, mail, …
        add column via text,
        -- In their own words; null: there were none, or they are forgotten.
        add column detail text,
        -- Those that were done in one go.
        add column batch uuid`.execute(database)
    await sql`create index staff_deeds_of_order on staff_deeds (order_id, id)`.execute(database)
    await sql`create index staff_deeds_of_batch on staff_deeds (batch, id) where batch is not null`.execute(database)
    await sql`create index staff_deeds_words on staff_deeds (at) where detail is not null`.execute(database)
    await sql`
      alter table withdrawal_statements
        -- A member of staff says that it is of this order, and is about to ask.
        add column claimed_for text,
        add column claimed_until timestamptz,
        add column closed_at timestamptz`.execute(database)
    await sql`
      create index withdrawal_statements_open on withdrawal_statements (received_at)
      where confirmed_at is null and closed_at is null`.execute(database)
    await sql`
      create index withdrawal_statements_of_order on withdrawal_statements (order_id)
      where order_id is not null`.execute(database)
    await sql`alter table mails add column order_id text`.execute(database)
    await sql`create index mails_of_order on mails (order_id) where order_id is not null`.execute(database)
    await sql`create index customer_links_of_order on customer_links (order_id) where order_id is not null`.execute(
      database,
    )
    await sql`create index webhook_deliveries_of_order on webhook_deliveries (order_id)`.execute(database)
    await sql`create index orders_parcels on orders using gin (parcels jsonb_path_ops)`.execute(database)
    await sql`create index orders_shipments on orders using gin ((placed -> 'shipments') jsonb_path_ops)`.execute(
      database,
    )
    await sql`
      create index orders_contact on orders ((placed ->> 'contactHash')) where placed ->> 'contactHash' is not null`.execute(
      database,
    )
    await sql`
      create index story_refunds on story ((data ->> 'refundId')) where data ->> 'refundId' is not null`.execute(
      database,
    )
  },
}
