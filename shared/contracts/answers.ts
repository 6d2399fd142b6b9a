import { z } from 'zod'
import { takenRequest } from './cancel-requests.ts'
import { most } from './limits.ts'
import { amount, currency, takenId as id, orderVersion, textOf, textOfBytes, timestamp, words } from './primitives.ts'
import {
  approvalDecision,
  cancelledLines,
  parcels,
  recordedTurn,
  resolutions,
  shipmentResults,
  stockLine,
  stockLines,
} from './records.ts'
import { tenderRefunds } from './refund-events.ts'
import { channelName, refusalCode, sagaOutcome, sagaStage } from './vocabulary.ts'

/**
 * Every answer. On the wire the CloudEvents type is the name; the data adds `orderId`, `requestId` and `commandId`.
 */

const refusal = z.object({ message: words })

/** Every answer by its name, as a schema of its own fields. */
export const answers = {
  // order
  CancellationBegun: z.object({
    merchantId: id,
    /** Absent: a guest. */
    customerId: id.optional(),
    currency,
    /** Minor units: what the refund must add up to. */
    amount,
    lines: cancelledLines,
    /** True when nothing of the order is left afterwards. */
    whole: z.boolean(),
    parcels,
    tenders: z.array(z.object({ tenderId: id, channel: channelName, amount })).max(most.tenders),
    approval: z.discriminatedUnion('needed', [
      z.object({ needed: z.literal(false) }),
      z.object({
        needed: z.literal(true),
        decideBy: timestamp,
        onSilence: z.enum(['approve', 'reject']),
        /** Whose decision counts; absent: anybody's. */
        from: z.array(id).max(most.entries).optional(),
      }),
    ]),
    /** Which version of the order this is about: others wait until they have heard of it. Absent: as it was placed. */
    orderVersion: orderVersion.optional(),
    /** Policy: where money goes by itself when one tender was refunded and another is refused. */
    refundFallback: z.enum(['attention', 'store-credit', 'bank-transfer']),
    /** What was decided in an earlier run of this saga: it is not asked again. */
    decided: z.object({
      approval: approvalDecision.optional(),
      resolutions,
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
  /** The request ended before: what it came to. Nothing is published again. `resolutions`: as with `OrderCancelled`. */
  AlreadyEnded: z.object({
    outcome: sagaOutcome,
    code: refusalCode.optional(),
    stage: sagaStage,
    resolutions: resolutions.optional(),
  }),
  /** The request id belongs to another order or other content. */
  RequestIdReused: refusal,
  CancellationAbandoned: z.object({ outcome: sagaOutcome, code: refusalCode.optional(), stage: sagaStage }),
  /** The order was closed by this request: there is no way back. */
  AbandonRefused: z.object({ outcome: sagaOutcome }),
  /** `resolutions`: what people have decided about the request, where they have. A run that was reset does not know of it. */
  OrderCancelled: z.object({ at: timestamp, resolutions: resolutions.optional() }),
  LinesCancelled: z.object({ at: timestamp, resolutions: resolutions.optional() }),
  /**
   * `resolutions`: all that are written down by now, where any are. Where the record is of a person's decision, another under the same key,
   * made in a run that this one knows nothing of, counts in its place.
   */
  CancellationRecorded: z.object({ resolutions: resolutions.optional() }),
  /** To the record of a turn: the order is closed, or a person has settled the refund elsewhere. It is not written down. */
  TurnTooLate: z.object({}),
  /** A page of the holds, in the order of their request ids. */
  HoldsListed: z.object({
    holds: z.array(z.object({ request: takenRequest, since: timestamp })).max(most.entries),
    more: z.boolean(),
    /** With the first holds: requests that are open and whose code failed, as far as is known still does; `alarm` is the key of the record that says so. */
    failing: z
      .array(z.object({ request: takenRequest, alarm: textOf(256, 'a key') }))
      .max(most.entries)
      .optional(),
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
    resolutions,
  }),
  // inventory
  StockSetAside: z.object({
    lines: z.array(stockLine.extend({ from: z.enum(['reserved', 'shipped']) })).max(most.takenLines),
  }),
  ReservationNotFound: refusal,
  StockReservedAgain: z.object({ lines: stockLines }),
  StockOnSale: z.object({ lines: stockLines }),
  AwaitingParcel: z.object({ lines: stockLines }),
  // logistics
  FulfilmentPaused: z.object({ shipments: shipmentResults }),
  NothingToStop: z.object({ shipments: shipmentResults }),
  LabelVoided: z.object({ shipments: shipmentResults }),
  ShipmentIntercepted: z.object({ shipments: shipmentResults }),
  InterceptFailed: z.object({ shipments: shipmentResults, message: words }),
  ShipmentResumed: z.object({ shipments: shipmentResults }),
  LabelsReleased: z.object({ shipments: shipmentResults }),
  // payment
  RefundSettled: z.object({ tenders: tenderRefunds }),
  /** Every tender has a final no, no money moved, none is in doubt. */
  RefundRefused: z.object({ tenders: tenderRefunds, message: words }),
  /** Money moved for some tenders and others cannot go on by themselves: a person decides. */
  RefundStuck: z.object({
    reason: z.enum(['refund-refused-after-pivot', 'refund-overdue']),
    tenders: tenderRefunds,
    message: words,
  }),
  NothingMoved: z.object({}),
  MoneyMoved: z.object({ tenders: tenderRefunds }),
  // any service
  /** Accepted, and not over: the final answer comes later. Never stored. */
  StepPending: z.object({
    tenders: tenderRefunds.optional(),
    shipments: shipmentResults.optional(),
    message: words.optional(),
  }),
  /** The step was taken back; it will not be done any more in this round. */
  Undone: z.object({}),
  NothingToUndo: z.object({}),
  /** A technical failure that outlived its attempts. */
  StepFailed: z.object({
    error: words,
    attempts: z.int(),
    moneyInDoubt: z.boolean(),
    tenders: tenderRefunds.optional(),
  }),
  /** The round is closed: nothing is done for it any more. `tenders`: where the money of the refund is. */
  RoundClosed: z.object({ tenders: tenderRefunds.optional() }),
  /** The command could not be read. */
  CommandRejected: z.object({ deadLetterId: textOf(512, 'the id of a dead letter'), reason: words }),
} as const satisfies Record<string, z.ZodObject>

/** The name of an answer: its CloudEvents type on the wire. */
export type AnswerName = keyof typeof answers

/** Whether a text from outside names an answer. */
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
export const answerOnWire = z.looseObject({
  orderId: id,
  requestId: id,
  commandId: textOfBytes(most.messageIdBytes, 'a command id'),
})
