import type { DeadLetterReason } from '@countermand/contracts'
import type { IncomingMessage } from '@countermand/kafka/message.ts'
import type { ReadCommand, ReadEvent, ReplyAddress } from '@countermand/kafka/reading.ts'
import type { Decision, Moment } from './decision.ts'
import type { TaskMoment } from './service.ts'

/** What one transaction may have to do for one message or one finished task. */
export type Work<State> =
  | (ReadCommand & Waited)
  | (ReadEvent & Waited)
  | TaskWork<State>
  | DeedWork<State>
  | PatienceWork
  | LetterWork
  | BrokenTaskWork

export interface Waited {
  /** Set when the message comes out of `waiting`: it is in the inbox already, and its row there goes with this work. */
  readonly fromWaiting?: boolean
  /** `ORDER_PATIENCE` has passed for it. */
  readonly patienceOver?: boolean
}

export interface TaskWork<State> {
  readonly kind: 'task'
  readonly taskId: string
  readonly orderId: string
  /** The lease under which the task ran: when another has it by now, the result is dropped. */
  readonly token: string
  readonly traceparent: string | null
  readonly decide: (state: State | undefined, at: TaskMoment) => Decision<State>
  /** The decision when its result cannot be used: as of a call that failed. */
  readonly failing?: (error: string) => (state: State | undefined, at: TaskMoment) => Decision<State>
}

/** What a person asks for, which came as no message: it is decided once, and whoever asked is told when it cannot be. */
export interface DeedWork<State> {
  readonly kind: 'deed'
  readonly orderId: string
  readonly traceparent: string | null
  readonly decide: (state: State | undefined, at: Moment) => Decision<State>
  readonly failed: (error: Error) => void
}

/** A task that cannot be run at all: its row stays for a person, and the steps that wait for it fail. */
export interface BrokenTaskWork {
  readonly kind: 'broken-task'
  readonly taskId: string
  readonly orderId: string
  readonly token: string
  readonly error: string
}

/** `ORDER_PATIENCE` has passed for a message that waits for its order, or the order has come. */
export interface PatienceWork {
  readonly kind: 'patience'
  readonly taskId: string
  readonly orderId: string
  readonly token: string
  readonly messageId: string
  /** Of a command: the store loads by it. */
  readonly requestId?: string | undefined
  readonly arrived?: boolean | undefined
}

/** A message that cannot be used. */
export interface LetterWork {
  readonly kind: 'letter'
  readonly raw: IncomingMessage
  readonly reason: DeadLetterReason
  readonly error: string
  readonly attempts: number
  /** The order and id under which it waits, when it does. */
  readonly waits?: { readonly orderId: string; readonly messageId: string }
  /** For an event that is in the inbox. */
  readonly entered?: { readonly source: string; readonly id: string }
  /** For a command: its asker is told. */
  readonly asker:
    | { readonly orderId: string; readonly requestId: string; readonly commandId: string; readonly reply: ReplyAddress }
    | undefined
}

export const orderOf = <State>(work: Work<State>): string | undefined =>
  work.kind === 'letter' ? undefined : work.orderId
