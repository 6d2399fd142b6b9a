import type { Database, Migrations } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Notice } from '../senders/sender.ts'
import { notifications } from './migrations/0001-notifications.ts'
import { parcels } from './migrations/0002-parcels.ts'
import { parcelsOfOrders } from './migrations/0003-parcels-of-orders.ts'
import { certificates } from './migrations/0004-certificates.ts'
import { notice } from './rows.ts'

export const migrations: Migrations = {
  '0001-notifications': notifications,
  '0002-parcels': parcels,
  '0003-parcels-of-orders': parcelsOfOrders,
  '0004-certificates': certificates,
}

/** By which name the outside knows a part of an order of ours; `order`: that an account may speak of the order. */
export interface Reference {
  /** Of a parcel: its carrier. */
  readonly account: string
  readonly kind: 'refund' | 'payment' | 'parcel' | 'order'
  readonly reference: string
  readonly orderId: string
  /** The tender, or the parcel; of an order, nothing. */
  readonly part: string
}

/** What a provider told, and nobody has been told yet. */
export interface Waiting {
  readonly account: string
  readonly provider: string
  readonly notice: Notice
  readonly traceparent: string | null
  /** Milliseconds since it came. */
  readonly age: number
}

const namesOf = ({ refundId, payments, parcel }: Notice): string[] =>
  [refundId, ...payments, parcel?.trackingNumber].filter((each) => each !== undefined)

/** Keeps what was told; `false`: it was told before. */
export const keep = async (
  database: Database,
  from: { readonly account: string; readonly provider: string; readonly traceparent: string | undefined },
  told: Notice,
): Promise<boolean> => {
  const { rows } = await sql`
    insert into notifications (account, event_id, provider, notice, names, traceparent)
    values (${from.account}, ${told.eventId}, ${from.provider}, ${JSON.stringify(told)}::jsonb, ${namesOf(told)}::text[],
      ${from.traceparent ?? null})
    on conflict do nothing returning 1 as new`.execute(database)
  return rows.length > 0
}

const waitingRow = z.object({
  account: z.string(),
  provider: z.string(),
  notice,
  traceparent: z.string().nullable(),
  age: z.number(),
})

/**
 * Takes what is due for a while: whoever does not come back with it leaves it to the others. What cannot be published now is due again
 * then, too.
 */
export const claim = async (
  database: Database,
  most: number,
  leaseMs: number,
): Promise<{ readonly due: readonly Waiting[]; readonly unreadable: number }> => {
  const { rows } = await sql`
    update notifications set due_at = now() + make_interval(secs => ${leaseMs / 1000}::float8)
    where (account, event_id) in (
      select account, event_id from notifications where due_at <= now() order by due_at limit ${most} for update skip locked)
    returning account, provider, notice, traceparent,
      (extract(epoch from now() - received_at) * 1000)::float8 as age`.execute(database)
  // One that another release has kept is left to it, and holds up no other.
  const due = rows.flatMap((row) => waitingRow.safeParse(row).data ?? [])
  return { due, unreadable: rows.length - due.length }
}

const idsOf = (all: readonly Waiting[]) =>
  JSON.stringify(all.map(({ account, notice: { eventId } }) => ({ account, event_id: eventId })))

/** What was done with those that were claimed. */
export const settle = async (
  database: Database,
  all: readonly Waiting[],
  outcome: 'published' | 'unmatched',
): Promise<void> => {
  if (all.length === 0) return
  await sql`update notifications n set due_at = null, outcome = ${outcome}
    from jsonb_to_recordset(${idsOf(all)}::jsonb) as done(account text, event_id text)
    where n.account = done.account and n.event_id = done.event_id`.execute(database)
}

/** They are looked at again now, though they were given up. */
export const takeUp = async (database: Database, all: readonly Waiting[]): Promise<void> => {
  if (all.length === 0) return
  await sql`update notifications n set due_at = now(), outcome = null
    from jsonb_to_recordset(${idsOf(all)}::jsonb) as again(account text, event_id text)
    where n.account = again.account and n.event_id = again.event_id and n.outcome = 'unmatched'`.execute(database)
}

/** They are looked at again then. */
export const putOff = async (database: Database, all: readonly Waiting[], ms: number): Promise<void> => {
  if (all.length === 0) return
  await sql`update notifications n set due_at = now() + make_interval(secs => ${ms / 1000}::float8)
    from jsonb_to_recordset(${idsOf(all)}::jsonb) as later(account text, event_id text)
    where n.account = later.account and n.event_id = later.event_id and n.due_at is not null`.execute(database)
}

/**
 * Learns names. The same again changes nothing. What was about nothing known, and bears one of them, is looked at anew: the others' events
 * may come late, by as much as this process was away.
 */
export const learn = async (database: Database, references: readonly Reference[]): Promise<void> => {
  if (references.length === 0) return
  await sql`
    insert into "references" (account, kind, reference, order_id, part_id)
    select distinct account, kind, reference, "orderId", part
    from jsonb_to_recordset(${JSON.stringify(references)}::jsonb)
      as r(account text, kind text, reference text, "orderId" text, part text)
    on conflict do nothing`.execute(database)
  const names = references.map(({ reference }) => reference)
  await sql`update notifications set due_at = now(), outcome = null
    where outcome = 'unmatched' and names && ${names}::text[]`.execute(database)
  const orders = references.flatMap(({ kind, orderId }) => (kind === 'order' ? [orderId] : []))
  if (orders.length === 0) return
  await sql`update notifications set due_at = now(), outcome = null
    where outcome = 'unmatched' and names && array(
      select reference from "references" where kind = 'parcel' and order_id = any(${orders}::text[]))`.execute(database)
}

const referenceRow = z.object({
  account: z.string(),
  kind: z.enum(['refund', 'payment', 'parcel', 'order']),
  reference: z.string(),
  orderId: z.string(),
  part: z.string(),
})

/** What is known by these names. */
export const know = async (
  database: Database,
  names: readonly Pick<Reference, 'account' | 'kind' | 'reference'>[],
): Promise<Reference[]> => {
  if (names.length === 0) return []
  const { rows } = await sql`
    select distinct r.account, r.kind, r.reference, r.order_id as "orderId", r.part_id as part
    from "references" r join jsonb_to_recordset(${JSON.stringify(names)}::jsonb)
      as asked(account text, kind text, reference text)
      on r.account = asked.account and r.kind = asked.kind and r.reference = asked.reference
    order by "orderId", part`.execute(database)
  return rows.map((row) => referenceRow.parse(row))
}

/** Keeps the certificate at an address; the same again changes nothing. */
export const keepCertificate = async (database: Database, url: string, pem: string): Promise<void> => {
  await sql`insert into certificates (url, pem) values (${url}, ${pem}) on conflict do nothing`.execute(database)
}

const certificateRow = z.object({ url: z.string(), pem: z.string() })

export const keptCertificates = async (database: Database): Promise<z.infer<typeof certificateRow>[]> => {
  const { rows } = await sql`select url, pem from certificates`.execute(database)
  return rows.map((row) => certificateRow.parse(row))
}

/** Whether it answers; throws. */
export const ping = async (database: Database): Promise<void> => {
  await sql`select 1`.execute(database)
}

/** Forgets what is over; gives back how many rows. A dispute may come longer after a payment than anything else. */
export const forget = async (database: Database, kept: { readonly notices: number; readonly names: number }) => {
  const { rows: notices } = await sql`delete from notifications where ctid in (
      select ctid from notifications where due_at is null and received_at < now() - make_interval(days => ${kept.notices}) limit 1000)
    returning 1`.execute(database)
  const { rows: names } = await sql`delete from "references" where ctid in (
      select ctid from "references" where heard_at < now() - make_interval(days => ${kept.names}) limit 1000)
    returning 1`.execute(database)
  return notices.length + names.length
}
