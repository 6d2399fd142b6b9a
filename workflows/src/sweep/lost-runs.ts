import { inGroups } from '@countermand/process/in-groups.ts'
import type { Logger } from '@countermand/telemetry'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { requestedSignal, workflowType } from '../protocol/inputs.ts'
import { lateInterceptType } from '../protocol/late-intercept.ts'
import { reversedWorkflowType } from '../protocol/reversal.ts'
import type { LostRunActivities } from '../protocol/sweep.ts'
import { eventsOf, goOn, isLost, tellAgain } from '../runs/go-on.ts'
import { requestedIn } from '../runs/started-with.ts'
import { waitsForItsRequest } from './sweep.ts'

const atOnce = 16
const types: readonly string[] = [workflowType, reversedWorkflowType, lateInterceptType]
const lost = `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')}) AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut')`

const dayMs = 86_400_000

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
      const lost = { workflowId, runId: lostRunId }
      const events = await eventsOf(client, lost)
      const requested = events && requestedIn(events)
      if (events === undefined || requested === undefined) return false
      log.warn({ workflowId, run: runId, lost: lostRunId }, 'a run is lost: a later one that waits gets its request')
      await tellAgain(client, lost, events)
      await handle.signal(requestedSignal, requested)
      return true
    }
    if (!isLost(status.name) || !types.includes(type)) return false
    log.warn({ workflowId, run: runId, status: status.name }, 'a run is lost: it goes on')
    const events = await eventsOf(client, { workflowId, runId })
    if (events !== undefined) await goOn(client, { workflowId, runId }, events, 'the sweep found it lost')
    return events !== undefined
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
