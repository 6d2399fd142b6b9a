import type { Answer, AnswerTo, CommandName, RefundState } from '@countermand/contracts'
import { isFinal, park, type Trouble, type TroubleName, troubleWith } from './attention.ts'
import { type Call, commandSteps, roundOf } from './commands.ts'
import { failedAnswer, inLane } from './lane.ts'
import { meterStep } from './meter.ts'
import type { Saga } from './saga.ts'
import { noteDone, waitFor } from './show.ts'
import { askToTurn } from './turns.ts'
import { awaited } from './words.ts'

/** How a step's answer is come by: the machinery under the saga's page. */

/** A person let the saga go on without this step. */
export interface Skipped {
  readonly type: 'Skipped'
}

export type Final<Name extends CommandName> = Exclude<AnswerTo<Name>, Answer<TroubleName>> | Skipped

const accepted: readonly RefundState[] = ['pending', 'action-required', 'succeeded', 'reversed']

/** Keeps what payment says of the tenders. Once a channel has accepted one, the saga goes forward, never back. */
const noteRefunds = (saga: Saga, answer: Answer): void => {
  if (!('tenders' in answer) || answer.tenders === undefined || answer.type === 'CancellationBegun') return
  saga.refunds = answer.tenders
  saga.moneyMoved ||= answer.tenders.some(({ state }) => accepted.includes(state))
}

/** Asks one round of a step, and says what it waits for. A failure of the activity is an answer. */
export const ask = async <Name extends CommandName>(saga: Saga, call: Call<Name>, round: number) => {
  const askedAt = Date.now()
  let over = () => {}
  const onPending = (answer: Answer<'StepPending'>) => {
    noteRefunds(saga, answer)
    over = waitFor(saga, awaited(call, answer))
  }
  try {
    const answer = await inLane(saga, call, round, onPending)
    meterStep(call.command, askedAt)
    return answer
  } catch (error) {
    return failedAnswer(error, call.command)
  } finally {
    over()
  }
}

/**
 * Sends a step's command and returns its final answer, hours or days later if need be. A technical failure parks the saga
 * until a person decides; it never takes anything back by itself. `alsoTrouble` says which other answer needs a person.
 */
export const perform = async <Name extends CommandName>(
  saga: Saga,
  step: (saga: Saga) => Call<Name>,
  alsoTrouble: (answer: Answer) => Trouble | undefined = () => undefined,
): Promise<Final<Name>> => {
  for (;;) {
    const call = step(saga)
    const { direction } = commandSteps[call.command]
    const answer = await ask(saga, call, roundOf(saga.resolutions, call.command))
    noteRefunds(saga, answer)
    const found = alsoTrouble(answer) ?? troubleWith(call.command, answer)
    if (found === undefined && isFinal(answer)) {
      noteDone(saga, answer)
      return answer
    }
    // An earlier run was on its way back, or this one is about to be: go on with that.
    if (answer.type === 'Undone' && direction === 'do') await askToTurn(saga, { outcome: 'compensated' })
    if (found === undefined) continue
    const { decision } = await park(saga, call, found)
    if (decision === 'skip') return { type: 'Skipped' }
  }
}
