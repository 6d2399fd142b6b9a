import type { ReadDatabase } from '@countermand/database'
import { z } from 'zod'

const tender = z.object({
  tenderId: z.string(),
  channel: z.string(),
  paymentRef: z.string(),
  captured: z.number(),
  refunded: z.number(),
})
const refund = z.object({
  refundId: z.string(),
  requestId: z.string(),
  tenderId: z.string(),
  amount: z.number(),
  currency: z.string(),
  destination: z.string(),
  state: z.string(),
  attempts: z.number(),
  failure: z.string().nullable(),
  expectedBy: z.string().nullable(),
  /** Another refund took its place. */
  replaced: z.boolean(),
})
const entry = z.object({
  at: z.string(),
  kind: z.string(),
  tenderId: z.string(),
  requestId: z.string().nullable(),
  amount: z.number(),
  destination: z.string().nullable(),
})
const pivot = z.object({
  requestId: z.string(),
  crossedAt: z.string().nullable(),
  forbiddenAt: z.string().nullable(),
})

/** An order's money; amounts in minor units. */
export interface PaymentFacts {
  readonly tenders: readonly z.infer<typeof tender>[]
  readonly refunds: readonly z.infer<typeof refund>[]
  readonly ledger: readonly z.infer<typeof entry>[]
  readonly pivots: readonly z.infer<typeof pivot>[]
}

export const moneyOf = async (database: ReadDatabase, orderId: string): Promise<PaymentFacts> => {
  const [tenders, refunds, ledger, pivots] = await Promise.all([
    database.rows(
      tender,
      `select tender_id as "tenderId", channel, payment_ref as "paymentRef", captured, refunded
       from tenders where order_id = $1 order by position`,
      [orderId],
    ),
    database.rows(
      refund,
      `select refund_id as "refundId", request_id as "requestId", tender_id as "tenderId", amount, currency, destination,
         state, attempts, failure, expected_by as "expectedBy", replaced
       from refunds where order_id = $1 order by position`,
      [orderId],
    ),
    database.rows(
      entry,
      `select at, kind, tender_id as "tenderId", request_id as "requestId", amount, destination
       from ledger where order_id = $1 order by at, entry_id`,
      [orderId],
    ),
    database.rows(
      pivot,
      `select request_id as "requestId", crossed_at as "crossedAt", forbidden_at as "forbiddenAt"
       from pivots where order_id = $1 order by request_id`,
      [orderId],
    ),
  ])
  return { tenders, refunds, ledger, pivots }
}

const crossing = z.object({ crossed: z.boolean() })

/** Whether a channel may have moved money for this request. */
export const isOverThePivot = async (database: ReadDatabase, requestId: string): Promise<boolean> => {
  const select = 'select crossed_at is not null as crossed from pivots where request_id = $1'
  return (await database.rows(crossing, select, [requestId])).some(({ crossed }) => crossed)
}

const due = z.object({ requestId: z.string(), at: z.string() })

/** When a refund that has not settled needs attention, by request, of these or of all. */
export const banksAwaited = (
  database: ReadDatabase,
  requestIds: readonly string[] | undefined,
): Promise<z.infer<typeof due>[]> =>
  database.rows(
    due,
    `select refunds.request_id as "requestId", min(tasks.due_at) as at
     from tasks join refunds on refunds.refund_id = tasks.payload ->> 'refundId'
     where tasks.kind = 'refund-overdue' and ($1::text[] is null or refunds.request_id = any ($1)) group by refunds.request_id`,
    [requestIds ?? null],
  )

const name = z.object({ name: z.string() })

/** Every channel that somebody has paid by. */
export const channelsUsed = async (database: ReadDatabase): Promise<string[]> =>
  (await database.rows(name, 'select distinct channel as name from tenders')).map((each) => each.name)
