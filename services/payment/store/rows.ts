import { channelName, reasonCode, refundCure, refundDestination, settledByHand } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { z } from 'zod'
import type { Refusal } from '../channels/channel.ts'
import type {
  AskedRequest,
  Claim,
  OtherDestination,
  Payment,
  Progress,
  Refund,
  RefundRequest,
  Tender,
  WaitsFor,
} from '../state.ts'

/** The tables' rows, as PostgreSQL gives them in JSON, and the states that they stand for. */

const time = z.string().transform((text) => new Date(text).toISOString())
const elsewhere = exactly<OtherDestination>()(z.enum(['store-credit', 'bank-transfer']))
const fallback = exactly<AskedRequest['fallback']>()(z.enum(['attention', ...elsewhere.options]))

export const claim = exactly<Claim>()(
  z.object({
    ref: z.string(),
    kind: z.enum(['foreign-refund', 'dispute']),
    state: z.enum(['done', 'open', 'won', 'lost']),
    amount: z.int(),
    toldAs: z.enum(['amended', 'by-hand']).exactOptional(),
  }),
)

const tenderRow = z
  .object({
    tender_id: z.string(),
    channel: channelName,
    payment_ref: z.string(),
    account: z.string().nullable(),
    captured: z.int(),
    refunded: z.int(),
    authorized: z.boolean().nullable(),
    paid_at: time.nullable(),
    paid_total: z.int().nullable(),
    claims: z.array(claim).nullable(),
    released: z.array(z.int()).nullable(),
  })
  .transform(
    (row): Tender => ({
      tenderId: row.tender_id,
      channel: row.channel,
      paymentRef: row.payment_ref,
      account: row.account ?? undefined,
      captured: row.captured,
      refunded: row.refunded,
      authorized: row.authorized ?? false,
      paidAt: row.paid_at ?? undefined,
      paidTotal: row.paid_total ?? undefined,
      claims: row.claims ?? [],
      released: row.released ?? [],
    }),
  )

const settledRow = settledByHand.transform(({ tenderId, amount }) => ({ tenderId, amount }))

const pivotRow = z.union([
  z
    .object({ request_id: z.string(), forbidden_at: time })
    .transform(
      (row): RefundRequest => ({ requestId: row.request_id, status: 'forbidden', forbiddenAt: row.forbidden_at }),
    ),
  z
    .object({
      request_id: z.string(),
      crossed_at: time.nullable(),
      accepted: z.boolean(),
      amount: z.int(),
      reason: reasonCode.nullable(),
      round: z.int(),
      open_round: z.int().nullable(),
      fallback,
      elsewhere: elsewhere.nullable(),
      tender_id: z.string().nullable(),
      closed_at: time.nullable(),
      settled: z.array(settledRow).nullable(),
      closed_tenders: z.array(z.string()).nullable(),
    })
    .transform(
      (row): RefundRequest => ({
        requestId: row.request_id,
        status: 'asked',
        crossedAt: row.crossed_at ?? undefined,
        accepted: row.accepted,
        amount: row.amount,
        reason: row.reason ?? undefined,
        round: row.round,
        openRound: row.open_round ?? undefined,
        fallback: row.fallback,
        elsewhere: row.elsewhere ?? undefined,
        tenderId: row.tender_id ?? undefined,
        closed:
          row.closed_at === null
            ? undefined
            : { at: row.closed_at, tenderIds: row.closed_tenders ?? undefined, settled: row.settled ?? [] },
      }),
    ),
])

const waitsFor = exactly<WaitsFor>()(
  z.union([
    z.object({ why: z.enum(['processing', 'no-funds', 'charge-pending', 'review']) }),
    z.object({ who: z.enum(['customer', 'merchant']), what: z.string() }),
  ]),
)
const refusal = exactly<Pick<Refusal, 'key' | 'cure'>>()(z.object({ key: z.enum(['alive', 'dead']), cure: refundCure }))
/** What is known of a no of which an earlier release has kept the words alone. */
const unknownNo = { key: 'dead', cure: 'none' } as const

const progressRow = exactly<Progress>()(
  z.discriminatedUnion('state', [
    z.object({ state: z.literal('planned') }),
    z
      .object({ state: z.literal('pending'), waits_for: waitsFor.nullable() })
      .transform(({ state, waits_for }): Progress => ({ state, waitsFor: waits_for ?? { why: 'processing' } })),
    z
      .object({ state: z.literal('succeeded'), reversible_until: time.nullable() })
      .transform(
        ({ state, reversible_until }): Progress => ({ state, reversibleUntil: reversible_until ?? undefined }),
      ),
    z
      .object({ state: z.literal('failed'), failure: z.string(), refusal: refusal.nullable() })
      .transform((row): Progress => ({ ...unknownNo, ...row.refusal, state: row.state, failure: row.failure })),
    z.object({ state: z.literal('reversed'), failure: z.string() }),
    z
      .object({
        state: z.literal('submitted'),
        calling: z.boolean(),
        in_doubt: z.boolean(),
        received: z.boolean().nullable(),
        attempts: z.int(),
        failure: z.string().nullable(),
      })
      .transform(
        ({ in_doubt, received, failure, ...row }): Progress => ({
          ...row,
          inDoubt: in_doubt,
          received: received ?? false,
          failure: failure ?? undefined,
        }),
      ),
  ]),
)

const refundRow = z
  .object({
    refund_id: z.string(),
    idempotency_key: z.string(),
    request_id: z.string(),
    tender_id: z.string(),
    amount: z.int(),
    currency: z.string(),
    destination: refundDestination,
    operation: z.enum(['refund', 'void']).nullable(),
    round: z.int(),
    replaced: z.boolean(),
    expected_by: time.nullable(),
    first_asked_at: time.nullable(),
    provider_ref: z.string().nullable(),
  })
  .transform(
    (row): Omit<Refund, 'progress'> => ({
      refundId: row.refund_id,
      idempotencyKey: row.idempotency_key,
      requestId: row.request_id,
      tenderId: row.tender_id,
      amount: row.amount,
      currency: row.currency,
      destination: row.destination,
      operation: row.operation ?? 'refund',
      round: row.round,
      replaced: row.replaced,
      expectedBy: row.expected_by ?? undefined,
      firstAskedAt: row.first_asked_at ?? undefined,
      providerRef: row.provider_ref ?? undefined,
    }),
  )

/** One order with all its rows. */
export const paymentRow = z
  .object({
    order_id: z.string(),
    currency: z.string().nullable(),
    merchant_id: z.string().nullable(),
    customer_id: z.string().nullable(),
    version: z.int(),
    tenders: z.array(tenderRow),
    pivots: z.array(pivotRow),
    refunds: z.array(
      z.unknown().transform((row): Refund => ({ ...refundRow.parse(row), progress: progressRow.parse(row) })),
    ),
  })
  .transform(
    (row): Payment => ({
      orderId: row.order_id,
      currency: row.currency ?? undefined,
      merchantId: row.merchant_id ?? undefined,
      customerId: row.customer_id ?? undefined,
      version: row.version,
      tenders: row.tenders,
      requests: row.pivots,
      refunds: row.refunds,
      newPostings: [],
    }),
  )

export const requestToRow = (orderId: string, request: RefundRequest) =>
  request.status === 'forbidden'
    ? { order_id: orderId, request_id: request.requestId, forbidden_at: request.forbiddenAt }
    : {
        order_id: orderId,
        request_id: request.requestId,
        crossed_at: request.crossedAt,
        accepted: request.accepted,
        amount: request.amount,
        reason: request.reason,
        round: request.round,
        open_round: request.openRound,
        fallback: request.fallback,
        elsewhere: request.elsewhere,
        tender_id: request.tenderId,
        closed_at: request.closed?.at,
        settled: request.closed?.settled,
        closed_tenders: request.closed?.tenderIds,
      }

export const tenderToRow = (orderId: string, position: number, tender: Tender) => ({
  order_id: orderId,
  tender_id: tender.tenderId,
  position,
  channel: tender.channel,
  payment_ref: tender.paymentRef,
  account: tender.account,
  captured: tender.captured,
  refunded: tender.refunded,
  authorized: tender.authorized,
  paid_at: tender.paidAt,
  paid_total: tender.paidTotal,
  claims: tender.claims.length === 0 ? undefined : tender.claims,
  released: tender.released.length === 0 ? undefined : tender.released,
})

export const refundToRow = (orderId: string, position: number, { progress, ...refund }: Refund) => ({
  order_id: orderId,
  refund_id: refund.refundId,
  position,
  request_id: refund.requestId,
  tender_id: refund.tenderId,
  idempotency_key: refund.idempotencyKey,
  amount: refund.amount,
  currency: refund.currency,
  destination: refund.destination,
  operation: refund.operation,
  round: refund.round,
  replaced: refund.replaced,
  expected_by: refund.expectedBy,
  first_asked_at: refund.firstAskedAt,
  provider_ref: refund.providerRef,
  received: progress.state === 'submitted' && progress.received,
  waits_for: progress.state === 'pending' ? progress.waitsFor : undefined,
  reversible_until: progress.state === 'succeeded' ? progress.reversibleUntil : undefined,
  refusal: progress.state === 'failed' ? { key: progress.key, cure: progress.cure } : undefined,
  state: progress.state,
  calling: progress.state === 'submitted' && progress.calling,
  in_doubt: progress.state === 'submitted' && progress.inDoubt,
  attempts: progress.state === 'submitted' ? progress.attempts : 0,
  failure: 'failure' in progress ? progress.failure : undefined,
})
