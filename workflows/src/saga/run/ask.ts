import type { Answer, CommandName, RefundState } from '@countermand/contracts'
import type { Call } from '../../protocol/commands.ts'
import { failedAnswer, inLane } from '../ask/lane.ts'
import { awaited } from './details.ts'
import { meterStep } from './meter.ts'
import { forgetNews } from './news.ts'
import type { Saga } from './saga.ts'
import { waitFor } from './show.ts'

const accepted: readonly RefundState[] = ['pending', 'action-required', 'succeeded', 'reversed']

type Refunds = Saga['refunds']

/**
 * Keeps what payment says of the tenders. Once a channel has accepted one, the saga goes forward, never back. An answer to another question
 * than the refund's own tells of the moment in which payment looked: what was said of the refund meanwhile is later, whoever is heard last.
 */
const noteRefunds = (saga: Saga, command: CommandName, answer: Answer, known: Refunds): void => {
  if (!('tenders' in answer) || answer.tenders === undefined || answer.type === 'CancellationBegun') return
  if (command === 'RefundOrder' || saga.refunds === known) saga.refunds = answer.tenders
  saga.moneyMoved ||= answer.tenders.some(({ state }) => accepted.includes(state))
}

/** Asks one round of a step, says what it waits for, and keeps what is told of refunds. A failure of the activity is an answer. */
export const ask = async <Name extends CommandName>(saga: Saga, call: Call<Name>, round: number) => {
  const askedAt = Date.now()
  forgetNews(saga, call)
  const known = saga.refunds
  let over = () => {}
  const onPending = (answer: Answer<'StepPending'>) => {
    noteRefunds(saga, call.command, answer, known)
    over = waitFor(saga, awaited(call, answer))
  }
  try {
    const answer = await inLane(saga, call, round, onPending)
    noteRefunds(saga, call.command, answer, known)
    meterStep(call.command, askedAt)
    return answer
  } catch (error) {
    return failedAnswer(error, call.command)
  } finally {
    over()
  }
}
