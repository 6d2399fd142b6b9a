import { type Answer, type CommandData, type CommandName, commands, isCommandName } from '@countermand/contracts'
import type { StepRow } from './rows.ts'

/**
 * What a person has decided is decided: the rows of a closed round answer whatever of it comes later, and nothing of it is done.
 * A "do" that had no answer yet will get none but this one.
 */

type Closes = CommandData<'CloseRound'>['closes']

interface Rows {
  readonly of: (step: string, direction: Closes['direction']) => StepRow[]
  /** A row that no command of its own has made. */
  readonly add: (row: Closes & { readonly answer: Answer | null; readonly tombstone: boolean }) => void
}

const endOf = { do: { type: 'Undone' }, undo: { type: 'NothingToUndo' } } as const satisfies Record<string, Answer>

const undoOf = (step: string): CommandName | undefined =>
  Object.keys(commands)
    .filter(isCommandName)
    .find((name) => commands[name].step === step && commands[name].direction === 'undo')

/** The other steps that an undo takes back: a do of theirs that comes later must find it too. */
export const leaveTombstones = (rows: Rows, undo: CommandName, round: number): void => {
  const definition = commands[undo]
  for (const step of 'undoes' in definition ? definition.undoes : [])
    if (step !== definition.step && !rows.of(step, 'undo').some((row) => row.round >= round))
      rows.add({ step, direction: 'undo', round, answer: null, tombstone: true })
}

export const closeRound = (rows: Rows, { step, direction, round }: Closes): void => {
  const known = rows.of(step, direction)
  for (const row of known) {
    if (row.round > round) continue
    row.answer ??= endOf[direction]
    row.tombstone = direction === 'undo'
    row.dirty = true
  }
  if (!known.some((row) => row.round >= round))
    rows.add({ step, direction, round, answer: endOf[direction], tombstone: direction === 'undo' })
  const undo = direction === 'undo' ? undoOf(step) : undefined
  if (undo !== undefined) leaveTombstones(rows, undo, round)
}
