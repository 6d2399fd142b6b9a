import { WorkflowNotFoundError } from '@temporalio/client'
import { listRuns, type Run, type RunQuery, type Temporal } from './runs.ts'

/** A workflow task that is tried more often than this is not unlucky but broken: a bug, or a worker of another version. */
const unluckyAttempts = 2
const atOnce = 32

const keepsFailing = async ({ client }: Temporal, { workflowId, runId }: Run): Promise<boolean> => {
  try {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe()
    return (raw.pendingWorkflowTask?.attempt ?? 0) > unluckyAttempts
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw new Error(`expected Temporal to describe ${workflowId}`, { cause: error })
  }
}

/**
 * Open runs whose workflow task keeps failing: they cannot say themselves that they need attention, and no search finds
 * them, so each open run is looked at.
 */
export const listFailingRuns = async (temporal: Temporal, query: RunQuery): Promise<Run[]> => {
  const open = (await listRuns(temporal, { ...query, attention: false })).filter(
    (run) => run.status === 'RUNNING' && !run.needsAttention,
  )
  const failing: Run[] = []
  for (let start = 0; start < open.length; start += atOnce) {
    const some = open.slice(start, start + atOnce)
    const found = await Promise.all(some.map((run) => keepsFailing(temporal, run)))
    failing.push(...some.filter((_, place) => found[place]))
  }
  return failing.map((run) => ({ ...run, needsAttention: true, attentionReason: 'workflow-task-failing' }))
}
