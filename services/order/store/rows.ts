import {
  acceptedOrder,
  answers,
  cancellationRecord,
  checkKept,
  orderChanged,
  type PlacedOrder,
  refusalCode,
  sagaStage,
  shipmentStatus,
  takenRequest,
  tenderRefund,
} from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import type { Change } from '@countermand/service/service.ts'
import { z } from 'zod'
import { type Edits, type Order, type Parcel, statusOf, statusWithoutHold } from '../decide/order.ts'
import type { Begun, CancellationRequest, End, KeptRecord } from '../decide/request.ts'
import type { OrderState } from '../state.ts'

/** Between the state and its rows. What the tables derive themselves (amount, outcome, …) is neither written nor read. */

/** As PostgreSQL gives them. */
export interface LoadedOrder {
  readonly order_id: string
  readonly placed: unknown
  readonly parcels: unknown
  readonly held_by: string | null
  readonly edits: unknown
  readonly cancelled: Readonly<Record<string, number>> | null
  readonly refunded: Readonly<Record<string, number>> | null
}

export interface LoadedRequest {
  readonly request_id: string
  readonly order_id: string
  readonly status: CancellationRequest['status']
  readonly request: unknown
  readonly begun: unknown
  readonly ending: unknown
  readonly records: readonly unknown[] | null
}

/** What was taken is not held to what its sums must come to, nor to today's limits of intake. */
const placed = exactly<PlacedOrder>()(z.object(acceptedOrder.shape))

const parcel = exactly<Parcel>()(
  z.object({
    shipmentId: z.string(),
    status: shipmentStatus,
    delivered: z.boolean(),
    lineIds: z.array(z.string()),
    lines: z.array(z.object({ lineId: z.string(), quantity: z.int() })).optional(),
    at: z.string().exactOptional(),
  }),
)

const ofChange = { changeId: z.string(), digest: z.string() }
const edits = exactly<Edits>()(
  z.object({
    first: placed,
    changes: z.array(
      z.discriminatedUnion('status', [
        z.object({ ...ofChange, status: z.literal('waiting'), change: z.object(orderChanged.shape) }),
        z.object({ ...ofChange, status: z.enum(['made', 'refused']) }),
      ]),
    ),
  }),
)

const begun = exactly<Begun>()(answers.CancellationBegun.omit({ decided: true }).extend({ at: z.string() }))

const ofEnd = { stage: sagaStage, at: z.string() }
const why = { message: z.string().exactOptional(), by: z.string().exactOptional() }
const end = exactly<End>()(
  z.discriminatedUnion('outcome', [
    z.object({ ...ofEnd, outcome: z.enum(['cancelled', 'lines-cancelled']), refunds: z.array(tenderRefund) }),
    z.object({ ...ofEnd, outcome: z.literal('refused'), code: refusalCode, ...why }),
    z.object({ ...ofEnd, outcome: z.enum(['withdrawn', 'compensated']), code: refusalCode.exactOptional(), ...why }),
  ]),
)

const record = exactly<KeptRecord>()(z.object({ key: z.string(), record: cancellationRecord, at: z.string() }))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What was read, with the fields of a later release that this one does not know: they are written back as they are. */
const withUnknown = (raw: unknown, known: unknown): unknown => {
  if (Array.isArray(raw) && Array.isArray(known)) return known.map((each, place) => withUnknown(raw[place], each))
  if (!isObject(raw) || !isObject(known)) return known
  return {
    ...raw,
    ...Object.fromEntries(Object.entries(known).map(([name, each]) => [name, withUnknown(raw[name], each)])),
  }
}

/** Throws, with whose row it is and which field, when this release cannot read it: that stops this order, and no other. */
const read = <Schema extends z.ZodType>(whose: string, schema: Schema, raw: unknown): z.output<Schema> => {
  // Nearly always it is as it should be: only where it is not, are words looked for, and nulls taken for absent.
  const parsed = schema.safeParse(raw)
  const checked = parsed.success ? { ok: true as const, data: parsed.data } : checkKept(schema, raw)
  if (!checked.ok) throw new Error(`expected ${whose} as this release reads it, got ${checked.problems}`)
  // It passed the schema, and only has more fields than that says.
  return withUnknown(raw, checked.data) as z.output<Schema>
}

export const orderOf = (row: LoadedOrder): Order => {
  const whose = (column: string) => `the ${column} of order ${row.order_id}`
  return {
    placed: read(whose('placed'), placed, row.placed),
    cancelled: new Map(Object.entries(row.cancelled ?? {})),
    refunded: new Map(Object.entries(row.refunded ?? {})),
    parcels: read(whose('parcels'), z.array(parcel), row.parcels),
    ...(row.edits !== null && { edits: read(whose('edits'), edits, row.edits) }),
    ...(row.held_by !== null && { heldBy: row.held_by }),
  }
}

/** Throws when the row lacks what its status needs: the table's constraints were got round. */
export const requestOf = (row: LoadedRequest): CancellationRequest => {
  const whose = (column: string) => `the ${column} of request ${row.request_id}, order ${row.order_id},`
  const has = <Schema extends z.ZodType>(column: 'begun' | 'ending', schema: Schema) =>
    row[column] === null ? undefined : read(whose(column), schema, row[column])
  const { status } = row
  const records = read(whose('records'), z.array(record), row.records ?? [])
  const kept = {
    request: read(whose('request'), takenRequest, row.request),
    records: records.map((each) => ({ ...each, at: new Date(each.at).toISOString() })),
  }
  const begunAs = has('begun', begun)
  const ended = has('ending', end)
  switch (status) {
    case 'asked':
      return { ...kept, status }
    case 'holding':
      if (begunAs !== undefined) return { ...kept, status, begun: begunAs }
      break
    case 'refused':
      if (ended !== undefined) return { ...kept, status, end: ended }
      break
    case 'abandoned':
      if (ended !== undefined) return { ...kept, status, end: ended, ...(begunAs !== undefined && { begun: begunAs }) }
      break
    case 'confirmed':
      if (ended !== undefined && begunAs !== undefined) return { ...kept, status, end: ended, begun: begunAs }
  }
  throw new Error(
    `expected what a ${status} request has, got begun ${begunAs}, end ${ended}: request ${row.request_id}`,
  )
}

export const orderRow = (orderId: string, order: Order) => ({
  order_id: orderId,
  status: statusOf(order),
  status_before: order.heldBy === undefined ? null : statusWithoutHold(order),
  held_by: order.heldBy,
  customer_id: order.placed.customerId,
  merchant_id: order.placed.merchantId,
  market: order.placed.market,
  currency: order.placed.currency,
  placed_at: order.placed.placedAt,
  placed: order.placed,
  parcels: order.parcels,
  edits: order.edits,
})

const linesOf = (order: Order | undefined) =>
  new Map(
    (order?.placed.lines ?? []).map(({ lineId, sku, quantity }) => [
      lineId,
      { line_id: lineId, sku, quantity, cancelled: order?.cancelled.get(lineId) ?? 0 },
    ]),
  )

/** The lines whose units are not what they were; all of an order that is new. */
export const lineRows = ({ orderId, before, after }: Change<OrderState>) => {
  const known = linesOf(before?.order)
  return [...linesOf(after.order).values()].flatMap((line) => {
    const earlier = known.get(line.line_id)
    return earlier?.cancelled === line.cancelled && earlier.quantity === line.quantity
      ? []
      : [{ order_id: orderId, ...line }]
  })
}

/** The lines that a change has removed. */
export const removedLines = ({ orderId, before, after }: Change<OrderState>) => {
  const kept = linesOf(after.order)
  return [...linesOf(before?.order).keys()].flatMap((lineId) =>
    kept.has(lineId) ? [] : [{ order_id: orderId, line_id: lineId }],
  )
}

export const requestRow = (request: CancellationRequest) => {
  const begun = 'begun' in request ? request.begun : undefined
  const end = 'end' in request ? request.end : undefined
  return {
    request_id: request.request.requestId,
    order_id: request.request.orderId,
    status: request.status,
    request: request.request,
    begun,
    ending: end,
    started_at: begun?.at,
    ended_at: end?.at,
  }
}

/** The records that were added: they are never changed. */
export const recordRows = (before: CancellationRequest | undefined, after: CancellationRequest) =>
  after.records
    .map((each, position) => ({ ...each, request_id: after.request.requestId, position }))
    .slice(before?.records.length ?? 0)
