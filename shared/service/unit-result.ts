import type { Answer } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { ReadCommand, ReadEvent } from '@countermand/kafka/reading.ts'
import type { TaskSpec } from './decision.ts'

/** A task to write. `attempts` goes on when a task schedules itself again. */
export interface ScheduledTask extends TaskSpec {
  readonly orderId: string
  readonly attempts: number
  /** Of what it was first scheduled for: a task that schedules itself again goes on beside its earlier runs. */
  readonly traceparent: string | null
}

/** What the transaction writes at its end. */
export interface UnitResult {
  readonly outbox: OutgoingMessage[]
  readonly tasks: Map<string, ScheduledTask>
  readonly dropped: Set<string>
  readonly waiting: (ReadCommand | ReadEvent)[]
  /** Events of the inbox that became dead letters. */
  readonly buried: { readonly source: string; readonly id: string }[]
  /** What was answered, to be logged once it is committed. */
  readonly answered: Answered[]
}

export interface Answered {
  readonly orderId: string
  readonly requestId: string
  readonly commandId: string
  readonly answer: Answer['type']
  readonly traceparent: string | null
}

export const emptyResult = (): UnitResult => ({
  outbox: [],
  tasks: new Map(),
  dropped: new Set(),
  waiting: [],
  buried: [],
  answered: [],
})
