import type { Answer, CancellationRecord, InputRejection, Remedy } from '@countermand/contracts'
import { condition, patched, sleep } from '@temporalio/workflow'
import type { Call } from '../../protocol/commands.ts'
import type { InputAnswer } from '../../protocol/inputs.ts'
import { cannotBeSent, failedAnswer, inLane } from '../ask/lane.ts'
import { areNews, takeUp } from './decided.ts'
import { type Parked, refusedInput, type Saga, type Turn } from './saga.ts'
import { show, tell, waitFor } from './show.ts'

/** What only tells how it goes may be left out; what is acted on must be written down first. */
const tellsOnly: ReadonlySet<CancellationRecord['what']> = new Set([
  ...(['awaiting-merchant', 'needs-attention', 'input-rejected'] as const),
])

/**
 * A record that cannot be built will not be built by asking again: a person finds it in Temporal, though nothing can be recorded about
 * it. By a `retry` it is tried once more, by code that can.
 */
const parkRecord = async (
  saga: Saga,
  call: Call<'RecordCancellation'>,
  round: number,
  error: string,
): Promise<Remedy> => {
  const { key, record: what } = call.data
  const parked: Parked = {
    attention: {
      ...{ reason: 'step-failed', step: `record.${key}`, direction: 'do', round, error },
      since: new Date().toISOString(),
      remedies: tellsOnly.has(what.what) ? ['retry', 'skip'] : ['retry'],
    },
    ...{ what: call.summary, about: '', settles: undefined, resolution: undefined, answer: undefined },
  }
  saga.parked.push(parked)
  show(saga)
  await condition(() => parked.resolution !== undefined)
  parked.answer = { accepted: true }
  saga.parked.splice(saga.parked.indexOf(parked), 1)
  show(saga)
  return parked.resolution?.decision ?? 'retry'
}

/** A run that was reset hears with the next record what was decided after the moment that it was reset to. */
const learn = (saga: Saga, answer: Answer<'CancellationRecorded' | 'TurnTooLate'>): void => {
  const recorded = ('resolutions' in answer ? answer.resolutions : undefined) ?? []
  if (areNews(saga, recorded) && patched('the-first-decision-counts')) takeUp(saga, recorded)
}

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
    let unbuildable = false
    const answer = await inLane(saga, call, round, () => tell(saga)).catch((error: unknown) => {
      unbuildable = cannotBeSent(error)
      return failedAnswer(error, call.command)
    })
    if (answer.type === 'CancellationRecorded' || answer.type === 'TurnTooLate') {
      // An input comes at any moment: what is parked then, or asked, would not know what to make of it.
      if (what.what !== 'input-rejected') learn(saga, answer)
      return answer
    }
    const error = answer.type === 'StepFailed' ? answer.error : answer.type
    if (unbuildable && patched('a-record-that-cannot-be-built-parks')) {
      if ((await parkRecord(saga, call, round, error)) === 'skip') return { type: 'CancellationRecorded' }
      continue
    }
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
