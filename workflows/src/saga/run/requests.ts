import type { Answer } from '@countermand/contracts'
import { refusalCodes } from '@countermand/contracts/refusal-codes.ts'
import { condition, isCancellation, proxyActivities, upsertMemo } from '@temporalio/workflow'
import type { RequestActivities } from '../../protocol/activities.ts'
import { digestMemo, type Requested, type SagaResult } from '../../protocol/inputs.ts'
import { tellTheRest } from './close-round.ts'
import type { Final } from './perform.ts'
import type { Saga } from './saga.ts'
import { waitFor } from './show.ts'

/** How long a decision or withdrawal that overtook its request is kept for it, in runs that were not told. */
const formerPatience = '24 hours'

const activities = proxyActivities<RequestActivities>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
})

/** Puts a request aside whose id was used before, with other content or for another order. */
export const rejectRequest = ({ request, origin }: Requested): Promise<void> =>
  activities.rejectRequest(request, origin)

const noteDigest = ({ requested }: Saga): boolean => {
  if (requested === undefined) return false
  upsertMemo({ [digestMemo]: requested.digest })
  return true
}

/** Waits for a request that was overtaken; false: it did not come. */
export const requestComes = async (saga: Saga): Promise<boolean> => {
  if (saga.requested !== undefined) return true
  const over = waitFor(saga, 'the request, which something about it has overtaken')
  await condition(() => saga.requested !== undefined, saga.patienceMs ?? formerPatience).catch((error: unknown) => {
    if (!isCancellation(error)) throw error
  })
  over()
  return noteDigest(saga)
}

export const unknownRequest: SagaResult = { stage: 'requested', rejected: 'unknown-request' }

export const endedAs = ({ outcome, code, stage }: Answer<'AlreadyEnded' | 'CancellationAbandoned'>): SagaResult => ({
  outcome,
  ...(code === undefined ? {} : { code }),
  stage,
})

/** How a saga ends whose order was not held. The order service has said so in public already. */
export const notHeld = async (
  saga: Saga,
  answer: Exclude<Final<'BeginCancellation'>, { readonly type: 'CancellationBegun' }>,
): Promise<SagaResult> => {
  switch (answer.type) {
    case 'AlreadyEnded':
      await tellTheRest(saga, answer.resolutions)
      return endedAs(answer)
    case 'RequestIdReused':
      if (saga.requested !== undefined) await rejectRequest(saga.requested)
      return { stage: 'verifying', rejected: 'request-id-reused' }
    case 'NothingToUndo':
    case 'Skipped':
      throw new Error(`expected BeginCancellation of ${saga.requestId} to be answered yes or no, got ${answer.type}`)
    default:
      return { outcome: 'refused', code: refusalCodes[answer.type], stage: 'verifying' }
  }
}
