import type { Answer, Resolution } from '@countermand/contracts'
import { sleep } from '@temporalio/workflow'
import { failedAnswer, inLane } from '../ask/lane.ts'
import { at, takeUp } from './decided.ts'
import type { Saga } from './saga.ts'
import { waitFor } from './show.ts'

/** What comes after the end of a cancellation has a saga of its own; what was decided about it is kept with the request. */

type Read = Answer<'CancellationRead'>

const hour = 3_600_000

/** What the order service keeps of the request. `sought`: what of it is wanted, in words. */
export const readCancellation = async (saga: Saga, sought: string): Promise<Read> => {
  const call = { command: 'ReadCancellation', summary: `Read the cancellation of ${saga.orderId}`, data: {} } as const
  for (;;) {
    const answer = await inLane(saga, call, 1, () => {}).catch((error: unknown) => failedAnswer(error, call.command))
    if (answer.type === 'CancellationRead') return answer
    const over = waitFor(saga, `the order service to say ${sought} (${answer.type})`)
    await sleep('1 minute')
    over()
  }
}

/** While the cancellation is open, it takes care of everything itself: two at once would open rounds in each other's way. */
export const cancellationEnds = async (saga: Saga, sought: string): Promise<Read['refund']> => {
  for (let waitMs = 1_000; ; waitMs = Math.min(2 * waitMs, 6 * hour)) {
    const { open, refund, resolutions } = await readCancellation(saga, sought)
    if (!open) {
      takeUp(saga, resolutions)
      return refund
    }
    const over = waitFor(saga, 'the cancellation to end')
    await sleep(waitMs)
    over()
  }
}

/** The round that each decision opened: each recorded one that `opens` a round opens the next, whichever run it was made in. */
export const roundsOpened = async (saga: Saga, sought: string, opens: (each: Resolution) => boolean) => {
  const { resolutions } = await readCancellation(saga, sought)
  return (resolution: Resolution): number => {
    const mine = resolutions.findIndex((each) => at(each) === at(resolution))
    if (mine < 0) throw new Error(`expected ${at(resolution)} of ${saga.requestId} to be recorded, it is not`)
    return 1 + resolutions.slice(0, mine + 1).filter(opens).length
  }
}
