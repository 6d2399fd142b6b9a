import { z } from 'zod'
import { cancelRequested } from './cancel-requests.ts'
import { amount, currency, id, timestamp } from './primitives.ts'
import { approvalDecision, cancelledLine, recordedTurn, resolution, shipmentResult } from './records.ts'
import { tenderRefund } from './refund-events.ts'
import { channelName, refusalCode, sagaOutcome, sagaStage, shipmentStatus } from './vocabulary.ts'

/**
 * Every answer. On the wire the CloudEvents type is the name; the data adds `orderId`, `requestId` and `commandId`.
 */

const refusal = z.object({ message: z.string() })

/** Every answer by its name, as a schema of its own fields. */
export const answers = {
  // order
  CancellationBegun: z.object({
    merchantId: id,
    customerId: id,
    currency,
    /** Minor units: what the refund must add up to. */
    amount,
    lines: z.array(cancelledLine),
    /** True when nothing of the order is left afterwards. */
    whole: z.boolean(),
    parcels: z.array(z.object({ shipmentId: id, status: shipmentStatus })),
    tenders: z.array(z.object({ tenderId: id, channel: channelName, amount })),
    approval: z.discriminatedUnion('needed', [
      z.object({ needed: z.literal(false) }),
      z.object({ needed: z.literal(true), decideBy: timestamp, onSilence: z.enum(['approve', 'reject']) }),
    ]),
    /** Policy: where money goes by itself when one tender was refunded and another is refused. */
    refundFallback: z.enum(['attention', 'store-credit', 'bank-transfer']),
    /** What was decided in an earlier run of this saga: it is not asked again. */
    decided: z.object({
      approval: approvalDecision.optional(),
      resolutions: z.array(resolution),
      turn: recordedTurn.optional(),
    }),
  }),
  OrderNotFound: refusal,
  AlreadyCancelled: refusal,
  CancellationInProgress: refusal.extend({ by: id }),
  WindowClosed: refusal,
  AccountBlocked: refusal,
  QuantityExceeded: refusal,
  NotCancellable: refusal,
  /** The request ended before: what it came to. Nothing is published again. */
  AlreadyEnded: z.object({ outcome: sagaOutcome, code: refusalCode.optional(), stage: sagaStage }),
  /** The request id belongs to another order or other content. */
  RequestIdReused: refusal,
  CancellationAbandoned: z.object({ outcome: sagaOutcome, code: refusalCode.optional(), stage: sagaStage }),
  /** The order was closed by this request: there is no way back. */
  AbandonRefused: z.object({ outcome: sagaOutcome }),
  OrderCancelled: z.object({ at: timestamp }),
  LinesCancelled: z.object({ at: timestamp }),
  CancellationRecorded: z.object({}),
  /** To the record of a turn: the order is closed, or a person has settled the refund elsewhere. It is not written down. */
  TurnTooLate: z.object({}),
  /** A page of the holds, in the order of their request ids. */
  HoldsListed: z.object({
    holds: z.array(z.object({ request: cancelRequested, since: timestamp })),
    more: z.boolean(),
  }),
  /** A request as the order service keeps it. */
  CancellationRead: z.object({
    /** True while it holds its order. */
    open: z.boolean(),
    /** What was promised to be given back; absent: the request never held its order. `amount` in minor units. */
    refund: z
      .object({
        amount,
        currency,
        refundTo: z.enum(['original', 'store-credit']),
        fallback: z.enum(['attention', 'store-credit', 'bank-transfer']),
      })
      .optional(),
    /** What people and policy decided about what needed attention, in that order. */
    resolutions: z.array(resolution),
  }),
  // inventory
  StockSetAside: z.object({ lines: z.array(cancelledLine.extend({ from: z.enum(['reserved', 'shipped']) })) }),
  ReservationNotFound: refusal,
  StockReservedAgain: z.object({ lines: z.array(cancelledLine) }),
  StockOnSale: z.object({ lines: z.array(cancelledLine) }),
  AwaitingParcel: z.object({ lines: z.array(cancelledLine) }),
  // logistics
  FulfilmentPaused: z.object({ shipments: z.array(shipmentResult) }),
  NothingToStop: z.object({ shipments: z.array(shipmentResult) }),
  LabelVoided: z.object({ shipments: z.array(shipmentResult) }),
  ShipmentIntercepted: z.object({ shipments: z.array(shipmentResult) }),
  InterceptFailed: z.object({ shipments: z.array(shipmentResult), message: z.string() }),
  ShipmentResumed: z.object({ shipments: z.array(shipmentResult) }),
  // payment
  RefundSettled: z.object({ tenders: z.array(tenderRefund) }),
  /** Every tender has a final no, no money moved, none is in doubt. */
  RefundRefused: z.object({ tenders: z.array(tenderRefund), message: z.string() }),
  /** Money moved for some tenders and others cannot go on by themselves: a person decides. */
  RefundStuck: z.object({
    reason: z.enum(['refund-refused-after-pivot', 'refund-overdue']),
    tenders: z.array(tenderRefund),
    message: z.string(),
  }),
  NothingMoved: z.object({}),
  MoneyMoved: z.object({ tenders: z.array(tenderRefund) }),
  // any service
  /** Accepted, and not over: the final answer comes later. Never stored. */
  StepPending: z.object({
    tenders: z.array(tenderRefund).optional(),
    shipments: z.array(shipmentResult).optional(),
    message: z.string().optional(),
  }),
  /** The step was taken back; it will not be done any more in this round. */
  Undone: z.object({}),
  NothingToUndo: z.object({}),
  /** A technical failure that outlived its attempts. */
  StepFailed: z.object({
    error: z.string(),
    attempts: z.int(),
    moneyInDoubt: z.boolean(),
    tenders: z.array(tenderRefund).optional(),
  }),
  /** The round is closed: nothing is done for it any more. `tenders`: where the money of the refund is. */
  RoundClosed: z.object({ tenders: z.array(tenderRefund).optional() }),
  /** The command could not be read. */
  CommandRejected: z.object({ deadLetterId: z.string(), reason: z.string() }),
} as const satisfies Record<string, z.ZodObject>

export type AnswerName = keyof typeof answers

export const isAnswerName = (name: string): name is AnswerName => Object.hasOwn(answers, name)
// zod infers Record<string, never> of an empty object, which no `type` could join.
type Fields<T> = string extends keyof T ? unknown : T
type AnswerOf<Name extends AnswerName> = Name extends AnswerName
  ? { readonly type: Name } & Fields<z.infer<(typeof answers)[Name]>>
  : never
/** An answer, told apart by `type`. `Answer<'StockOnSale'>` is one of them. */
export type Answer<Name extends AnswerName = AnswerName> = AnswerOf<Name>

/** Answers that any command may get. */
export const commonAnswers = [
  'StepPending',
  'Undone',
  'NothingToUndo',
  'StepFailed',
  'CommandRejected',
] as const satisfies readonly AnswerName[]

/** What an answer is on the wire: its own fields and what it answers. */
export const answerOnWire = z.looseObject({ orderId: id, requestId: id, commandId: z.string() })
