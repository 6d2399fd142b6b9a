import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client'
import type { Attention, ResolveInput } from '../../src/protocol/inputs.ts'
import { inputAnswer } from '../reach/answers.ts'
import type { Temporal } from '../reach/temporal.ts'
import { Unsettled } from '../reach/unsettled.ts'

/** A decision that fits what needs attention, and is not sent yet. */
export interface PlannedResolution {
  readonly workflowId: string
  readonly parked: Attention
  readonly resolution: ResolveInput
}

/** The decision about what its maker looked at, and nothing else that needs attention by then. */
export const about = ({ step, direction, round }: Attention, resolution: ResolveInput): ResolveInput => ({
  ...{ step, direction, round },
  ...resolution,
})

/** Throws, naming what is possible, when the decision is none for what is parked. */
export const checkDecision = ({ decision, to, settled }: ResolveInput, { step, remedies }: Attention): void => {
  if (!remedies.includes(decision))
    throw new Error(`expected one of ${remedies.join(', ')} for ${step}, got ${decision}`)
  if (decision === 'refund-elsewhere' && to === undefined)
    throw new Error('expected --to store-credit or --to bank-transfer with refund-elsewhere, got none')
  if (decision !== 'refund-elsewhere' && to !== undefined)
    throw new Error(`expected --to with refund-elsewhere alone, got it with ${decision}`)
  if (settled !== undefined && (decision !== 'skip' || step !== 'refund'))
    throw new Error(`expected --settled with a skip of the refund alone, got it with ${decision} of ${step}`)
}

const answerWithinMs = 60_000

const whyNot = (error: unknown, workflowId: string): Error => {
  if (error instanceof WorkflowUpdateFailedError)
    return new Error(error.cause?.message ?? error.message, { cause: error })
  if (error instanceof WorkflowNotFoundError)
    return new Error(`expected a running saga, ${workflowId} has ended meanwhile`, { cause: error })
  const message = `expected ${workflowId} to answer within ${answerWithinMs / 1000} s: look whether the decision took effect before you send it again`
  return new Unsettled(message, { cause: error })
}

/** Sends the decision and returns when it has taken effect. The same `updateId` again is the same decision. Throws why it took none, {@link Unsettled} when it may have. */
export const sendResolution = async (
  { client }: Temporal,
  workflowId: string,
  resolution: ResolveInput,
  updateId?: string,
): Promise<void> => {
  const args: [ResolveInput] = [resolution]
  const options = { args, ...(updateId === undefined ? {} : { updateId }) }
  const send = () => client.workflow.getHandle(workflowId).executeUpdate('resolve', options)
  const sent = await client.connection
    .withDeadline(Date.now() + answerWithinMs, send)
    .catch((error: unknown) => Promise.reject(whyNot(error, workflowId)))
  const result = inputAnswer.parse(sent)
  if (!result.accepted) throw new Error(`the decision changed nothing (${result.code}): ${result.message}`)
}
