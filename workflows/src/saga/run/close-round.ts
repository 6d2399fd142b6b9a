import type { Answer, CommandName, Resolution, StepRound } from '@countermand/contracts'
import { type Call, commandSteps, roundOf } from '../../protocol/commands.ts'
import { ask, noteRefunds } from './ask.ts'
import { at, park, type Trouble, troubleWith } from './attention.ts'
import { roundsAreClosed, type Saga } from './saga.ts'

/**
 * A person's decision is told to the service that it is about, once it is written down and before it is acted on. From then on
 * that service does nothing for the round which the decision closes, whatever comes later: news of a channel, an old command.
 */

const closes = ({ decision }: Resolution): boolean => decision === 'skip' || decision === 'refund-elsewhere'

const closing = (resolution: Resolution, closed: StepRound, tenderId: string | undefined): Call<'CloseRound'> => {
  const { decision, settled, by, reason } = resolution
  return {
    command: 'CloseRound',
    summary: `Tell the decision about ${closed.step}: ${decision}`,
    data: {
      key: at(resolution),
      closes: { step: closed.step, direction: closed.direction, round: closed.round },
      decision: decision === 'skip' ? decision : 'refund-elsewhere',
      ...(settled === undefined ? {} : { settled }),
      ...(tenderId === undefined ? {} : { tenderId }),
      ...{ by, reason },
    },
  }
}

/** Nobody is told of what is decided about this itself: the saga goes on without it. */
const remedies = ['retry', 'skip'] as const

const notClosed = (answer: Answer): Trouble =>
  troubleWith('CloseRound', answer) ?? {
    reason: 'step-failed',
    error: `expected the round to be closed, got ${answer.type}`,
    moneyInDoubt: false,
  }

/**
 * Tells one decision, and comes back when its service has it, or a person lets the saga go on although it has not. `closed`: the
 * round of the service's step, when the decision names it otherwise. `tenderId`: only this tender of the refund.
 */
export const closeRound = async (
  saga: Saga,
  resolution: Resolution,
  closed: StepRound = resolution,
  tenderId?: string,
): Promise<void> => {
  const call = closing(resolution, closed, tenderId)
  const step = `close.${call.data.key}`
  for (;;) {
    const decided = saga.resolutions.filter((each) => each.step === step)
    if (decided.some(({ decision }) => decision === 'skip')) return
    const round = 1 + decided.filter(({ decision }) => decision === 'retry').length
    const answer = await ask(saga, call, round)
    noteRefunds(saga, answer)
    if (answer.type === 'RoundClosed') return
    await park(saga, call, { ...notClosed(answer), named: { step, round }, remedies })
  }
}

/** Tells what was decided about a step and this run has not told yet, also of earlier runs; true: a person lets the saga go on without it. */
export const closedByNow = async (saga: Saga, command: CommandName): Promise<boolean> => {
  const { step, direction } = commandSteps[command]
  const decided = saga.resolutions.filter((each) => each.step === step && each.direction === direction && closes(each))
  if (decided.length === 0 || !roundsAreClosed()) return false
  for (const resolution of decided) {
    if (saga.toldRounds.has(at(resolution))) continue
    await closeRound(saga, resolution)
    saga.toldRounds.add(at(resolution))
  }
  const round = roundOf(saga.resolutions, command)
  return decided.some((each) => each.decision === 'skip' && each.round === round)
}
