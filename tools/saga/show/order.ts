import { z } from 'zod'
import type { ReadDatabase } from '../databases.ts'

const order = z.object({
  orderId: z.string(),
  status: z.string(),
  /** What it was before it was put on hold. */
  statusBefore: z.string().nullable(),
  heldBy: z.string().nullable(),
  customerId: z.string(),
  merchantId: z.string(),
  market: z.string(),
  currency: z.string(),
  placedAt: z.string(),
  lines: z.array(z.object({ lineId: z.string(), sku: z.string(), quantity: z.number(), cancelled: z.number() })),
})
export type OrderFacts = z.infer<typeof order>

/** `null`: the order service has not heard of the order. */
export const orderFacts = async (database: ReadDatabase, orderId: string): Promise<OrderFacts | null> => {
  const rows = await database.rows(
    order,
    `select order_id as "orderId", status, status_before as "statusBefore", held_by as "heldBy", customer_id as "customerId",
       merchant_id as "merchantId", market, currency, placed_at as "placedAt", (
         select jsonb_agg(jsonb_build_object('lineId', line_id, 'sku', sku, 'quantity', quantity, 'cancelled', cancelled) order by line_id)
         from order_lines where order_lines.order_id = orders.order_id
       ) as lines
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
export const requestFacts = (database: ReadDatabase, requestIds: readonly string[]): Promise<RequestFacts[]> =>
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
