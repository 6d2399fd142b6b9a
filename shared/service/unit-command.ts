import type { CommandData } from '@countermand/contracts'
import type { ReadCommand } from '@countermand/kafka/reading.ts'
import { closeRound, leaveTombstones } from './closed-round.ts'
import { type Decision, type Moment, notYet } from './decision.ts'
import { letterOf } from './letter.ts'
import type { StepRow } from './rows.ts'
import type { AnyService } from './service.ts'
import { earlierRow, isUndone, newRow, rowsBeside } from './step-table.ts'
import { answerRow, applyDecision, bury, type Desk, send } from './unit-desk.ts'
import type { Waited } from './work.ts'

/** For services to whom a closed round means no more than that nothing of it is done. */
const closingOnly = {
  decide: (): Decision<never> => ({ answer: { type: 'RoundClosed' } }),
  again: undefined,
}

const isClosing = (command: ReadCommand): command is ReadCommand & { readonly data: CommandData<'CloseRound'> } =>
  command.name === 'CloseRound'

/** Rounds are shared by all tenders of a refund, and by all parcels: what is decided about one leaves those of the others open. */
const isOfAll = ({ tenderId, shipmentId }: CommandData<'CloseRound'>): boolean =>
  tenderId === undefined && shipmentId === undefined

const handlerOf = <State>(definition: AnyService<State>, command: ReadCommand) => {
  if (command.name === 'CloseRound') return definition.closing ?? closingOnly
  const handler = definition.commands[command.name]
  if (handler === undefined) throw new Error(`expected a handler of ${command.name} in the ${definition.name} service`)
  return handler
}

/** A command that comes again: nothing of it is done, and who asked last hears what became of it. */
const repeat = <State>(desk: Desk<State>, row: StepRow, command: ReadCommand, at: Moment): void => {
  row.reply = command.reply ?? row.reply
  row.traceparent = command.traceparent ?? row.traceparent
  row.dirty = true
  const state = desk.states.get(command.orderId)
  const answer = handlerOf(desk.definition, command).again?.(state, command.data, row.answer ?? undefined, at)
  send(desk, { ...row, commandId: command.messageId }, answer ?? row.answer ?? { type: 'StepPending' })
}

/** The row of a command that is done now: an undo that did not take has one of the same round already. */
const rowFor = <State>(desk: Desk<State>, command: ReadCommand, tombstone: boolean): StepRow => {
  const rows = desk.steps.of(command.orderId, command.requestId, command.step, command.direction)
  const known = rows.find((row) => row.round === command.round)
  const row = known ?? newRow(command)
  row.reply = command.reply
  row.dirty = true
  row.tombstone = tombstone
  if (known === undefined) rows.push(row)
  return row
}

const carryOut = <State>(desk: Desk<State>, command: ReadCommand, decision: Decision<State>): void => {
  const row = rowFor(desk, command, command.direction === 'undo' && decision.noTombstone !== true)
  const beside = rowsBeside(desk.steps, command)
  if (row.tombstone) leaveTombstones(beside, command.name, command.round)
  // Of one tender alone: the others' rounds go on.
  if (isClosing(command) && isOfAll(command.data)) closeRound(beside, command.data.closes)
  applyDecision(desk, command.orderId, decision, command.traceparent)
  if (decision.answer !== undefined) answerRow(desk, row, decision.answer)
}

/** Decides a command: once per round, and not at all when its undo came first. */
export const handleCommand = <State>(desk: Desk<State>, command: ReadCommand & Waited): void => {
  const at: Moment = { now: desk.now, patienceOver: command.patienceOver ?? false }
  if (isUndone(desk.steps, command)) {
    send(desk, { ...command, commandId: command.messageId }, { type: 'Undone' })
    return
  }
  const known = earlierRow(desk.steps, command)
  if (known !== undefined) {
    repeat(desk, known, command, at)
    return
  }
  const decision = handlerOf(desk.definition, command).decide(desk.states.get(command.orderId), command.data, at)
  if (decision === notYet) {
    if (at.patienceOver)
      throw new Error(`expected a decision on ${command.messageId} once patience is over, got not-yet`)
    desk.result.waiting.push(command)
  } else if (decision.deadLetter !== undefined) bury(desk, letterOf(command, decision.deadLetter))
  else carryOut(desk, command, decision)
}
