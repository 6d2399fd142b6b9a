import type { Answer, CommandName, RefundState } from '@countermand/contracts'
import type { Call } from '../../protocol/commands.ts'
import { failedAnswer, inLane } from '../ask/lane.ts'
import { awaited } from './details.ts'
import { meterStep } from './meter.ts'
import { forgetNews } from './news.ts'
import type { Saga } from './saga.ts'
import { waitFor } from './show.ts'

const accepted: readonly RefundState[] = ['pending', 'action-required', 'succeeded', 'reversed']

/** Keeps what payment says of the tenders. Once a channel has accepted one, the saga goes forward, never back. */
export const noteRefunds = (saga: Saga, answer: Answer): void => {
  if (!('tenders' in answer) || answer.tenders === undefined || answer.type === 'CancellationBegun') return
  saga.refunds = answer.tenders
  saga.moneyMoved ||= answer.tenders.some(({ state }) => accepted.includes(state))
}

/** Asks one round of a step, and says what it waits for. A failure of the activity is an answer. */
export const ask = async <Name extends CommandName>(saga: Saga, call: Call<Name>, round: number) => {
  const askedAt = Date.now()
  forgetNews(saga, call)
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
