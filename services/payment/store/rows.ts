import { channelName, refundDestination, settledByHand } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { z } from 'zod'
import type { AskedRequest, OtherDestination, Payment, Progress, Refund, RefundRequest, Tender } from '../state.ts'

/** The tables' rows, as PostgreSQL gives them in JSON, and the states that they stand for. */

const time = z.string().transform((text) => new Date(text).toISOString())
const elsewhere = exactly<OtherDestination>()(z.enum(['store-credit', 'bank-transfer']))
const fallback = exactly<AskedRequest['fallback']>()(z.enum(['attention', ...elsewhere.options]))

const tenderRow = z
  .object({
    tender_id: z.string(),
    channel: channelName,
    payment_ref: z.string(),
    captured: z.int(),
    refunded: z.int(),
  })
  .transform(
    (row): Tender => ({
      tenderId: row.tender_id,
      channel: row.channel,
      paymentRef: row.payment_ref,
      captured: row.captured,
      refunded: row.refunded,
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

const progressRow = exactly<Progress>()(
  z.discriminatedUnion('state', [
    z.object({ state: z.enum(['planned', 'pending', 'succeeded']) }),
    z.object({ state: z.enum(['failed', 'reversed']), failure: z.string() }),
    z
      .object({
        state: z.literal('submitted'),
        calling: z.boolean(),
        in_doubt: z.boolean(),
        attempts: z.int(),
        failure: z.string().nullable(),
      })
      .transform(
        ({ in_doubt, failure, ...row }): Progress => ({ ...row, inDoubt: in_doubt, failure: failure ?? undefined }),
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
    round: z.int(),
    replaced: z.boolean(),
    expected_by: time.nullable(),
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
      round: row.round,
      replaced: row.replaced,
      expectedBy: row.expected_by ?? undefined,
    }),
  )

/** One order with all its rows. */
export const paymentRow = z
  .object({
    order_id: z.string(),
    currency: z.string().nullable(),
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
      tenders: row.tenders,
      requests: row.pivots,
      refunds: row.refunds,
      newEntries: [],
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
        round: request.round,
        open_round: request.openRound,
        fallback: request.fallback,
        elsewhere: request.elsewhere,
        tender_id: request.tenderId,
        closed_at: request.closed?.at,
        settled: request.closed?.settled,
        closed_tenders: request.closed?.tenderIds,
      }

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
  round: refund.round,
  replaced: refund.replaced,
  expected_by: refund.expectedBy,
  state: progress.state,
  calling: progress.state === 'submitted' && progress.calling,
  in_doubt: progress.state === 'submitted' && progress.inDoubt,
  attempts: progress.state === 'submitted' ? progress.attempts : 0,
  failure: 'failure' in progress ? progress.failure : undefined,
})
