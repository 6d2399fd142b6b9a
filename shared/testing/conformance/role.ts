import type { AnswerName, CommandName, PlacedOrder, ServiceName } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'
import type { Bus } from '../bus.ts'

/** One request about one order. */
export interface Ids {
  readonly orderId: string
  readonly requestId: string
}

/** A command of a service, with data that the sample orders fit. */
export interface Asking {
  readonly command: CommandName
  readonly message: (bus: Bus, ids: Ids, round: number, replyTo: string) => OutgoingMessage
}

/** An undo, and what it answers. */
export interface Undo extends Asking {
  /** After the step was done. */
  readonly afterYes: AnswerName
  /** After the step was refused; absent: it is never refused. */
  readonly afterNo?: AnswerName
  /** When nothing was done yet: it leaves a tombstone. */
  readonly afterNothing: AnswerName
  /** What a do of a later round than the tombstone's is answered. */
  readonly nextRound: AnswerName
  /** False where there is no way back once it was done: then the undo changes nothing. */
  readonly restores: boolean
}

/** A step that a service does: what it is asked and what it answers. */
export interface Step extends Asking {
  readonly yes: AnswerName
  /** What it answers about the order that everybody refuses; absent: it is never refused. */
  readonly no?: AnswerName
  /** The step that comes before it. */
  readonly after?: Step
  /** What it answers when its order was not heard of within `ORDER_PATIENCE`, and in the next round, when it was. Absent: it needs no order. */
  readonly unheard?: { readonly answer: AnswerName; readonly nextRound: AnswerName }
  readonly undo?: Undo
}

/** What a participant is: one of the four services, as the contracts have it. */
export interface Role {
  readonly service: ServiceName
  /** The event that brings an order. */
  readonly arrival: (bus: Bus, order: PlacedOrder) => OutgoingMessage
  /** The first is the service's main one. */
  readonly steps: readonly [Step, ...Step[]]
}
