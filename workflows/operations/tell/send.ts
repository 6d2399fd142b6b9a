import { randomUUID } from 'node:crypto'
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client'
import { inputAnswer } from '../reach/answers.ts'
import { reasonOf } from '../reach/reason-of.ts'
import type { Temporal } from '../reach/temporal.ts'

const answerWithinMs = 60_000

const whyNot = (cause: unknown, workflowId: string): Error => {
  if (cause instanceof WorkflowUpdateFailedError) return new Error(reasonOf(cause), { cause })
  if (cause instanceof WorkflowNotFoundError)
    return new Error(`expected a running saga, ${workflowId} has ended meanwhile`, { cause })
  const message = `expected ${workflowId} to answer within ${answerWithinMs / 1000} s (${reasonOf(cause)}): look with saga show whether it took effect before you send it again`
  return new Error(message, { cause })
}

/** Tells a run something and returns when it has taken effect, or is kept for later. Throws why it changes nothing. */
export const sendUpdate = async (
  { client }: Temporal,
  workflowId: string,
  name: 'decide' | 'withdraw',
  input: object,
): Promise<{ readonly kept: boolean }> => {
  const send = () => client.workflow.getHandle(workflowId).executeUpdate(name, { args: [input] })
  const sent = await client.connection
    .withDeadline(Date.now() + answerWithinMs, send)
    .catch((error: unknown) => Promise.reject(whyNot(error, workflowId)))
  const result = inputAnswer.parse(sent)
  if (!result.accepted) throw new Error(`it changed nothing (${result.code}): ${result.message}`)
  return { kept: result.kept === true }
}

/** Temporal's Cancel; its history keeps who, for whom and why, which the client of the SDK has no place for. */
export const sendCancel = async (
  { client }: Temporal,
  workflowId: string,
  { by, onBehalfOf, reason }: { readonly by: string; readonly onBehalfOf?: string; readonly reason: string },
): Promise<void> => {
  const why = onBehalfOf === undefined ? reason : `${reason} (for ${onBehalfOf})`
  const send = () =>
    client.workflowService.requestCancelWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId },
      ...{ identity: by, reason: why, requestId: randomUUID() },
    })
  await client.connection.withDeadline(Date.now() + answerWithinMs, send).catch((cause: unknown) => {
    throw new Error(`expected Temporal to take the cancel of ${workflowId}: ${reasonOf(cause)}`, { cause })
  })
}
