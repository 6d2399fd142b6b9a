import type { Logger } from '@countermand/telemetry'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { inGroups } from './concurrently.ts'
import { requestedSignal, workflowType } from './inputs.ts'
import { lateInterceptType } from './late-intercept.ts'
import { reversedWorkflowType } from './reversal.ts'
import { requestedAtStart } from './started-with.ts'
import { waitsForItsRequest } from './sweep.ts'

/** The sweep's look at runs that no hold tells of: sagas that were lost before their first step, and what came after an end. */
export interface LostRunActivities {
  /** Lets the runs go on that were terminated, failed or timed out within a day. Returns their workflow ids. */
  restartLostRuns(): Promise<string[]>
}

const atOnce = 16
const types: readonly string[] = [workflowType, reversedWorkflowType, lateInterceptType]
const lost = `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')}) AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut')`
const isLost = (status: string): boolean => ['TERMINATED', 'FAILED', 'TIMED_OUT'].includes(status)

const dayMs = 86_400_000

/**
 * A new run. From the first workflow task on it keeps also what the lost one was told; it gets the stored answers and recorded
 * decisions, and so does nothing twice. The ids make it happen once for each lost run.
 */
const goOn = async ({ workflow, workflowService, options }: Client, workflowId: string, runId: string) => {
  const { events } = await workflow.getHandle(workflowId, runId).fetchHistory()
  const started = events?.[0]?.workflowExecutionStartedEventAttributes
  const first = events?.find((event) => event.workflowTaskStartedEventAttributes)?.eventId
  const asked = { namespace: options.namespace, requestId: `sweep-${runId}` }
  if (first != null) {
    const reset = { workflowExecution: { workflowId, runId }, reason: 'the sweep found it lost' }
    await workflowService.resetWorkflowExecution({ ...asked, ...reset, workflowTaskFinishEventId: first })
  } else if (started != null) {
    const { workflowType: type, taskQueue, input, memo, searchAttributes } = started
    const userMetadata = events?.[0]?.userMetadata ?? null
    const again = { workflowType: type ?? null, taskQueue: taskQueue ?? null, input: input ?? null }
    const found = { memo: memo ?? null, searchAttributes: searchAttributes ?? null, userMetadata }
    await workflowService.startWorkflowExecution({ ...asked, workflowId, ...again, ...found })
  }
}

export const createLostRuns = ({
  client,
  log,
}: {
  readonly client: Client
  readonly log: Logger
}): LostRunActivities => {
  /** A later run of the same id may have gone on with it, or wait for the request that the lost one had. */
  const attend = async (workflowId: string, lostRunId: string): Promise<boolean> => {
    const handle = client.workflow.getHandle(workflowId)
    const run = await handle.describe()
    const { status, runId, type } = run
    if (type === workflowType && waitsForItsRequest(run)) {
      const requested = await requestedAtStart(client, workflowId, lostRunId)
      if (requested === undefined) return false
      log.warn({ workflowId, run: runId, lost: lostRunId }, 'a run is lost: a later one that waits gets its request')
      await handle.signal(requestedSignal, requested)
      return true
    }
    if (!isLost(status.name) || !types.includes(type)) return false
    log.warn({ workflowId, run: runId, status: status.name }, 'a run is lost: it goes on')
    await goOn(client, workflowId, runId)
    return true
  }

  const attendAll = async (lostRuns: ReadonlyMap<string, string>): Promise<string[]> => {
    const restarted: string[] = []
    const groups = [...lostRuns].map((run) => [run])
    await inGroups(groups, atOnce, async ([workflowId, runId]) => {
      const isRestarted = await attend(workflowId, runId).catch((error: unknown) => {
        // Its history has passed the retention meanwhile.
        if (error instanceof WorkflowNotFoundError) return false
        throw error
      })
      if (isRestarted) restarted.push(workflowId)
    })
    return restarted
  }

  return {
    restartLostRuns: async () => {
      const since = new Date(Date.now() - dayMs).toISOString()
      const lostRuns = new Map<string, string>()
      for await (const { workflowId, runId } of client.workflow.list({ query: `${lost} AND CloseTime >= '${since}'` }))
        lostRuns.set(workflowId, runId)
      return attendAll(lostRuns)
    },
  }
}
