import type { Direction } from '@countermand/contracts'
import type { ReadCommand } from '@countermand/kafka/reading.ts'
import type { StepRow } from './rows.ts'

/** The steps of the orders at hand, in memory. What is changed or added here is `dirty`, and saved at the end of the transaction. */
export interface StepTable {
  /** All rounds of one step in one direction; a row that is pushed to it is in the table. */
  of(orderId: string, requestId: string, step: string, direction: Direction): StepRow[]
  /** The row of the latest round. */
  latest(orderId: string, requestId: string, step: string, direction: Direction): StepRow | undefined
  all(): StepRow[]
}

const keyOf = (orderId: string, requestId: string, step: string, direction: Direction): string =>
  JSON.stringify([orderId, requestId, step, direction])

export const createStepTable = (loaded: readonly StepRow[]): StepTable => {
  const groups = Map.groupBy(loaded, (row) => keyOf(row.orderId, row.requestId, row.step, row.direction))
  const of: StepTable['of'] = (...step) => {
    const key = keyOf(...step)
    const rows = groups.get(key) ?? []
    groups.set(key, rows)
    return rows
  }
  return {
    of,
    latest: (...step) =>
      of(...step).reduce<StepRow | undefined>(
        (last, row) => (last === undefined || row.round > last.round ? row : last),
        undefined,
      ),
    all: () => [...groups.values()].flat(),
  }
}

/** The row of a command that comes for the first time; or of another step of its request. */
export const newRow = (command: ReadCommand, step = command.step): StepRow => ({
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
})

/** Whether the undo of a command came before it. */
export const isUndone = (table: StepTable, { orderId, requestId, step, direction, round }: ReadCommand): boolean =>
  direction === 'do' && table.of(orderId, requestId, step, 'undo').some((row) => row.tombstone && row.round >= round)

/** A row that this command is a duplicate of. An undo that did not take is decided anew. */
export const earlierRow = (
  table: StepTable,
  { orderId, requestId, step, direction, round }: ReadCommand,
): StepRow | undefined => {
  const row = table.latest(orderId, requestId, step, direction)
  if (row === undefined || row.round < round) return undefined
  return row.direction === 'undo' && !row.tombstone ? undefined : row
}

/** The rows of the command's request, beside its own. */
export const rowsBeside = (table: StepTable, command: ReadCommand) => {
  const { orderId, requestId } = command
  return {
    of: (step: string, direction: Direction) => table.of(orderId, requestId, step, direction),
    add: (row: Pick<StepRow, 'step' | 'direction' | 'round' | 'answer' | 'tombstone'>) =>
      table.of(orderId, requestId, row.step, row.direction).push({
        ...newRow(command, row.step),
        ...{ command: null, messageId: null, data: undefined, reply: null },
        ...row,
      }),
  }
}
