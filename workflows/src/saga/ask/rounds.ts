import type { CommandName, Resolution } from '@countermand/contracts'
import { type Call, commandSteps } from '../../protocol/commands.ts'

/** How the rounds of steps are counted: from the decisions that were made, so that another run of the saga counts the same. */

/** Whether a decision opens the next round of a step. */
export const opensRound = ({ decision, ...of }: Resolution, step: string, direction: 'do' | 'undo'): boolean =>
  of.step === step && of.direction === direction && (decision === 'retry' || decision === 'refund-elsewhere')

/** The step that a call's message id names: a record has one of its own per key, and so has what closes a round. */
export const stepOfCall = ({ command, data }: Call<CommandName>): string =>
  'key' in data ? `${commandSteps[command].step}.${data.key}` : commandSteps[command].step

/**
 * A step's round: 1, and one more for each recorded decision to try it again. An undo's is never below that of what it
 * takes back, so that its tombstone holds.
 */
export const roundOf = (resolutions: readonly Resolution[], command: CommandName): number => {
  const { step, direction, undoes } = commandSteps[command]
  const reopened = (of: string, way: 'do' | 'undo') => resolutions.filter((each) => opensRound(each, of, way)).length
  const done = 1 + Math.max(...(undoes ?? [step]).map((each) => reopened(each, 'do')))
  return direction === 'do' ? done : done + reopened(step, 'undo')
}
