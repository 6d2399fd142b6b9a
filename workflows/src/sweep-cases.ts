import type { Logger } from '@countermand/telemetry'
import type { Client } from '@temporalio/client'
import { inGroups } from './concurrently.ts'
import { lateInterceptType } from './late-intercept.ts'
import { reversedWorkflowType } from './reversal.ts'

/** The sweep's look at what came after the end of a cancellation: no hold tells of it, but Temporal's search does. */
export interface CaseActivities {
  /** Lets the runs go on that were terminated, failed or timed out. Returns their workflow ids. */
  restartLostCases(): Promise<string[]>
}

const atOnce = 16
const types = [reversedWorkflowType, lateInterceptType].map((type) => `'${type}'`).join(', ')
const lostRuns = `WorkflowType IN (${types}) AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut')`
const isLost = (status: string): boolean => ['TERMINATED', 'FAILED', 'TIMED_OUT'].includes(status)

/**
 * A new run from the first workflow task on. It keeps what the lost one was started with and told, gets the stored answers and
 * recorded decisions, and so does nothing twice. The same run is reset once: its id is the id of the request.
 */
const goOn = async ({ workflow, workflowService, options }: Client, workflowId: string, runId: string) => {
  const { events } = await workflow.getHandle(workflowId, runId).fetchHistory()
  const first = events?.find((event) => event.workflowTaskStartedEventAttributes)
  if (first?.eventId == null) throw new Error(`expected run ${runId} of ${workflowId} to have begun, it has not`)
  await workflowService.resetWorkflowExecution({
    namespace: options.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'the sweep found it lost',
    workflowTaskFinishEventId: first.eventId,
    requestId: `sweep-${runId}`,
  })
}

export const createCaseSweep = ({ client, log }: { readonly client: Client; readonly log: Logger }): CaseActivities => {
  /** Later runs of the same id may have settled it. */
  const attend = async (workflowId: string): Promise<boolean> => {
    const { status, runId } = await client.workflow.getHandle(workflowId).describe()
    if (!isLost(status.name)) return false
    log.warn({ workflowId, run: runId, status: status.name }, 'what came after a cancellation is lost: it goes on')
    await goOn(client, workflowId, runId)
    return true
  }

  return {
    restartLostCases: async () => {
      const ids = new Set<string>()
      for await (const { workflowId } of client.workflow.list({ query: lostRuns })) ids.add(workflowId)
      const restarted: string[] = []
      const attendOne = async (workflowId: string) => void ((await attend(workflowId)) && restarted.push(workflowId))
      await inGroups(
        [...ids].map((id) => [id]),
        atOnce,
        attendOne,
      )
      return restarted
    },
  }
}
