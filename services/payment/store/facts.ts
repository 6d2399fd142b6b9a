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

const said = z.object({ amount: z.number(), currency: z.string(), state: z.string() })
const difference = z.object({
  differenceId: z.string(),
  account: z.string(),
  kind: z.string(),
  orderId: z.string().nullish(),
  tenderId: z.string().nullish(),
  refundId: z.string().nullish(),
  /** The provider's own name of the refund. */
  providerRef: z.string().nullish(),
  /** What our books say of it, and what the provider says; minor units. */
  ours: said.nullish(),
  theirs: said.nullish(),
  at: z.string(),
})
export type FoundDifference = z.infer<typeof difference>

const result = z.object({
  account: z.string(),
  listed: z.number(),
  matched: z.number(),
  inFlight: z.number(),
  others: z.number(),
  fees: z.array(z.object({ amount: z.number(), currency: z.string() })),
  /** Up to when the provider's list had all, where that was before the end of the span. */
  until: z.string().optional(),
  differences: z.array(difference),
})
const reconciliation = z.object({
  /** `null`: nobody has begun with it. */
  accounts: z.array(z.string()).nullable(),
  /** Of as many of them, in their order, as were compared so far. */
  results: z.array(result),
  doneAt: z.string().nullable(),
  error: z.string().nullable(),
})
export type Reconciliation = z.infer<typeof reconciliation>

/** How far a reconciliation is; `undefined`: it has not been heard of. */
export const reconciliationOf = async (database: ReadDatabase, id: string): Promise<Reconciliation | undefined> => {
  const rows = await database.rows(
    reconciliation,
    'select accounts, results, done_at as "doneAt", error from reconciliations where reconciliation_id = $1',
    [id],
  )
  return rows[0]
}

const openKind = z.object({ account: z.string(), kind: z.string(), count: z.number(), oldest: z.string() })
export type OpenDifferences = z.infer<typeof openKind>

const lastWords = `
  (select distinct on (difference_id) difference_id, word, at from difference_words order by difference_id, number desc) words`

/** Differences that nobody has found out about, by account and kind; since when the oldest is known. */
export const openDifferences = (database: ReadDatabase): Promise<OpenDifferences[]> =>
  database.rows(
    openKind,
    `select account, kind, count(*)::int as count, min(words.at) as oldest
     from differences join ${lastWords} using (difference_id) where word = 'found' group by account, kind order by oldest`,
  )

const lastWord = z.object({ word: z.string() })

/** What was said last of a difference: `found`, `gone` or `resolved`; `undefined`: there is none of that name. */
export const lastWordOf = async (database: ReadDatabase, differenceId: string): Promise<string | undefined> => {
  const rows = await database.rows(lastWord, `select word from ${lastWords} where difference_id = $1`, [differenceId])
  return rows[0]?.word
}
