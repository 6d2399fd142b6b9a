import { type Answer, sourceOf } from '@countermand/contracts'
import type { ReadCommand, ReadEvent } from '@countermand/kafka/reading.ts'
import { notYet } from './decision.ts'
import { letterOf } from './letter.ts'
import type { StepRow } from './rows.ts'
import type { AnyService } from './service.ts'
import { createStepTable } from './step-table.ts'
import { handleCommand } from './unit-command.ts'
import { answerRow, applyDecision, bury, type Desk, send } from './unit-desk.ts'
import { emptyResult, type UnitResult } from './unit-result.ts'
import type { BrokenTaskWork, DeedWork, PatienceWork, TaskWork, Waited, Work } from './work.ts'

/** One transaction's work, in memory. */
export interface Unit<State> {
  readonly result: UnitResult
  /** Makes the decision of one message or task. `attempts`: how often the task ran. */
  handle(work: Exclude<Work<State>, PatienceWork>, attempts?: number): void
  /** Answers a query; nothing of it is kept. */
  reply(query: ReadCommand, answer: Answer): void
  stepRows(): StepRow[]
}

const handleEvent = <State>(desk: Desk<State>, event: ReadEvent & Waited, orderId: string): void => {
  const handler = desk.definition.events[event.type]
  if (handler === undefined || !('decide' in handler)) return
  const at = { now: desk.now, patienceOver: event.patienceOver ?? false }
  const decision = handler.decide(desk.states.get(orderId), event.data, at)
  if (decision === notYet) {
    if (event.patienceOver)
      throw new Error(`expected a decision on ${event.type} ${event.id} once patience is over, got not-yet`)
    desk.result.waiting.push(event)
  } else if (decision.deadLetter !== undefined) bury(desk, { ...letterOf(event, decision.deadLetter), entered: event })
  else applyDecision(desk, orderId, decision, event.traceparent)
}

const handleTask = <State>(desk: Desk<State>, work: TaskWork<State>, attempts: number): void => {
  const decision = work.decide(desk.states.get(work.orderId), { now: desk.now, patienceOver: false, attempt: attempts })
  applyDecision(desk, work.orderId, decision, work.traceparent, { id: work.taskId, attempts })
}

const handleDeed = <State>(desk: Desk<State>, { orderId, decide, traceparent }: DeedWork<State>): void =>
  applyDecision(desk, orderId, decide(desk.states.get(orderId), { now: desk.now, patienceOver: false }), traceparent)

/** Nobody knows which step it was of: all that wait for this order. One that a person tries again has a task of its own. */
const handleBroken = <State>(desk: Desk<State>, { orderId, error }: BrokenTaskWork, attempts: number): void => {
  const moneyInDoubt = desk.definition.name === 'payment'
  for (const row of desk.steps.all())
    if (row.orderId === orderId && row.command !== null && row.answer === null)
      answerRow(desk, row, { type: 'StepFailed', error, attempts, moneyInDoubt })
}

/**
 * One transaction's work, in memory: decisions are made here in order, each on the state that the one before left.
 * Nothing here waits or writes; the caller loads before and saves after.
 */
export const createUnit = <State>(context: {
  readonly definition: AnyService<State>
  readonly states: Map<string, State>
  readonly steps: readonly StepRow[]
  /** ISO 8601. */
  readonly now: string
}): Unit<State> => {
  const { definition, states, now } = context
  const steps = createStepTable(context.steps)
  const desk: Desk<State> = {
    ...{ definition, states, steps, now },
    source: sourceOf(definition.name),
    result: emptyResult(),
  }
  return {
    result: desk.result,
    handle: (work, attempts = 0) => {
      if (work.kind === 'command') handleCommand(desk, work)
      else if (work.kind === 'letter') bury(desk, work)
      else if (work.kind === 'task') handleTask(desk, work, attempts)
      else if (work.kind === 'deed') handleDeed(desk, work)
      else if (work.kind === 'broken-task') handleBroken(desk, work, attempts)
      else if (work.orderId !== undefined) handleEvent(desk, work, work.orderId)
    },
    reply: (query, answer) => send(desk, { ...query, commandId: query.messageId }, answer),
    stepRows: () => steps.all(),
  }
}
