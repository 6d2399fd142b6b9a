import { z } from 'zod'
import { cancelRequested, requestedLine } from './cancel-requests.ts'
import type { Direction } from './message-id.ts'
import { amount, currency, id, note, text, timestamp } from './primitives.ts'
import { tenderRefund } from './refund-events.ts'
import {
  attentionReason,
  channelName,
  inputRejection,
  refusalCode,
  remedy,
  type ServiceName,
  sagaOutcome,
  sagaStage,
  shipmentStatus,
} from './vocabulary.ts'

/**
 * Every command of the saga and every answer to it. On the wire the CloudEvents type is the name; the data of an answer
 * adds `orderId`, `requestId` and `commandId`.
 */

const command = z.object({
  orderId: id,
  requestId: id,
  /** Which attempt by decision this is: a retry keeps it, a recorded decision (`retry`, `refund-elsewhere`) opens the next. */
  round: z.int32().positive(),
})

export const cancelledLine = requestedLine.extend({ sku: id })
export type CancelledLine = z.infer<typeof cancelledLine>

/** A person's way out for a saga that needs attention. */
export const resolution = z.object({
  step: text,
  direction: z.enum(['do', 'undo']),
  round: z.int32().positive(),
  decision: remedy,
  to: z.enum(['store-credit', 'bank-transfer']).optional(),
  by: id,
  reason: note,
  at: timestamp,
})
export type Resolution = z.infer<typeof resolution>

/** The merchant's decision, or what policy made of silence. */
export const approvalDecision = z.object({
  decision: z.enum(['approve', 'reject']),
  by: id,
  message: note.optional(),
  at: timestamp,
})
export type ApprovalDecision = z.infer<typeof approvalDecision>

const shipmentResult = z.object({
  shipmentId: id,
  result: z.enum(['not-needed', 'label-voided', 'intercepted', 'failed', 'resumed', 'paused']),
  failure: z
    .enum(['delivered', 'out-for-delivery', 'ineligible', 'refused', 'no-answer', 'holds-other-lines'])
    .optional(),
})
export type ShipmentResult = z.infer<typeof shipmentResult>

/** Why, and from where, a saga turned back: a run that starts again goes on with it. */
export const recordedTurn = z.object({
  outcome: z.enum(['refused', 'withdrawn', 'compensated']),
  code: refusalCode.optional(),
  stage: sagaStage,
  by: id.optional(),
  message: z.string().max(2000).optional(),
})
export type RecordedTurn = z.infer<typeof recordedTurn>

const record = z.discriminatedUnion('what', [
  z.object({
    what: z.literal('awaiting-merchant'),
    decideBy: timestamp,
    onSilence: z.enum(['approve', 'reject']),
    shipments: z.array(z.object({ shipmentId: id, status: shipmentStatus })),
  }),
  z.object({ what: z.literal('decided'), ...approvalDecision.shape }),
  z.object({
    what: z.literal('needs-attention'),
    stage: sagaStage,
    reason: attentionReason,
    error: text,
    since: timestamp,
    remedies: z.array(remedy),
  }),
  z.object({ what: z.literal('resolved'), ...resolution.shape }),
  z.object({ what: z.literal('turning-back'), ...recordedTurn.shape }),
  z.object({ what: z.literal('input-rejected'), input: text, code: inputRejection, at: timestamp }),
])
export type CancellationRecord = z.infer<typeof record>

interface CommandDefinition {
  readonly service: ServiceName
  readonly step: string
  readonly direction: Direction
  /** For an undo: the steps it takes back. A do of one of these that comes later is answered `Undone`. */
  readonly undoes?: readonly string[]
  readonly data: z.ZodObject
  /** It asks and changes nothing: answered anew each time, nothing of it is kept. */
  readonly query?: true
  /** The answers that are this command's own, besides those that every command may get. */
  readonly answers: readonly AnswerName[]
}

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
  StepFailed: z.object({ error: z.string(), attempts: z.int(), moneyInDoubt: z.boolean() }),
  /** The command could not be read. */
  CommandRejected: z.object({ deadLetterId: z.string(), reason: z.string() }),
} as const satisfies Record<string, z.ZodObject>

export type AnswerName = keyof typeof answers
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

export const commands = {
  BeginCancellation: {
    service: 'order',
    step: 'hold-order',
    direction: 'do',
    data: command.extend(cancelRequested.shape),
    answers: [
      'CancellationBegun',
      'OrderNotFound',
      'AlreadyCancelled',
      'CancellationInProgress',
      'WindowClosed',
      'AccountBlocked',
      'QuantityExceeded',
      'NotCancellable',
      'AlreadyEnded',
      'RequestIdReused',
    ],
  },
  AbandonCancellation: {
    service: 'order',
    step: 'hold-order',
    direction: 'undo',
    undoes: ['hold-order'],
    data: command.extend({
      outcome: z.enum(['refused', 'withdrawn', 'compensated']),
      code: refusalCode.optional(),
      /** Where the saga was when it turned back. */
      stage: sagaStage,
      by: id.optional(),
      message: note.optional(),
      /** The request, so that one that was withdrawn before it began can be told. */
      request: cancelRequested,
    }),
    answers: ['CancellationAbandoned', 'AbandonRefused'],
  },
  RecordCancellation: {
    service: 'order',
    step: 'record',
    direction: 'do',
    /** `key` tells records apart: it is part of the message id (`record.<key>`), so one is written once. */
    data: command.extend({
      key: text.max(256),
      /** Absent for input about a request that the orchestrator does not know (any more). */
      request: cancelRequested.optional(),
      record,
    }),
    answers: ['CancellationRecorded'],
  },
  ConfirmCancellation: {
    service: 'order',
    step: 'close-order',
    direction: 'do',
    data: command.extend({ refunds: z.array(tenderRefund) }),
    answers: ['OrderCancelled', 'LinesCancelled'],
  },
  ListHolds: {
    service: 'order',
    step: 'list-holds',
    direction: 'do',
    query: true,
    /** Holds that began at `until` or before, after the request id `after`. */
    data: command.extend({ until: timestamp, after: id.optional() }),
    answers: ['HoldsListed'],
  },
  ReadCancellation: {
    service: 'order',
    step: 'read-cancellation',
    direction: 'do',
    query: true,
    data: command,
    answers: ['CancellationRead'],
  },
  PauseFulfilment: {
    service: 'logistics',
    step: 'pause-fulfilment',
    direction: 'do',
    data: command,
    answers: ['FulfilmentPaused'],
  },
  StopShipment: {
    service: 'logistics',
    step: 'stop-parcels',
    direction: 'do',
    data: command.extend({ whole: z.boolean(), lines: z.array(cancelledLine) }),
    answers: ['NothingToStop', 'LabelVoided', 'ShipmentIntercepted', 'InterceptFailed'],
  },
  ResumeShipment: {
    service: 'logistics',
    step: 'stop-parcels',
    direction: 'undo',
    undoes: ['stop-parcels', 'pause-fulfilment'],
    data: command,
    answers: ['ShipmentResumed'],
  },
  SetStockAside: {
    service: 'inventory',
    step: 'set-stock-aside',
    direction: 'do',
    data: command.extend({ lines: z.array(cancelledLine) }),
    answers: ['StockSetAside', 'ReservationNotFound'],
  },
  ReserveAgain: {
    service: 'inventory',
    step: 'set-stock-aside',
    direction: 'undo',
    undoes: ['set-stock-aside'],
    data: command,
    answers: ['StockReservedAgain'],
  },
  ReturnStockToSale: {
    service: 'inventory',
    step: 'return-stock',
    direction: 'do',
    data: command,
    answers: ['StockOnSale', 'AwaitingParcel'],
  },
  RefundOrder: {
    service: 'payment',
    step: 'refund',
    direction: 'do',
    data: command.extend({
      /** Minor units: what to give back over all tenders. */
      amount,
      currency,
      refundTo: z.enum(['original', 'store-credit']),
      /** A person's decision after the pivot: what is still refused goes there instead. */
      elsewhere: z.enum(['store-credit', 'bank-transfer']).optional(),
      /** Only this tender, whose refund was reversed: the others stay as they are. */
      tenderId: id.optional(),
      /** Policy: what to do by itself when money has moved for one tender and another is refused. */
      fallback: z.enum(['attention', 'store-credit', 'bank-transfer']).default('attention'),
    }),
    answers: ['RefundSettled', 'RefundRefused', 'RefundStuck'],
  },
  ForbidRefund: {
    service: 'payment',
    step: 'refund',
    direction: 'undo',
    undoes: ['refund'],
    data: command,
    answers: ['NothingMoved', 'MoneyMoved'],
  },
} as const satisfies Record<string, CommandDefinition>

export type CommandName = keyof typeof commands
export type CommandData<Name extends CommandName> = z.infer<(typeof commands)[Name]['data']>
export type Command<Name extends CommandName = CommandName> = Name extends CommandName
  ? { readonly type: Name; readonly data: CommandData<Name> }
  : never
/** What a command may be answered. */
export type AnswerTo<Name extends CommandName> = Answer<
  (typeof commands)[Name]['answers'][number] | (typeof commonAnswers)[number]
>
/** The commands that ask and change nothing. */
export type QueryName = {
  [Name in CommandName]: (typeof commands)[Name] extends { readonly query: true } ? Name : never
}[CommandName]
/** The commands that one service accepts. */
export type CommandsOf<Service extends ServiceName> = {
  [Name in CommandName]: (typeof commands)[Name]['service'] extends Service ? Name : never
}[CommandName]

/** The step that a command's message id names. A record has one of its own per key. */
export const stepOf = (name: CommandName, data: { readonly key?: string }): string =>
  name === 'RecordCancellation' ? `record.${data.key ?? ''}` : commands[name].step

/** What an answer is on the wire: its own fields and what it answers. */
export const answerOnWire = z.looseObject({ orderId: id, requestId: id, commandId: z.string() })

export type { Direction }
