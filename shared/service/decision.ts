import type { Answer, Direction, EventData, EventType } from '@countermand/contracts'

/**
 * What a pure decision may say. A decision sees one order's state, a message and the moment; it returns what changes.
 * The kit writes all of it in one transaction, and calls nothing outside of it.
 */

/** When a decision is made. Decisions take no other time than this. */
export interface Moment {
  /** ISO 8601, UTC. */
  readonly now: string
  /** True when the order was still not heard of after `ORDER_PATIENCE`: "not yet" is no answer any more. */
  readonly patienceOver: boolean
}

/** An event for the outbox. Its key is the order's id; its id is derived, so that a second publication is a duplicate. */
export type Publication = {
  [Type in EventType]: {
    readonly type: Type
    readonly data: EventData<Type>
    /** Parts of the event's id after the order id: what happened, told apart from every other event of this order and type. */
    readonly id: readonly string[]
  }
}[EventType]

/** Work for later, or outside of the transaction: a call of a channel or carrier, a poll, a deadline. */
export interface TaskSpec {
  /** Names the task; scheduling it again moves it. A retry of the task at hand keeps its attempt count. */
  readonly id: string
  /** Which of the service's task handlers runs it. */
  readonly kind: string
  /** ISO 8601. Now or in the past: at once after the commit. */
  readonly dueAt: string
  readonly payload: unknown
  /** Whom it asks outside, as by the account that it is asked with. Of those that ask the same one only so many run at once. */
  readonly party?: string
  /** Of a task that schedules itself again: the run at hand is not one of its attempts, for nobody was asked. */
  readonly uncounted?: true
}

/** The answer of a command that was accepted earlier (the latest round of that step and direction). `StepPending` is sent, never stored. */
export interface Settlement {
  readonly requestId: string
  readonly step: string
  readonly direction: Direction
  readonly answer: Answer
}

export interface Decision<State, Reply extends Answer = Answer> {
  /** The state from now on; absent: unchanged. */
  readonly state?: State
  /** The answer to the command at hand. Absent: it is in progress, and a settlement will answer it. */
  readonly answer?: Reply
  /** For an undo that did not take (`MoneyMoved`, `AbandonRefused`): no tombstone is left, and it is decided anew when asked again. */
  readonly noTombstone?: boolean
  readonly settle?: readonly Settlement[]
  readonly publish?: readonly Publication[]
  readonly schedule?: readonly TaskSpec[]
  /** Ids of tasks that are not needed any more. */
  readonly unschedule?: readonly string[]
  /** The message cannot be used: it becomes a dead letter, and nothing else of this decision counts. */
  readonly deadLetter?: {
    readonly reason: 'order-changed' | 'request-id-reused' | 'unknown-order' | 'invalid-data'
    readonly error: string
  }
}

/** The order has not been heard of: the message waits for it, up to `ORDER_PATIENCE`. */
export const notYet = 'not-yet'
export type NotYet = typeof notYet

/** What becomes of a message whose order has not been heard of: it waits, and is put aside with this error when patience is over. */
export const unknownOrder = ({ patienceOver }: Moment, error: string): Pick<Decision<never>, 'deadLetter'> | NotYet =>
  patienceOver ? { deadLetter: { reason: 'unknown-order', error } } : notYet
