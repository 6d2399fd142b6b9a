import { inGroups } from '@countermand/messaging/in-groups.ts'
import { keepsFailing } from '@countermand/workflows/src/runs/keeps-failing.ts'
import { startProgress } from './progress.ts'
import { describeRun } from './retry/plan.ts'
import { filterOf, listRuns, type Run, type RunQuery, type Temporal } from './runs.ts'

const atOnce = 32

const onlyOpen = (query: RunQuery): RunQuery => ({
  ...query,
  attention: false,
  where: `ExecutionStatus = 'Running'${query.where === undefined ? '' : ` AND (${query.where})`}`,
})

export const countOpenRuns = async ({ client }: Temporal, query: RunQuery): Promise<number> =>
  (await client.workflow.count(filterOf(onlyOpen(query)))).count

/**
 * Open runs whose workflow task keeps failing: they cannot say themselves that they need attention, and no search finds
 * them, so each open run is looked at, many side by side.
 */
export const listFailingRuns = async (temporal: Temporal, query: RunQuery): Promise<Run[]> => {
  const open = (await listRuns(temporal, onlyOpen(query))).filter((run) => !run.needsAttention)
  const progress = startProgress('open sagas looked at', open.length)
  const failing = new Set<Run>()
  const look = async (run: Run): Promise<void> => {
    const found = await describeRun(temporal, run.workflowId)
    if (found !== undefined && keepsFailing(found)) failing.add(run)
    progress.step()
  }
  await inGroups(
    open.map((run) => [run]),
    atOnce,
    look,
  ).finally(() => progress.end())
  return open
    .filter((run) => failing.has(run))
    .map((run) => ({ ...run, needsAttention: true, attentionReason: 'workflow-task-failing' }))
}
