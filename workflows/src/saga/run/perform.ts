import type { Answer, AnswerTo, CommandName } from '@countermand/contracts'
import { commandSteps } from '../../protocol/commands.ts'
import { opensRound, roundOf } from '../ask/rounds.ts'
import { ask } from './ask.ts'
import { isFinal, park, type Trouble, type TroubleName, troubleWith } from './attention.ts'
import { closedByNow } from './close-round.ts'
import type { Saga } from './saga.ts'
import { noteDone } from './show.ts'
import { type Asks, callOf, type Skipped } from './step.ts'
import { askToTurn } from './turns.ts'

/** How a step's answer is come by: the machinery under the saga's page. */

export type Final<Name extends CommandName> = Exclude<AnswerTo<Name>, Answer<TroubleName>> | Skipped

const isAskedAnew = ({ resolutions }: Saga, command: CommandName, round: number): boolean => {
  const { step, direction } = commandSteps[command]
  const isDecided = resolutions.some((each) => each.round === round && opensRound(each, step, direction))
  return isDecided && roundOf(resolutions, command) > round
}

/**
 * Sends a step's command and returns its final answer, hours or days later if need be. A technical failure parks the saga
 * until a person decides; it never takes anything back by itself. What a person has let the saga go on without is not asked for
 * again, in no later run either. `alsoTrouble` says which other answer needs a person.
 */
export const perform = async <Name extends CommandName>(
  saga: Saga,
  asked: Asks<Name>,
  alsoTrouble: (answer: Answer) => Trouble | undefined = () => undefined,
): Promise<Final<Name>> => {
  for (;;) {
    const call = callOf(saga, asked)
    const { direction } = commandSteps[call.command]
    if (await closedByNow(saga, call.command)) return { type: 'Skipped' }
    const round = roundOf(saga.resolutions, call.command)
    const answer = await ask(saga, call, round)
    const found = alsoTrouble(answer) ?? troubleWith(call.command, answer)
    if (found === undefined && isFinal(answer)) {
      noteDone(saga, answer)
      return answer
    }
    // An earlier run was on its way back, or this one is about to be: go on with that.
    if (answer.type === 'Undone' && direction === 'do') await askToTurn(saga, { outcome: 'compensated' })
    // While it was asked, it became known what an earlier run has done about its failure.
    if (found === undefined || isAskedAnew(saga, call.command, round)) continue
    const { decision } = await park(saga, call, found)
    if (decision !== 'skip') continue
    await closedByNow(saga, call.command)
    return { type: 'Skipped' }
  }
}

/** Takes a step back, and notes in words that it was. */
export const takeBack = async <Name extends CommandName>(saga: Saga, undo: Asks<Name>): Promise<Final<Name>> => {
  const answer = await perform(saga, undo)
  if (answer.type !== 'Skipped') saga.undone.push(undo.says(saga))
  return answer
}
