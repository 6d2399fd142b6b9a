import { z } from 'zod'
import type { Answer, AnswerName, commonAnswers } from './answers.ts'
import { takenRequest } from './cancel-requests.ts'
import type { Direction } from './message-id.ts'
import { amount, currency, takenId as id, note, orderVersion, textOf, timestamp } from './primitives.ts'
import { cancellationRecord, settlements, stepRound, stockLines } from './records.ts'
import { tenderRefunds } from './refund-events.ts'
import { type KitName, reasonCode, refusalCode, type ServiceName, sagaStage, serviceName } from './vocabulary.ts'

/**
 * Every command of the saga: whose it is, which step it does or undoes, and what it may be answered. On the wire the CloudEvents
 * type is the name.
 */

const command = z.object({
  orderId: id,
  requestId: id,
  /** Which attempt by decision this is: a retry keeps it, a recorded decision (`retry`, `refund-elsewhere`) opens the next. */
  round: z.int32().positive(),
})

/** Of an order that was changed: the version that the command is about. A service that has heard of an older one waits for it. */
const ofVersion = { orderVersion: orderVersion.optional() }

interface CommandDefinition {
  /** `owner`: each service takes it, about steps of its own. */
  readonly service: ServiceName | 'owner'
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

/** Every command by its name: which service does it, of which step and direction it is, and what it may be answered. */
export const commands = {
  BeginCancellation: {
    service: 'order',
    step: 'hold-order',
    direction: 'do',
    /** `publishedAt`: when the request was published, by which the time that it names is bounded. */
    data: command.extend({ ...takenRequest.shape, publishedAt: timestamp.optional() }),
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
      request: takenRequest,
    }),
    answers: ['CancellationAbandoned', 'AbandonRefused'],
  },
  RecordCancellation: {
    service: 'order',
    step: 'record',
    direction: 'do',
    /** `key` tells records apart: it is part of the message id (`record.<key>`), so one is written once. */
    data: command.extend({
      key: textOf(256, 'a key'),
      /** Absent for input about a request that the orchestrator does not know (any more). */
      request: takenRequest.optional(),
      record: cancellationRecord,
    }),
    answers: ['CancellationRecorded', 'TurnTooLate'],
  },
  ConfirmCancellation: {
    service: 'order',
    step: 'close-order',
    direction: 'do',
    data: command.extend({ refunds: tenderRefunds }),
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
    data: command.extend({ whole: z.boolean(), lines: stockLines, ...ofVersion }),
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
  /** Of parcels that were only held until the money was on its way. */
  ReleaseLabels: {
    service: 'logistics',
    step: 'release-labels',
    direction: 'do',
    data: command,
    answers: ['LabelsReleased'],
  },
  SetStockAside: {
    service: 'inventory',
    step: 'set-stock-aside',
    direction: 'do',
    data: command.extend({ lines: stockLines, ...ofVersion }),
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
      ...ofVersion,
      /** Minor units: what to give back over all tenders. */
      amount,
      currency,
      refundTo: z.enum(['original', 'store-credit']),
      /** A person's decision after the pivot: what is still refused goes there instead. */
      elsewhere: z.enum(['store-credit', 'bank-transfer']).optional(),
      /**
       * The same of an earlier round, of which payment may never have heard: it holds while no later one than that was heard of. Where
       * payment heard of it, the money is where that round has left it.
       */
      chosen: z.object({ round: z.int32().positive(), to: z.enum(['store-credit', 'bank-transfer']) }).optional(),
      /** Why the order is cancelled: some providers ask. */
      reason: reasonCode.optional(),
      /** Only this tender, whose refund was reversed: the others stay as they are. */
      tenderId: id.optional(),
      /** Policy: what to do by itself when money has moved for one tender and another is refused. */
      fallback: z.enum(['attention', 'store-credit', 'bank-transfer']).default('attention'),
    }),
    answers: ['RefundSettled', 'RefundRefused', 'RefundStuck'],
  },
  CloseRound: {
    service: 'owner',
    step: 'close',
    direction: 'do',
    /**
     * A person has decided about `closes`: nothing is done for that round any more, whatever comes. `key` names it, as in
     * `refund-do-1`: it is part of the message id (`close.<key>`).
     */
    data: command.extend({
      key: textOf(256, 'a key'),
      closes: stepRound,
      decision: z.enum(['skip', 'refund-elsewhere']),
      /** Of the refund: what was given back by hand. */
      settled: settlements.optional(),
      /** Only this tender of the refund. */
      tenderId: id.optional(),
      /** Only this parcel: it came back after the end, and a person has taken care of it. */
      shipmentId: id.optional(),
      by: id,
      reason: note,
    }),
    answers: ['RoundClosed'],
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

/** The name of a command: its CloudEvents type on the wire. */
export type CommandName = keyof typeof commands

/** Whether a text from outside names a command. */
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commands, name)
/** The data of a command, as it is read: `orderId`, `requestId`, `commandId`, and its own fields. */
export type CommandData<Name extends CommandName> = z.infer<(typeof commands)[Name]['data']>
/** A command that was read: its name and its data. */
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
export type CommandsOf<Service extends KitName> = {
  [Name in CommandName]: (typeof commands)[Name]['service'] extends Service ? Name : never
}[CommandName]

/** The step that a command's message id names. A record has one of its own per key, and so has what closes a round. */
export const stepOf = (name: CommandName, data: { readonly key?: string }): string =>
  name === 'RecordCancellation' || name === 'CloseRound'
    ? `${commands[name].step}.${data.key ?? ''}`
    : commands[name].step

/** The services that take a command. */
export const takersOf = (name: CommandName): readonly ServiceName[] => {
  const { service } = commands[name]
  return service === 'owner' ? serviceName.options : [service]
}

const owners = new Map<string, ServiceName>(
  Object.values(commands).flatMap(({ step, service }) => (service === 'owner' ? [] : [[step, service] as const])),
)

/** The service that a command is sent to; `undefined`: it is about a step that nobody owns. */
export const serviceOf = (name: CommandName, data: unknown): ServiceName | undefined => {
  const { service } = commands[name]
  if (service !== 'owner') return service
  const about = z.object({ closes: stepRound }).safeParse(data)
  return about.success ? owners.get(about.data.closes.step) : undefined
}
