import { takenRequest } from '@countermand/contracts/cancel-requests.ts'
import type { ReadDatabase } from '@countermand/database'
import { type HeardOf, heardOf, type Told } from '@countermand/service/facts.ts'
import { z } from 'zod'

const order = z.object({
  orderId: z.string(),
  status: z.string(),
  /** What it was before it was put on hold. */
  statusBefore: z.string().nullable(),
  heldBy: z.string().nullable(),
  /** `null`: a guest. */
  customerId: z.string().nullable(),
  merchantId: z.string(),
  market: z.string(),
  currency: z.string(),
  placedAt: z.string(),
  lines: z.array(
    z.object({ lineId: z.string(), sku: z.string().nullable(), quantity: z.number(), cancelled: z.number() }),
  ),
  /** What came as `order.changed.v1`, in the order of its coming; of one that waits for a saga to let the order go, what it would change. */
  changes: z.array(z.object({ changeId: z.string(), status: z.string(), change: z.looseObject({}).nullable() })),
})
export type OrderFacts = z.infer<typeof order>

/** `null`: the order service has not heard of the order. */
export const orderOf = async (database: ReadDatabase, orderId: string): Promise<OrderFacts | null> => {
  const rows = await database.rows(
    order,
    `select order_id as "orderId", status, status_before as "statusBefore", held_by as "heldBy", customer_id as "customerId",
       merchant_id as "merchantId", market, currency, placed_at as "placedAt", (
         select jsonb_agg(jsonb_build_object('lineId', line_id, 'sku', sku, 'quantity', quantity, 'cancelled', cancelled) order by line_id)
         from order_lines where order_lines.order_id = orders.order_id
       ) as lines, coalesce((
         select jsonb_agg(jsonb_build_object('changeId', each ->> 'changeId', 'status', each ->> 'status', 'change', each -> 'change') order by place)
         from jsonb_array_elements(edits -> 'changes') with ordinality as kept (each, place)
       ), '[]') as changes
     from orders where order_id = $1`,
    [orderId],
  )
  return rows[0] ?? null
}

const request = z.object({
  requestId: z.string(),
  status: z.string(),
  outcome: z.string().nullable(),
  code: z.string().nullable(),
  stage: z.string().nullable(),
  message: z.string().nullable(),
  amount: z.number().nullable(),
  requestedAt: z.string(),
  initiator: z.looseObject({ kind: z.string() }),
  reason: z.looseObject({ code: z.string() }),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  refunds: z.array(z.record(z.string(), z.unknown())).nullable(),
  /** What the saga had written down: waits, decisions, trouble. */
  records: z.array(z.object({ key: z.string(), at: z.string(), record: z.looseObject({ what: z.string() }) })),
})
export type RequestFacts = z.infer<typeof request>

/** The requests among these that the order service knows, oldest first. */
export const requestsOf = (database: ReadDatabase, requestIds: readonly string[]): Promise<RequestFacts[]> =>
  database.rows(
    request,
    `select request_id as "requestId", status, outcome, code, stage, ending ->> 'message' as message, amount,
       request ->> 'requestedAt' as "requestedAt", request -> 'initiator' as initiator, request -> 'reason' as reason,
       started_at as "startedAt", ended_at as "endedAt", refunds, coalesce((
         select jsonb_agg(jsonb_build_object('key', key, 'at', at, 'record', record) order by position)
         from request_records where request_records.request_id = requests.request_id
       ), '[]') as records
     from requests where request_id = any ($1::text[]) order by coalesce(started_at, ended_at) nulls last`,
    [requestIds],
  )

/** Whose id this is: an order's, or a request's that was heard of. */
export const whoseId = (database: ReadDatabase, id: string): Promise<HeardOf[]> =>
  database.rows(
    heardOf,
    `select order_id as "orderId", null as "requestId", null::timestamptz as since from orders where order_id = $1
     union all select order_id, request_id, coalesce(started_at, ended_at) from requests where request_id = $1 or order_id = $1`,
    [id],
  )

const found = z.object({ id: z.string() })

/** Orders and requests whose id begins so, at most so many. */
export const idsBeginning = async (database: ReadDatabase, prefix: string, most: number): Promise<string[]> => {
  const rows = await database.rows(
    found,
    `select id from (
       select order_id as id from orders where starts_with(order_id, $1)
       union select request_id from requests where starts_with(request_id, $1)
     ) ids limit ${most}`,
    [prefix],
  )
  return rows.map(({ id }) => id)
}

const asked = z.object({ at: z.string(), requestId: z.string(), data: z.unknown() })

/** These requests as they came, for a timeline. */
export const requestsTold = async (database: ReadDatabase, requestIds: readonly string[]): Promise<Told[]> => {
  const rows = await database.rows(
    asked,
    `select (request ->> 'requestedAt')::timestamptz as at, request_id as "requestId", request as data
     from requests where request_id = any ($1::text[])`,
    [requestIds],
  )
  return rows.map(({ at, requestId, data }) => ({
    ...{ at: new Date(at).toISOString(), kind: 'request', name: 'order.cancel.requested.v1', requestId },
    ...{ step: null, direction: null, round: null, data },
  }))
}

const end = z.object({ outcome: z.string(), code: z.string().nullable() })
export type EndFacts = z.infer<typeof end>

/** How a request has ended; `undefined`: it has not, or was never heard of. */
export const endOf = async (database: ReadDatabase, requestId: string): Promise<EndFacts | undefined> => {
  const select = 'select outcome, code from requests where request_id = $1 and outcome is not null'
  return (await database.rows(end, select, [requestId]))[0]
}

const taken = z.object({ request: takenRequest, outcome: z.string().nullable() })

/** A request as it was taken in, and how it has ended; `undefined`: it was never heard of. */
export const requestTaken = async (
  database: ReadDatabase,
  requestId: string,
): Promise<z.infer<typeof taken> | undefined> =>
  (await database.rows(taken, 'select request, outcome from requests where request_id = $1', [requestId]))[0]

const gateRecord = z.object({ what: z.string(), decideBy: z.string().nullable() })

/** Of the merchant's decision: asked for until then, decided already, or not (yet) asked for. */
export type Gate = { readonly decideBy: string } | 'decided' | 'not-asked'

export const gateOf = async (database: ReadDatabase, requestId: string): Promise<Gate> => {
  const told = await database.rows(
    gateRecord,
    `select record ->> 'what' as what, record ->> 'decideBy' as "decideBy" from request_records
     where request_id = $1 and record ->> 'what' in ('awaiting-merchant', 'decided') order by position`,
    [requestId],
  )
  const by = told.find(({ what }) => what === 'awaiting-merchant')?.decideBy
  if (told.some(({ what }) => what === 'decided')) return 'decided'
  return by == null ? 'not-asked' : { decideBy: by }
}

const decided = z.object({
  step: z.string(),
  direction: z.enum(['do', 'undo']),
  round: z.number(),
  decision: z.string(),
  by: z.string(),
})
const settledByHand = z.object({ outcome: z.string().nullable(), decided: z.array(decided) })

/** How a request stands, with the steps of it that a person has let go or sent elsewhere. */
export type SettledByHand = z.infer<typeof settledByHand>

/** `undefined`: the request was never heard of. */
export const settledByHandOf = async (
  database: ReadDatabase,
  requestId: string,
): Promise<SettledByHand | undefined> => {
  const rows = await database.rows(
    settledByHand,
    `select outcome, coalesce((
       select jsonb_agg(record) from request_records
       where request_records.request_id = requests.request_id and record ->> 'what' = 'resolved'
         and record ->> 'decision' in ('skip', 'refund-elsewhere')
     ), '[]') as decided
     from requests where request_id = $1`,
    [requestId],
  )
  return rows[0]
}

const trouble = z.object({ reason: z.string(), error: z.string(), since: z.string() })
const pressing = z.object({
  ...{ requestId: z.string(), orderId: z.string(), outcome: z.string().nullable() },
  /** Minor units; `null`: it has not come so far. */
  ...{ amount: z.number().nullable(), currency: z.string().nullable() },
  /** The last trouble that was told of it; `over`: something has overtaken it since. */
  ...{ trouble: trouble.nullable(), over: z.boolean() },
  /** Until when its merchant may decide, and what silence means. */
  ...{ decideBy: z.string().nullable(), onSilence: z.string().nullable() },
})

/** What tells how bad it is with a request. */
export type PressingFacts = z.infer<typeof pressing>

const latest = (kinds: string, what: string): string => `
  (select ${what} from request_records where request_records.request_id = requests.request_id
     and record ->> 'what' in (${kinds}) order by position desc limit 1)`

const openGate = `
  left join lateral (
    select record from request_records where request_records.request_id = requests.request_id
      and record ->> 'what' in ('awaiting-merchant', 'decided', 'turning-back') order by position desc limit 1
  ) gate on requests.outcome is null and gate.record ->> 'what' = 'awaiting-merchant'`

const selectPressing = `
  select requests.request_id as "requestId", requests.order_id as "orderId", outcome, amount, currency,
    ${latest("'needs-attention'", 'record')} as trouble,
    coalesce(${latest("'needs-attention', 'resolved', 'resumed', 'turning-back'", "record ->> 'what'")} <> 'needs-attention', false) as over,
    gate.record ->> 'decideBy' as "decideBy", gate.record ->> 'onSilence' as "onSilence"
  from requests left join orders on orders.order_id = requests.order_id ${openGate}`

/** Of these requests, or of all whose order is on hold. */
export const pressingOf = (
  database: ReadDatabase,
  requestIds: readonly string[] | undefined,
): Promise<PressingFacts[]> =>
  requestIds === undefined
    ? database.rows(pressing, `${selectPressing} where requests.status = 'holding'`)
    : database.rows(pressing, `${selectPressing} where requests.request_id = any ($1::text[])`, [requestIds])

const withOrder = z.object({
  requestId: z.string(),
  request: z.unknown(),
  /** As the order was placed, and changed since. */
  placed: z.unknown(),
  parcels: z.array(
    z.object({
      shipmentId: z.string(),
      status: z.string(),
      lineIds: z.array(z.string()),
      /** When it got there, as it was told; absent: as the order came with it. */
      at: z.string().optional(),
    }),
  ),
})
/** A request as it was taken in, with its order and where the order's parcels are. */
export type RequestWithOrder = z.infer<typeof withOrder>

const selectWithOrder = `select request_id as "requestId", request, placed, parcels
  from requests join orders on orders.order_id = request ->> 'orderId'`

/** These requests with their orders, oldest first; without those of orders that were never heard of. */
export const requestsWithOrders = (
  database: ReadDatabase,
  requestIds: readonly string[],
): Promise<RequestWithOrder[]> =>
  database.rows(
    withOrder,
    `${selectWithOrder} where request_id = any ($1::text[]) order by coalesce(started_at, ended_at) nulls last`,
    [requestIds],
  )

/** The same of all requests since then, an instant of ISO 8601. */
export const requestsWithOrdersSince = (database: ReadDatabase, since: string): Promise<RequestWithOrder[]> =>
  database.rows(
    withOrder,
    `${selectWithOrder} where coalesce(started_at, ended_at) >= $1::timestamptz order by coalesce(started_at, ended_at)`,
    [since],
  )
