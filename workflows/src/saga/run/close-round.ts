import type { Answer, CommandName, Remedy, Resolution, StepRound } from '@countermand/contracts'
import { patched } from '@temporalio/workflow'
import { type Call, commandSteps, type OwnData } from '../../protocol/commands.ts'
import { roundOf } from '../ask/rounds.ts'
import { ask } from './ask.ts'
import { park, type Trouble, troubleWith } from './attention.ts'
import { at, decidedAbout, nameOf, takeUp } from './decided.ts'
import { roundsAreClosed, type Saga } from './saga.ts'

/**
 * A person's decision is told to the service that it is about, once it is written down and before it is acted on. From then on
 * that service does nothing for the round which the decision closes, whatever comes later: news of a channel, an old command.
 */

const closes = ({ decision }: Resolution): boolean => decision === 'skip' || decision === 'refund-elsewhere'

/** Two runs may have decided about one round: each decision is told, in the order in which they were written down. */
const keyOf = (saga: Saga, resolution: Resolution): string => {
  const told = decidedAbout(saga, resolution).filter(closes)
  const place = told.findIndex((each) => nameOf(each) === nameOf(resolution))
  return place > 0 ? `${at(resolution)}.${place + 1}` : at(resolution)
}

/** Where a decision is about one tender, or one parcel, alone. */
type Alone = Pick<OwnData<'CloseRound'>, 'tenderId' | 'shipmentId'>

const closing = (saga: Saga, resolution: Resolution, closed: StepRound, alone: Alone): Call<'CloseRound'> => {
  const { decision, settled, by, reason } = resolution
  return {
    command: 'CloseRound',
    summary: `Tell the decision about ${closed.step}: ${decision}`,
    data: {
      key: keyOf(saga, resolution),
      closes: { step: closed.step, direction: closed.direction, round: closed.round },
      decision: decision === 'skip' ? decision : 'refund-elsewhere',
      ...(settled === undefined ? {} : { settled }),
      ...alone,
      ...{ by, reason },
    },
  }
}

/**
 * Nobody is told of what is decided about this itself: the saga goes on without it. Not where money is concerned: payment would pay what a
 * person has given, by an old command or in a run that was reset, and nobody would know.
 */
const remediesFor = ({ step }: StepRound): readonly Remedy[] => (step === 'refund' ? ['retry'] : ['retry', 'skip'])

const notClosed = (answer: Answer): Trouble =>
  troubleWith('CloseRound', answer) ?? {
    reason: 'step-failed',
    error: `expected the round to be closed, got ${answer.type}`,
    moneyInDoubt: false,
  }

/**
 * Tells one decision, and comes back when its service has it, or a person lets the saga go on although it has not. `closed`: the
 * round of the service's step, when the decision names it otherwise. `alone`: only this tender or parcel.
 */
export const closeRound = async (
  saga: Saga,
  resolution: Resolution,
  closed: StepRound = resolution,
  alone: Alone = {},
): Promise<void> => {
  const call = closing(saga, resolution, closed, alone)
  const step = `close.${call.data.key}`
  for (;;) {
    const decided = saga.resolutions.filter((each) => each.step === step)
    if (decided.some(({ decision }) => decision === 'skip')) return
    const round = 1 + decided.filter(({ decision }) => decision === 'retry').length
    const answer = await ask(saga, call, round)
    if (answer.type === 'RoundClosed') return
    await park(saga, call, { ...notClosed(answer), named: { step, round }, remedies: remediesFor(closed) })
  }
}

/** Tells what was decided about a step and this run has not told yet, also of earlier runs; true: a person lets the saga go on without it. */
export const closedByNow = async (saga: Saga, command: CommandName): Promise<boolean> => {
  const { step, direction } = commandSteps[command]
  const decided = saga.resolutions.filter((each) => each.step === step && each.direction === direction && closes(each))
  if (decided.length === 0 || !roundsAreClosed()) return false
  for (const resolution of decided) {
    if (saga.told.has(nameOf(resolution))) continue
    await closeRound(saga, resolution)
    saga.told.add(nameOf(resolution))
  }
  const round = roundOf(saga.resolutions, command)
  return decided.some((each) => each.decision === 'skip' && each.round === round)
}

/**
 * Tells payment before the end what was decided about the refund and this run has not told: it was reset to a moment before, and has asked for
 * the refund as if nobody had decided. What is paid twice by that becomes a case of its own.
 */
export const tellTheRest = async (saga: Saga, recorded: readonly Resolution[] = []): Promise<void> => {
  const isUntold = (each: Resolution) =>
    each.step === 'refund' && each.direction === 'do' && closes(each) && !saga.told.has(nameOf(each))
  if (!recorded.some(isUntold) || !patched('what-is-recorded-is-told')) return
  takeUp(saga, recorded)
  await closedByNow(saga, 'RefundOrder')
}
