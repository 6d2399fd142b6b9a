import { inGroups } from '@countermand/process/in-groups.ts'
import { failureOfCode, keepsFailing } from '../../src/runs/keeps-failing.ts'
import { unwatched, type WatchProgress } from '../reach/progress.ts'
import type { Temporal } from '../reach/temporal.ts'
import { describeRun } from './describe-run.ts'
import { filterOf, listRuns, type Run, type RunQuery } from './runs.ts'

const atOnce = 32

const onlyOpen = (query: RunQuery): RunQuery => ({
  ...query,
  attention: false,
  where: `ExecutionStatus = 'Running'${query.where === undefined ? '' : ` AND (${query.where})`}`,
})

export const countOpenRuns = async ({ client }: Temporal, query: RunQuery): Promise<number> =>
  (await client.workflow.count(filterOf(onlyOpen(query)))).count

/** A run whose code fails, by what, and since when: it cannot say so itself, and is told of a minute later. */
export interface FailingRun {
  readonly run: Run
  readonly error: string
  readonly since: string
}

/** Whether a run's code fails, as the run itself shows it. */
export const lookWhetherFailing = async (temporal: Temporal, run: Run): Promise<FailingRun | undefined> => {
  const found = await describeRun(temporal, run.workflowId)
  if (found === undefined || !keepsFailing(found)) return undefined
  const about = { raw: found.raw, workflowId: run.workflowId, runId: found.runId }
  const failure = await failureOfCode(temporal.client, about, () => run.startedAt.toISOString())
  return { run: { ...run, needsAttention: true, attentionReason: 'workflow-task-failing' }, ...failure }
}

/**
 * Open runs whose workflow task keeps failing: they cannot say themselves that they need attention, and no search finds
 * them, so each open run is looked at, many side by side.
 */
export const listFailingRuns = async (
  temporal: Temporal,
  query: RunQuery,
  watch: WatchProgress = unwatched,
): Promise<FailingRun[]> => {
  const open = (await listRuns(temporal, onlyOpen(query))).filter((run) => !run.needsAttention)
  const progress = watch('open sagas looked at', open.length)
  const failing = new Map<Run, FailingRun>()
  const look = async (run: Run): Promise<void> => {
    const found = await lookWhetherFailing(temporal, run)
    if (found !== undefined) failing.set(run, found)
    progress.step()
  }
  await inGroups(
    open.map((run) => [run]),
    atOnce,
    look,
  ).finally(() => progress.end())
  return open.flatMap((run) => failing.get(run) ?? [])
}
