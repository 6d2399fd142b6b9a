import { randomBytes } from 'node:crypto'
import type { Database, DatabaseTransaction } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { type HeardType, heardTypes } from '../state.ts'
import type { Merchants } from './keys.ts'

/** Who is told of what by HTTP. Whoever asks says of which merchants they may know; an endpoint of all merchants is of nobody who is of some. */

export interface WebhookEndpoint {
  readonly id: string
  readonly url: string
  readonly description: string
  /** `null`: all. */
  readonly types: readonly HeardType[] | null
  readonly merchants: readonly string[] | null
  /** ISO 8601. */
  readonly createdAt: string
  /** Since when nothing has arrived there. */
  readonly failingSince?: string | undefined
  readonly disabled?: { readonly at: string; readonly because: string } | undefined
  /** Deliveries that wait for their time or for one before them. */
  readonly waiting: number
}

const iso = z.date().transform((date) => date.toISOString())
const endpointRow = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    types: z.array(z.enum(heardTypes)).nullable(),
    merchants: z.array(z.string()).nullable(),
    createdAt: iso,
    failingSince: iso.nullable(),
    disabledAt: iso.nullable(),
    disabledBecause: z.string().nullable(),
    waiting: z.int(),
  })
  .transform(
    ({ failingSince, disabledAt, disabledBecause, ...rest }): WebhookEndpoint => ({
      ...rest,
      ...(failingSince !== null && { failingSince }),
      ...(disabledAt !== null && { disabled: { at: disabledAt, because: disabledBecause ?? '' } }),
    }),
  )

const endpointColumns = sql`id, url, description, types, merchants, created_at as "createdAt", failing_since as "failingSince",
  disabled_at as "disabledAt", disabled_because as "disabledBecause",
  (select count(*)::int from webhook_deliveries where endpoint_id = webhook_endpoints.id and state = 'waiting') as waiting`

const ofMerchants = (merchants: Merchants) =>
  merchants === null ? sql`true` : sql`merchants <@ ${[...merchants]}::text[]`

export const listEndpoints = async (database: Database, merchants: Merchants): Promise<WebhookEndpoint[]> => {
  const { rows } = await sql`
    select ${endpointColumns} from webhook_endpoints where ${ofMerchants(merchants)} order by created_at, id`.execute(
    database,
  )
  return z.array(endpointRow).parse(rows)
}

/** `undefined`: there is none, or none that they may know of. */
export const endpointOf = async (
  database: Database,
  id: string,
  merchants: Merchants,
): Promise<WebhookEndpoint | undefined> => {
  const { rows } = await sql`
    select ${endpointColumns} from webhook_endpoints where id = ${id} and ${ofMerchants(merchants)}`.execute(database)
  return z.array(endpointRow).parse(rows)[0]
}

/** `until`: from then on it does not sign any more; absent: it is the newest. ISO 8601. */
const secret = z.object({ secret: z.string(), until: z.string().optional() })

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

export interface NewEndpoint {
  readonly url: string
  readonly description: string
  readonly types: readonly HeardType[] | null
  readonly merchants: readonly string[] | null
}

const arrayOf = (list: readonly string[] | null) => (list === null ? null : [...list])

/** Gives back its secret too, which is told once. */
export const createEndpoint = async (
  database: Database,
  { url, description, types, merchants }: NewEndpoint,
): Promise<{ readonly id: string; readonly secret: string }> => {
  const made = { id: `whe_${randomBytes(12).toString('hex')}`, secret: newSecret() }
  await sql`
    insert into webhook_endpoints (id, url, description, types, merchants, secrets)
    values (${made.id}, ${url}, ${description}, ${arrayOf(types)}::text[], ${arrayOf(merchants)}::text[],
      ${JSON.stringify([{ secret: made.secret }])}::jsonb)`.execute(database)
  return made
}

export interface EndpointChange {
  readonly url?: string | undefined
  readonly description?: string | undefined
  readonly types?: NewEndpoint['types'] | undefined
  readonly enabled?: boolean | undefined
}

/** One that is enabled again goes on with what waits for it. */
export const changeEndpoint = async (
  database: Database,
  id: string,
  { url, description, types, enabled }: EndpointChange,
): Promise<void> => {
  const set = [
    ...(url === undefined ? [] : [sql`url = ${url}`]),
    ...(description === undefined ? [] : [sql`description = ${description}`]),
    ...(types === undefined ? [] : [sql`types = ${arrayOf(types)}::text[]`]),
    ...(enabled === true ? [sql`disabled_at = null, disabled_because = null, failing_since = null`] : []),
    ...(enabled === false
      ? [
          sql`disabled_because = coalesce(disabled_because, 'it was switched off'), disabled_at = coalesce(disabled_at, now()), failing_since = null`,
        ]
      : []),
  ]
  if (set.length === 0) return
  await sql`update webhook_endpoints set ${sql.join(set)} where id = ${id}`.execute(database)
}

export const deleteEndpoint = async (database: Database, id: string): Promise<void> => {
  await sql`delete from webhook_endpoints where id = ${id}`.execute(database)
}

/** For so long the former secret signs too. */
const bothMs = 24 * 3_600_000

/** A new secret, which is told once; the one before it signs too until the time that is given back. */
export const rotateSecret = async (
  database: Database,
  id: string,
): Promise<{ readonly secret: string; readonly formerUntil: string }> => {
  const made = { secret: newSecret(), formerUntil: new Date(Date.now() + bothMs).toISOString() }
  await sql`
    update webhook_endpoints set secrets = jsonb_build_array(jsonb_build_object('secret', ${made.secret}::text),
      jsonb_build_object('secret', secrets -> 0 ->> 'secret', 'until', ${made.formerUntil}::text))
    where id = ${id}`.execute(database)
  return made
}

/** What is to be told, of one order's events in their order. */
export interface Telling {
  readonly orderId: string
  /** Absent: it is not known yet; only endpoints of all merchants are told. */
  readonly merchantId: string | undefined
  /** `false`: endpoints of all merchants were told when it was heard. */
  readonly isNew: boolean
  readonly eventId: string
  readonly type: HeardType
  /** JSON. */
  readonly body: string
}

/** In the transaction that keeps what was heard: a delivery for each endpoint that wants it, whether it is enabled now or not. */
export const queue = async (tx: DatabaseTransaction, tellings: readonly Telling[]): Promise<void> => {
  if (tellings.length === 0) return
  await sql`
    insert into webhook_deliveries (endpoint_id, order_id, event_id, type, body)
    select webhook_endpoints.id, each."orderId", each."eventId", each.type, each.body
    from jsonb_to_recordset(${JSON.stringify(tellings.map((each, place) => ({ ...each, place })))}::jsonb)
      as each("orderId" text, "merchantId" text, "isNew" boolean, "eventId" text, type text, body text, place int)
    join webhook_endpoints on (types is null or each.type = any(types))
      and case when merchants is null then each."isNew" else each."merchantId" = any(merchants) end
    order by each.place
    on conflict (endpoint_id, event_id) do nothing`.execute(tx)
}

/** An event that says nothing, to try an endpoint with. Gives back the delivery's id. */
export const queueTest = async (database: Database, endpointId: string): Promise<string> => {
  const eventId = `test_${randomBytes(12).toString('hex')}`
  const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date().toISOString(), data: {} })
  const { rows } = await sql`
    insert into webhook_deliveries (endpoint_id, event_id, type, body)
    values (${endpointId}, ${eventId}, 'webhook.test', ${body}) returning id::text as id`.execute(database)
  return z.tuple([z.object({ id: z.string() })]).parse(rows)[0].id
}

export const deliveryState = z.enum(['waiting', 'delivered', 'given-up'])
const deliveryRow = z.object({
  id: z.string(),
  orderId: z.string().nullable(),
  eventId: z.string(),
  type: z.string(),
  createdAt: iso,
  state: deliveryState,
  attempts: z.int(),
  dueAt: iso,
  triedAt: iso.nullable(),
  status: z.int().nullable(),
  error: z.string().nullable(),
})
export type Delivery = z.infer<typeof deliveryRow>

/** The newest first; `after`: the id behind which the page begins. */
export const listDeliveries = async (
  database: Database,
  endpointId: string,
  wanted: {
    readonly state?: z.infer<typeof deliveryState> | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<Delivery[]> => {
  const { state, after, limit } = wanted
  const { rows } = await sql`
    select id::text as id, order_id as "orderId", event_id as "eventId", type, created_at as "createdAt", state, attempts,
      due_at as "dueAt", tried_at as "triedAt", status, error
    from webhook_deliveries where endpoint_id = ${endpointId}
      and ${state === undefined ? sql`true` : sql`state = ${state}`}
      and ${after === undefined ? sql`true` : sql`id < ${after}::bigint`}
    order by webhook_deliveries.id desc limit ${limit}`.execute(database)
  return z.array(deliveryRow).parse(rows)
}

/** Has it tried again now, whatever became of it; `false`: there is none. */
export const redeliver = async (database: Database, endpointId: string, id: string): Promise<boolean> => {
  const { rows } = await sql`
    update webhook_deliveries set state = 'waiting', attempts = 0, due_at = now()
    where endpoint_id = ${endpointId} and id = ${id}::bigint returning 1`.execute(database)
  return rows.length > 0
}

/** One try that is to be made. */
export interface Due {
  readonly id: string
  readonly endpointId: string
  readonly url: string
  /** Those that sign now, the newest first. */
  readonly secrets: readonly string[]
  readonly eventId: string
  readonly body: string
  /** With this one. */
  readonly attempts: number
}

const dueRow = z.object({
  id: z.string(),
  endpointId: z.string(),
  url: z.string(),
  secrets: z.array(secret),
  eventId: z.string(),
  body: z.string(),
  attempts: z.int(),
})

/** Of one endpoint only so many tries are under way: one that hangs leaves room for the others. */
const atOnceOfEndpoint = 4
/** Longer than a try may take. */
const leaseMs = 30_000
/** The next of an order waits no longer for the one before it. */
const waitsForMs = 600_000

/** Takes what is due: of each order the oldest, as long as it is not too old to be waited for. `running`: tries under way here, by endpoint. */
export const claimDue = async (
  database: Database,
  token: string,
  running: Readonly<Record<string, number>>,
  room: number,
): Promise<Due[]> => {
  const full = Object.entries(running).flatMap(([id, count]) => (count >= atOnceOfEndpoint ? [id] : []))
  const { rows } = await sql`
    with due as materialized (
      select one.id, one.endpoint_id, one.due_at from webhook_deliveries one
      join webhook_endpoints on webhook_endpoints.id = one.endpoint_id and disabled_at is null
      where one.state = 'waiting' and one.due_at <= now() and (one.lease_until is null or one.lease_until < now())
        and one.endpoint_id <> all(${full}::text[])
        and not exists (
          select from webhook_deliveries before where before.endpoint_id = one.endpoint_id
            and before.order_id = one.order_id and before.state = 'waiting' and before.id < one.id
            and before.created_at > now() - make_interval(secs => ${waitsForMs / 1_000}::float8))
      order by one.due_at, one.id limit ${room} for update of one skip locked),
    placed as (select id, endpoint_id, row_number() over (partition by endpoint_id order by due_at, id) as place from due)
    update webhook_deliveries set lease_token = ${token}, lease_until = now() + make_interval(secs => ${leaseMs / 1_000}::float8),
      attempts = attempts + 1
    from placed join webhook_endpoints on webhook_endpoints.id = placed.endpoint_id
    where webhook_deliveries.id = placed.id and placed.place
      + coalesce((${JSON.stringify(running)}::jsonb ->> placed.endpoint_id)::int, 0) <= ${atOnceOfEndpoint}::int
    returning webhook_deliveries.id::text as id, webhook_deliveries.endpoint_id as "endpointId", url, secrets,
      event_id as "eventId", body, attempts`.execute(database)
  const now = new Date().toISOString()
  return z
    .array(dueRow)
    .parse(rows)
    .map(({ secrets, ...rest }) => ({
      ...rest,
      secrets: secrets.filter(({ until }) => until === undefined || until > now).map((each) => each.secret),
    }))
}

export interface Settled {
  readonly id: string
  readonly endpointId: string
  readonly token: string
  readonly state: z.infer<typeof deliveryState>
  /** ISO 8601; absent: it is not tried again. */
  readonly dueAt?: string | undefined
  readonly status?: number | undefined
  readonly error?: string | undefined
}

/** Writes what became of a try, and since when its endpoint fails; gives that back. Ms since the epoch. */
export const settle = async (database: Database, tried: Settled): Promise<number | undefined> =>
  database.transaction().execute(async (tx) => {
    const { id, endpointId, token, state, dueAt, status, error } = tried
    await sql`
      update webhook_deliveries set state = ${state}, due_at = coalesce(${dueAt ?? null}::timestamptz, due_at),
        status = ${status ?? null}, error = ${error ?? null}, tried_at = now(), lease_until = null, lease_token = null
      where id = ${id}::bigint and lease_token = ${token}`.execute(tx)
    const since = state === 'delivered' ? sql`null` : sql`coalesce(failing_since, now())`
    const { rows } = await sql`
      update webhook_endpoints set failing_since = ${since} where id = ${endpointId}
      returning failing_since as since`.execute(tx)
    return z
      .array(z.object({ since: z.date().nullable() }))
      .parse(rows)[0]
      ?.since?.getTime()
  })

/** It is called no more, until somebody enables it again. */
export const disable = async (database: Database, id: string, because: string): Promise<void> => {
  await sql`
    update webhook_endpoints set disabled_at = now(), disabled_because = ${because}
    where id = ${id} and disabled_at is null`.execute(database)
}
