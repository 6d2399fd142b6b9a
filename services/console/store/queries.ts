import type { Database } from '@countermand/database'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Cancellation, Case } from '../state.ts'
import type { Merchants } from './keys.ts'
import type { CustomerScope } from './links.ts'
import { cancellation } from './rows.ts'
import { load } from './store.ts'

/** What is read and not changed. Whoever asks says of which merchants they may know. */

/** As the finest clock has it: rows of one millisecond have an order. */
const isoFormat = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

/** Of one merchant alone an index has the order of the list too. */
const within = (merchants: Merchants) => {
  if (merchants === null) return sql`true`
  return merchants.length === 1 ? sql`merchant_id = ${merchants[0]}` : sql`merchant_id = any(${[...merchants]}::text[])`
}

/** In the words of the partial indexes. */
const holds = (wanted: boolean | undefined, condition: RawBuilder<unknown>) => {
  if (wanted === undefined) return sql`true`
  return wanted ? condition : sql`not (${condition})`
}

/** `undefined`: there is none, or none that they may know of. */
export const caseOf = async (database: Database, orderId: string, merchants: Merchants): Promise<Case | undefined> => {
  const { rows } = await sql`select 1 from orders where order_id = ${orderId} and ${within(merchants)}`.execute(
    database,
  )
  return rows.length === 0 ? undefined : (await load(database, [orderId])).get(orderId)
}

const place = z.object({ orderId: z.string(), merchantId: z.string().nullable() })

/** Where a request belongs; by the order that knows most of it, should several claim it. */
export const placeOfRequest = async (
  database: Database,
  requestId: string,
  merchants: Merchants,
): Promise<z.infer<typeof place> | undefined> => {
  const { rows } = await sql`
    select order_id as "orderId", merchant_id as "merchantId" from cancellations
    where request_id = ${requestId} and ${within(merchants)} order by version desc, order_id limit 1`.execute(database)
  return z.array(place).parse(rows)[0]
}

export interface Page {
  /** Begins behind it. */
  readonly after: { readonly at: string; readonly id: string } | undefined
  readonly limit: number
}

const orderPlace = z.object({ orderId: z.string(), at: z.string() })

export interface OrdersWanted {
  readonly merchantId?: string | undefined
  readonly customerId?: string | undefined
}

/** The newest first, as the page says. `at` is the place of each in the list. */
export const listOrders = async (
  database: Database,
  { merchantId, customerId }: OrdersWanted,
  merchants: Merchants,
  { after, limit }: Page,
): Promise<{ readonly orderId: string; readonly at: string; readonly known: Case }[]> => {
  const { rows } = await sql`
    select order_id as "orderId", to_char(placed_at at time zone 'UTC', ${isoFormat}) as at from orders
    where placed is not null and ${within(merchants)}
      and ${merchantId === undefined ? sql`true` : sql`merchant_id = ${merchantId}`}
      and ${customerId === undefined ? sql`true` : sql`customer_id = ${customerId}`}
      and ${after === undefined ? sql`true` : sql`(placed_at, order_id) < (${after.at}::timestamptz, ${after.id})`}
    order by placed_at desc, order_id desc limit ${limit}`.execute(database)
  const places = rows.map((each) => orderPlace.parse(each))
  const known = await load(
    database,
    places.map(({ orderId }) => orderId),
  )
  return places.flatMap(({ orderId, at }) => {
    const found = known.get(orderId)
    return found === undefined ? [] : [{ orderId, at, known: found }]
  })
}

/** Of a page for a customer: who has more of them finds the others by their links. */
const mostOfCustomer = 50

/** The orders that a customer may see, the newest first. */
export const ordersOfScope = async (
  database: Database,
  scope: CustomerScope,
): Promise<{ readonly orderId: string; readonly known: Case }[]> => {
  if ('customerId' in scope) return await listOrders(database, scope, null, { after: undefined, limit: mostOfCustomer })
  const known = (await load(database, [scope.orderId])).get(scope.orderId)
  return known === undefined ? [] : [{ orderId: scope.orderId, known }]
}

export interface CancellationsWanted {
  readonly merchantId?: string | undefined
  readonly outcome?: string | undefined
  /** Of those that wait for the merchant alone. */
  readonly awaiting?: boolean | undefined
  readonly attention?: boolean | undefined
}

const cancellationPlace = z.object({ at: z.string(), content: cancellation })

/** The newest first. */
export const listCancellations = async (
  database: Database,
  { merchantId, outcome, awaiting, attention }: CancellationsWanted,
  merchants: Merchants,
  { after, limit }: Page,
): Promise<{ readonly at: string; readonly content: Cancellation }[]> => {
  const { rows } = await sql`
    select to_char(asked_at at time zone 'UTC', ${isoFormat}) as at, content from cancellations
    where ${within(merchants)}
      and ${merchantId === undefined ? sql`true` : sql`merchant_id = ${merchantId}`}
      and ${outcome === undefined ? sql`true` : sql`outcome = ${outcome}`}
      and ${holds(awaiting, sql`decide_by is not null`)}
      and ${holds(attention, sql`needs_attention`)}
      and ${after === undefined ? sql`true` : sql`(asked_at, request_id) < (${after.at}::timestamptz, ${after.id})`}
    order by asked_at desc, request_id desc limit ${limit}`.execute(database)
  return rows.map((each) => cancellationPlace.parse(each))
}

const versioned = z.object({ key: z.string(), version: z.int() })

/** How much was told of each of these, by `<orderId>/<requestId>` as JSON has the pair. */
export const versionsOf = async (
  database: Database,
  all: readonly { readonly orderId: string; readonly requestId: string }[],
): Promise<Map<string, number>> => {
  const { rows } = await sql`
    select jsonb_build_array(c.order_id, c.request_id)::text as key, version from cancellations c
    join jsonb_to_recordset(${JSON.stringify(all)}::jsonb) as asked("orderId" text, "requestId" text)
      on c.order_id = asked."orderId" and c.request_id = asked."requestId"`.execute(database)
  return new Map(rows.map((each) => versioned.parse(each)).map(({ key, version }) => [key, version]))
}

/** Where these requests belong, of those that they may know of; as {@link placeOfRequest} has it. */
export const placesOfRequests = async (
  database: Database,
  requestIds: readonly string[],
  merchants: Merchants,
): Promise<(z.infer<typeof place> & { readonly requestId: string })[]> => {
  const { rows } = await sql`
    select distinct on (request_id) request_id as "requestId", order_id as "orderId", merchant_id as "merchantId" from cancellations
    where request_id = any(${[...requestIds]}::text[]) and ${within(merchants)}
    order by request_id, version desc, order_id`.execute(database)
  return z.array(place.extend({ requestId: z.string() })).parse(rows)
}

export interface ToDecideWanted {
  readonly merchantId?: string | undefined
  readonly reason?: string | undefined
}

/** Those that wait for their merchant, and of whom no decision was sent from here that may still count. */
const waits = (merchants: Merchants) => sql`
  decide_by is not null and ${within(merchants)}
    and (jsonb_array_length(content -> 'rejected') > 0 or not exists (
      select from story where story.order_id = cancellations.order_id
        and story.request_id = cancellations.request_id and type = 'order.cancel.decided.v1'))`

const content = z.object({ content: cancellation })

/** What is to be decided, the next deadline first, and how many there are. */
export const listToDecide = async (
  database: Database,
  { merchantId, reason }: ToDecideWanted,
  merchants: Merchants,
  limit: number,
): Promise<{ readonly requests: Cancellation[]; readonly all: number }> => {
  const wanted = sql`${waits(merchants)}
    and ${merchantId === undefined ? sql`true` : sql`merchant_id = ${merchantId}`}
    and ${reason === undefined ? sql`true` : sql`content -> 'reason' ->> 'code' = ${reason}`}`
  const { rows } = await sql`
    select content from cancellations where ${wanted} order by decide_by, request_id limit ${limit}`.execute(database)
  const requests = rows.map((each) => content.parse(each).content)
  if (requests.length < limit) return { requests, all: requests.length }
  const counted = await sql`select count(*)::int as all from cancellations where ${wanted}`.execute(database)
  return { requests, all: z.tuple([z.object({ all: z.int() })]).parse(counted.rows)[0].all }
}

/** Those of these requests that are to be decided, in their order. */
export const requestsToDecide = async (
  database: Database,
  requestIds: readonly string[],
  merchants: Merchants,
): Promise<Cancellation[]> => {
  const { rows } = await sql`
    select content from cancellations where request_id = any(${[...requestIds]}::text[]) and ${waits(merchants)}
    order by decide_by, request_id`.execute(database)
  return rows.map((each) => content.parse(each).content)
}

/** Whose orders wait for a decision. */
export const merchantsToDecide = async (database: Database, merchants: Merchants): Promise<string[]> => {
  const { rows } = await sql`
    select distinct merchant_id as "merchantId" from cancellations
    where ${waits(merchants)} and merchant_id is not null order by 1 limit 100`.execute(database)
  return z
    .array(z.object({ merchantId: z.string() }))
    .parse(rows)
    .map((each) => each.merchantId)
}

/** Orders that have a parcel of this tracking number, or a refund of this id. */
export const ordersByReference = async (
  database: Database,
  text: string,
  merchants: Merchants,
  limit: number,
): Promise<string[]> => {
  const parcel = JSON.stringify([{ trackingNumber: text }])
  const { rows } = await sql`
    select order_id as "orderId" from orders where ${within(merchants)} and (
      parcels @> ${parcel}::jsonb or placed -> 'shipments' @> ${parcel}::jsonb
      or order_id in (select order_id from story where data ->> 'refundId' = ${text}))
    order by placed_at desc, order_id desc limit ${limit}`.execute(database)
  return z
    .array(z.object({ orderId: z.string() }))
    .parse(rows)
    .map((each) => each.orderId)
}

/** The newest orders whose customer is known by this hash of their address. */
export const ordersByContact = async (database: Database, contactHash: string, limit: number): Promise<string[]> => {
  const { rows } = await sql`
    select order_id as "orderId" from orders where placed ->> 'contactHash' = ${contactHash}
    order by placed_at desc, order_id limit ${limit}`.execute(database)
  return z
    .array(z.object({ orderId: z.string() }))
    .parse(rows)
    .map((each) => each.orderId)
}
