import { cancelRequested } from '@countermand/contracts'
import { type Client, defaultPayloadConverter } from '@temporalio/client'
import { z } from 'zod'
import type { Requested } from './inputs.ts'

const startedWith = z.object({ requested: z.object({ request: cancelRequested, digest: z.string() }) })

/** The request that a saga's run was started with; none: it was overtaken, and came later. The latest run, unless `runId` names one. */
export const requestedAtStart = async (
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<Requested | undefined> => {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
  const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
  return startedWith.safeParse(input && defaultPayloadConverter.fromPayload(input)).data?.requested
}
