import { attentionReason, remedy } from '@countermand/contracts'
import { WorkflowNotFoundError } from '@temporalio/client'
import { z } from 'zod'
import type { Temporal } from '../runs.ts'

const attention = z.object({
  reason: attentionReason,
  step: z.string(),
  direction: z.enum(['do', 'undo']),
  round: z.number(),
  error: z.string(),
  /** ISO 8601. */
  since: z.string(),
  remedies: z.array(remedy),
})

/** A step that waits for a person. */
export type Attention = z.infer<typeof attention>

const status = z.object({
  stage: z.string(),
  outcome: z.string().optional(),
  waitingFor: z.string().optional(),
  attention: attention.optional(),
  /** All of it, where it is more than one step. */
  parked: z.array(attention).optional(),
})

const answerWithinMs = 15_000

const runStatus = async ({ client }: Temporal, workflowId: string): Promise<string | undefined> => {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw new Error(`expected Temporal to find ${workflowId}`, { cause: error })
  }
}

/** What a running saga says of itself. Throws when no orchestrator answers for it. */
export const askStatus = async ({ client }: Temporal, workflowId: string) => {
  const query = () => client.workflow.getHandle(workflowId).query('status')
  const answer = await client.connection.withDeadline(Date.now() + answerWithinMs, query).catch((cause: unknown) => {
    throw new Error(`expected an orchestrator to answer for ${workflowId} within ${answerWithinMs / 1000} s`, { cause })
  })
  return status.parse(answer)
}

/** The saga goes on, and needs nobody. */
export class NotParked extends Error {}

/** What is meant of what needs attention. Throws when that is not one. */
const meant = (shown: Attention, all: readonly Attention[], step: string | undefined): Attention => {
  const names = all.map((each) => each.step).join(', ')
  if (step === undefined && all.length > 1)
    throw new Error(`expected --step with one of what needs attention (${names}), got none`)
  const found = step === undefined ? shown : all.find((each) => each.step === step)
  if (found === undefined) throw new Error(`expected a step that needs attention (${names}), got ${step}`)
  return found
}

/** What a request's saga waits for a person with; `step`: this of several. Throws when it has ended, does not run, or needs nobody. */
export const readParked = async (
  temporal: Temporal,
  saga: { readonly requestId: string; readonly workflowId: string; readonly outcome: string | null },
  step?: string,
): Promise<Attention> => {
  const { requestId, workflowId, outcome } = saga
  if (outcome !== null) throw new Error(`expected a saga that needs attention, ${requestId} has ended: ${outcome}`)
  const running = await runStatus(temporal, workflowId)
  if (running !== 'RUNNING') {
    const state = running === undefined ? 'is not known to Temporal' : `is ${running.toLowerCase()}`
    const again = 'a request that holds its order is started again within a minute'
    throw new Error(`expected a running saga, ${workflowId} ${state}: ${again}`)
  }
  const { attention: shown, parked = [], stage, waitingFor } = await askStatus(temporal, workflowId)
  if (shown !== undefined) return meant(shown, parked.length > 0 ? parked : [shown], step)
  const wait = waitingFor === undefined ? '' : ` and waits for ${waitingFor}`
  throw new NotParked(`expected a saga that needs attention, ${requestId} is ${stage}${wait}`)
}
