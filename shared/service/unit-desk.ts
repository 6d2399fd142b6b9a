import { type Answer, deadLetterId, said, saidThroughout } from '@countermand/contracts'
import { deadLetter } from '@countermand/kafka/dead-letter.ts'
import { type ReplyAddress, traceparentOf } from '@countermand/kafka/reading.ts'
import type { Decision } from './decision.ts'
import { type Asked, answerMessage, eventMessage } from './outgoing.ts'
import type { StepRow } from './rows.ts'
import type { AnyService } from './service.ts'
import type { StepTable } from './step-table.ts'
import type { UnitResult } from './unit-result.ts'
import type { LetterWork } from './work.ts'

/** What lies before a unit while it decides: the orders as they are by now, their steps, and what is to be written. */
export interface Desk<State> {
  readonly definition: AnyService<State>
  readonly states: Map<string, State>
  readonly steps: StepTable
  readonly result: UnitResult
  /** ISO 8601. */
  readonly now: string
  /** `ce_source` of what is sent. */
  readonly source: string
}

/** Answers who asks; one who did not say where to, hears nothing. */
export const send = <State>(
  desk: Desk<State>,
  asked: Asked & { readonly reply: ReplyAddress | null },
  answer: Answer,
): void => {
  const { orderId, requestId, commandId, traceparent } = asked
  desk.result.answered.push({ orderId, requestId, commandId, answer: answer.type, traceparent })
  if (asked.reply !== null) desk.result.outbox.push(answerMessage(desk, asked, asked.reply, answer))
}

/** Gives a step's command its answer, which stays; but `StepPending`, which is sent and not kept. */
export const answerRow = <State>(desk: Desk<State>, row: StepRow, given: Answer): void => {
  const answer = saidThroughout(given)
  if (answer.type !== 'StepPending') row.answer = answer
  row.dirty = true
  send(desk, { ...row, commandId: row.messageId ?? '' }, answer)
}

/** Does what was decided for an order. `task`: the one whose result it was decided on. */
export const applyDecision = <State>(
  desk: Desk<State>,
  orderId: string,
  decision: Decision<State>,
  traceparent: string | null,
  task?: { readonly id: string; readonly attempts: number },
): void => {
  const { states, steps, result } = desk
  if (decision.state !== undefined) states.set(orderId, decision.state)
  for (const publication of decision.publish ?? [])
    result.outbox.push(eventMessage(desk, orderId, publication, traceparent))
  for (const id of decision.unschedule ?? []) {
    result.tasks.delete(id)
    result.dropped.add(id)
  }
  for (const spec of decision.schedule ?? []) {
    result.dropped.delete(spec.id)
    const attempts = task?.id === spec.id ? task.attempts - (spec.uncounted ? 1 : 0) : 0
    result.tasks.set(spec.id, { ...spec, orderId, attempts, traceparent })
  }
  for (const { requestId, step, direction, answer } of decision.settle ?? []) {
    const row = steps.latest(orderId, requestId, step, direction)
    if (row === undefined)
      throw new Error(`expected a command to settle: ${step}/${direction} of request ${requestId}, order ${orderId}`)
    if (row.answer === null) answerRow(desk, row, answer)
  }
}

/** Makes a dead letter of a message, and tells who asked. */
export const bury = <State>(desk: Desk<State>, letter: LetterWork): void => {
  const { raw, reason, error, attempts, asker, entered } = letter
  const { definition, result, now } = desk
  if (entered !== undefined) result.buried.push({ source: entered.source, id: entered.id })
  result.outbox.push(deadLetter(raw, { reason, error, attempts, service: definition.name, failedAt: now }))
  if (asker === undefined) return
  const id = deadLetterId(raw.topic, raw.partition, raw.offset)
  send(
    desk,
    { ...asker, traceparent: traceparentOf(raw.headers) },
    { type: 'CommandRejected', deadLetterId: id, reason: said(`${reason}: ${error}`) },
  )
}
