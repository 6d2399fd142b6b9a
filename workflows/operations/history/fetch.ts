import { reasonOf } from '../reach/reason-of.ts'
import type { Temporal } from '../reach/temporal.ts'
import type { History } from './history.ts'

const fetchWithinMs = 30_000

/** The whole history of a run. Throws when Temporal does not give it. */
export const fetchHistory = async (
  { client }: Temporal,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): Promise<History> => {
  const fetch = () => client.workflow.getHandle(workflowId, runId).fetchHistory()
  return client.connection.withDeadline(Date.now() + fetchWithinMs, fetch).catch((cause: unknown) => {
    throw new Error(`expected Temporal to give the history of ${workflowId}: ${reasonOf(cause)}`, { cause })
  })
}
