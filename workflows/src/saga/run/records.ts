import type { Answer, CancellationRecord, InputRejection } from '@countermand/contracts'
import { sleep } from '@temporalio/workflow'
import type { InputAnswer } from '../../protocol/inputs.ts'
import { failedAnswer, inLane } from '../ask/lane.ts'
import { refusedInput, type Saga, type Turn } from './saga.ts'
import { tell, waitFor } from './show.ts'

/**
 * Tells the order service what only the saga knows, and returns when it is written down. `key` names the record within the
 * request: the same key again is a duplicate. Nobody can decide what a decision would have to be recorded for first, so a
 * record is tried until it is taken.
 */
export const record = async (
  saga: Saga,
  key: string,
  what: CancellationRecord,
): Promise<Answer<'CancellationRecorded' | 'TurnTooLate'>> => {
  const request = saga.requested === undefined ? {} : { request: saga.requested.request }
  const call = {
    command: 'RecordCancellation',
    summary: `Record: ${what.what}`,
    data: { key, record: what, ...request },
  } as const
  for (let round = 1; ; round++) {
    const answer = await inLane(saga, call, round, () => tell(saga)).catch((error: unknown) =>
      failedAnswer(error, call.command),
    )
    if (answer.type === 'CancellationRecorded' || answer.type === 'TurnTooLate') return answer
    const error = answer.type === 'StepFailed' ? answer.error : answer.type
    const over = waitFor(saga, `the order service to write down ${key} (${error})`)
    await sleep('1 minute')
    over()
  }
}

/** Writes down that the saga turns back; false: it must not, the order is closed or its refund settled elsewhere. */
export const recordTurn = async (saga: Saga, turn: Turn): Promise<boolean> =>
  (await record(saga, 'turning-back', { what: 'turning-back', ...turn })).type === 'CancellationRecorded'

/** Says in public that an input changes nothing. */
export const rejectInput = async (
  saga: Saga,
  input: { readonly name: 'decide' | 'withdraw'; readonly inputId: string },
  code: InputRejection,
  message: string,
): Promise<InputAnswer> => {
  const at = new Date().toISOString()
  const { name, inputId } = input
  await record(saga, `input.${inputId}`, { what: 'input-rejected', input: name, code, at, inputId })
  return refusedInput(code, message)
}
