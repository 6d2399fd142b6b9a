import {
  type Answer,
  type CommandData,
  type Direction,
  deadLetterId,
  eventHeaders,
  eventId,
  events,
  said,
  saidThroughout,
} from '@countermand/contracts'
import { closeRound, leaveTombstones } from './closed-round.ts'
import { deadLetter } from './dead-letter.ts'
import { type Decision, type Moment, notYet, type Publication, type TaskSpec } from './decision.ts'
import type { OutgoingMessage } from './message.ts'
import { type ReadCommand, type ReadEvent, traceparentOf } from './reading.ts'
import type { ReplyAddress, StepRow } from './rows.ts'
import type { AnyService } from './service.ts'
import type { BrokenTaskWork, LetterWork, PatienceWork, TaskWork, Work } from './work.ts'

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

const stepKey = (orderId: string, requestId: string, step: string, direction: string): string =>
  JSON.stringify([orderId, requestId, step, direction])

/** For services to whom a closed round means no more than that nothing of it is done. */
const closingOnly = {
  decide: (): Decision<never> => ({ answer: { type: 'RoundClosed' } }),
  again: undefined,
}

const isClosing = (command: ReadCommand): command is ReadCommand & { readonly data: CommandData<'CloseRound'> } =>
  command.name === 'CloseRound'

/**
 * One transaction's work, in memory: decisions are made here in order, each on the state that the one before left.
 * Nothing here waits or writes; the caller loads before and saves after.
 */
export const createUnit = <State>(context: {
  readonly definition: AnyService<State>
  readonly states: Map<string, State>
  readonly steps: StepRow[]
  /** ISO 8601. */
  readonly now: string
}) => {
  const { definition, states, now } = context
  const source = `/countermand/${definition.name}`
  const steps = Map.groupBy(context.steps, (row) => stepKey(row.orderId, row.requestId, row.step, row.direction))
  const result: UnitResult = { outbox: [], tasks: new Map(), dropped: new Set(), waiting: [], buried: [], answered: [] }

  const rowsOf = (orderId: string, requestId: string, step: string, direction: string): StepRow[] => {
    const key = stepKey(orderId, requestId, step, direction)
    const rows = steps.get(key) ?? []
    steps.set(key, rows)
    return rows
  }
  const latest = (rows: readonly StepRow[]): StepRow | undefined =>
    rows.reduce<StepRow | undefined>(
      (last, row) => (last === undefined || row.round > last.round ? row : last),
      undefined,
    )

  const send = (
    asked: {
      orderId: string
      requestId: string
      commandId: string
      reply: ReplyAddress | null
      traceparent: string | null
    },
    answer: Answer,
  ) => {
    const { type, ...fields } = answer
    const { orderId, requestId, commandId, traceparent } = asked
    result.answered.push({ orderId, requestId, commandId, answer: type, traceparent })
    if (asked.reply === null) return
    result.outbox.push({
      topic: asked.reply.topic,
      key: asked.orderId,
      ...(asked.reply.partition === undefined ? {} : { partition: asked.reply.partition }),
      headers: {
        ...eventHeaders({ id: `${asked.commandId}/${type}`, source, type, time: now, subject: asked.requestId }),
        'reply-to': asked.reply.replyTo,
        ...(traceparent === null ? {} : { traceparent }),
      },
      value: JSON.stringify({
        orderId: asked.orderId,
        requestId: asked.requestId,
        commandId: asked.commandId,
        ...fields,
      }),
    })
  }

  const publish = (orderId: string, publication: Publication, traceparent: string | null) => {
    const { topic } = events[publication.type]
    result.outbox.push({
      topic,
      key: orderId,
      headers: {
        ...eventHeaders({
          id: eventId(orderId, publication.type, ...publication.id),
          source,
          type: publication.type,
          time: now,
          subject: orderId,
        }),
        ...(traceparent === null ? {} : { traceparent }),
      },
      value: JSON.stringify(publication.data),
    })
  }

  const answerRow = (row: StepRow, given: Answer) => {
    const answer = saidThroughout(given)
    if (answer.type !== 'StepPending') row.answer = answer
    row.dirty = true
    send({ ...row, commandId: row.messageId ?? '' }, answer)
  }

  const apply = (
    orderId: string,
    decision: Decision<State>,
    traceparent: string | null,
    task?: { id: string; attempts: number },
  ) => {
    if (decision.state !== undefined) states.set(orderId, decision.state)
    for (const publication of decision.publish ?? []) publish(orderId, publication, traceparent)
    for (const id of decision.unschedule ?? []) {
      result.tasks.delete(id)
      result.dropped.add(id)
    }
    for (const spec of decision.schedule ?? []) {
      result.dropped.delete(spec.id)
      const attempts = task?.id === spec.id ? task.attempts : 0
      result.tasks.set(spec.id, { ...spec, orderId, attempts, traceparent })
    }
    for (const settlement of decision.settle ?? []) {
      const row = latest(rowsOf(orderId, settlement.requestId, settlement.step, settlement.direction))
      if (row === undefined)
        throw new Error(
          `expected a command to settle: ${settlement.step}/${settlement.direction} of request ${settlement.requestId}, order ${orderId}`,
        )
      if (row.answer === null) answerRow(row, settlement.answer)
    }
  }

  const handlerOf = (command: ReadCommand) => {
    if (command.name === 'CloseRound') return definition.closing ?? closingOnly
    const handler = definition.commands[command.name]
    if (handler === undefined)
      throw new Error(`expected a handler of ${command.name} in the ${definition.name} service`)
    return handler
  }

  const newRow = (command: ReadCommand, step: string): StepRow => {
    const row: StepRow = {
      orderId: command.orderId,
      requestId: command.requestId,
      step,
      direction: command.direction,
      round: command.round,
      command: command.name,
      messageId: command.messageId,
      data: command.data,
      answer: null,
      tombstone: command.direction === 'undo',
      reply: command.reply,
      traceparent: command.traceparent,
      dirty: true,
    }
    return row
  }

  const isUndone = (command: ReadCommand): boolean =>
    command.direction === 'do' &&
    rowsOf(command.orderId, command.requestId, command.step, 'undo').some(
      (row) => row.tombstone && row.round >= command.round,
    )

  /** A row that this command is a duplicate of. An undo that did not take is decided anew. */
  const earlier = (command: ReadCommand): StepRow | undefined => {
    const row = latest(rowsOf(command.orderId, command.requestId, command.step, command.direction))
    if (row === undefined || row.round < command.round) return undefined
    return row.direction === 'undo' && !row.tombstone ? undefined : row
  }

  const repeat = (row: StepRow, command: ReadCommand, at: Moment) => {
    row.reply = command.reply ?? row.reply
    row.traceparent = command.traceparent ?? row.traceparent
    row.dirty = true
    const answer = handlerOf(command).again?.(states.get(command.orderId), command.data, row.answer ?? undefined, at)
    send({ ...row, commandId: command.messageId }, answer ?? row.answer ?? { type: 'StepPending' })
  }

  const handleCommand = (command: ReadCommand & { patienceOver?: boolean }) => {
    const at: Moment = { now, patienceOver: command.patienceOver ?? false }
    if (isUndone(command)) {
      send({ ...command, commandId: command.messageId }, { type: 'Undone' })
      return
    }
    const known = earlier(command)
    if (known !== undefined) {
      repeat(known, command, at)
      return
    }
    const decision = handlerOf(command).decide(states.get(command.orderId), command.data, at)
    if (decision === notYet) {
      if (at.patienceOver)
        throw new Error(`expected a decision on ${command.messageId} once patience is over, got not-yet`)
      result.waiting.push(command)
      return
    }
    if (decision.deadLetter !== undefined) {
      handleLetter(letterOf(command, decision.deadLetter))
      return
    }
    const rows = rowsOf(command.orderId, command.requestId, command.step, command.direction)
    const again = rows.find((row) => row.round === command.round)
    const row = again ?? newRow(command, command.step)
    row.reply = command.reply
    row.dirty = true
    row.tombstone = command.direction === 'undo' && decision.noTombstone !== true
    if (again === undefined) rows.push(row)
    if (row.tombstone) leaveTombstones(rowsBeside(command), command.name, command.round)
    // Of one tender alone: the others' rounds go on.
    if (isClosing(command) && command.data.tenderId === undefined) closeRound(rowsBeside(command), command.data.closes)
    apply(command.orderId, decision, command.traceparent)
    if (decision.answer !== undefined) answerRow(row, decision.answer)
  }

  /** The rows of the command's request, beside its own. */
  const rowsBeside = (command: ReadCommand) => {
    const { orderId, requestId } = command
    return {
      of: (step: string, direction: Direction) => rowsOf(orderId, requestId, step, direction),
      add: (row: Pick<StepRow, 'step' | 'direction' | 'round' | 'answer' | 'tombstone'>) =>
        rowsOf(orderId, requestId, row.step, row.direction).push({
          ...newRow(command, row.step),
          ...{ command: null, messageId: null, data: undefined, reply: null },
          ...row,
        }),
    }
  }

  const handleEvent = (event: ReadEvent & { patienceOver?: boolean }, orderId: string) => {
    const handler = definition.events[event.type]
    if (handler === undefined || !('decide' in handler)) return
    const decision = handler.decide(states.get(orderId), event.data, { now, patienceOver: event.patienceOver ?? false })
    if (decision === notYet) {
      if (event.patienceOver)
        throw new Error(`expected a decision on ${event.type} ${event.id} once patience is over, got not-yet`)
      result.waiting.push(event)
    } else if (decision.deadLetter !== undefined)
      handleLetter({ ...letterOf(event, decision.deadLetter), entered: event })
    else apply(orderId, decision, event.traceparent)
  }

  const handleTask = (work: TaskWork<State>, attempts: number) => {
    const decision = work.decide(states.get(work.orderId), { now, patienceOver: false, attempt: attempts })
    apply(work.orderId, decision, work.traceparent, { id: work.taskId, attempts })
  }

  /** Nobody knows which step it was of: all that wait for this order. One that a person tries again has a task of its own. */
  const handleBroken = ({ orderId, error }: BrokenTaskWork, attempts: number) => {
    for (const row of [...steps.values()].flat())
      if (row.orderId === orderId && row.command !== null && row.answer === null)
        answerRow(row, { type: 'StepFailed', error, attempts, moneyInDoubt: definition.name === 'payment' })
  }

  const handleLetter = (letter: LetterWork) => {
    const { raw, reason, error, attempts, asker, entered } = letter
    if (entered !== undefined) result.buried.push({ source: entered.source, id: entered.id })
    result.outbox.push(deadLetter(raw, { reason, error, attempts, service: definition.name, failedAt: now }))
    if (asker === undefined) return
    const id = deadLetterId(raw.topic, raw.partition, raw.offset)
    send(
      { ...asker, traceparent: traceparentOf(raw.headers) },
      { type: 'CommandRejected', deadLetterId: id, reason: said(`${reason}: ${error}`) },
    )
  }

  return {
    result,
    /** Makes the decision of one message or task. `attempts`: how often the task ran. */
    handle: (work: Exclude<Work<State>, PatienceWork>, attempts = 0): void => {
      if (work.kind === 'command') handleCommand(work)
      else if (work.kind === 'letter') handleLetter(work)
      else if (work.kind === 'task') handleTask(work, attempts)
      else if (work.kind === 'broken-task') handleBroken(work, attempts)
      else if (work.orderId !== undefined) handleEvent(work, work.orderId)
    },
    /** Answers a query; nothing of it is kept. */
    reply: (query: ReadCommand, answer: Answer): void => send({ ...query, commandId: query.messageId }, answer),
    stepRows: (): StepRow[] => [...steps.values()].flat(),
  }
}

/** A dead letter made of a message that was read but cannot be used. */
export const letterOf = (
  work: ReadCommand | ReadEvent,
  trouble: { readonly reason: LetterWork['reason']; readonly error: string; readonly attempts?: number },
): LetterWork => ({
  kind: 'letter',
  raw: work.raw,
  reason: trouble.reason,
  error: trouble.error,
  attempts: trouble.attempts ?? 1,
  asker:
    work.kind === 'command' && work.reply !== null
      ? { orderId: work.orderId, requestId: work.requestId, commandId: work.messageId, reply: work.reply }
      : undefined,
})
