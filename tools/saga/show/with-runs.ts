import { sagaIdInUse } from '@countermand/workflows/src/runs/workflow-ids.ts'
import { type Addresses, sagaUrl } from '../addresses.ts'
import { runsOf } from '../find.ts'
import { fetchHistory } from '../replay/fetch.ts'
import type { Temporal } from '../runs.ts'
import { nextByRun } from './from-run.ts'
import { historyEntries } from './history.ts'
import type { Story } from './story.ts'
import { inOrder } from './timeline.ts'

/** Joins what Temporal keeps of a story's requests: their runs' histories, the id that the latest has, and what it says of itself. */
export const withRuns = async (
  story: Story,
  temporal: Temporal,
  where: Pick<Addresses, 'temporalUiUrl' | 'namespace'>,
): Promise<Story> => {
  const { requestId, orderId } = story
  if (requestId === null) return story
  const workflowId = await sagaIdInUse(temporal.client, { orderId, requestId })
  const requestIds = new Set([...story.requests.map((each) => each.requestId), requestId])
  const runs = await Promise.all([...requestIds].map((each) => runsOf(temporal, { orderId, requestId: each })))
  const told = await Promise.all(
    runs.flat().map(async (run) => {
      const history = await fetchHistory(temporal, run)
      return { run, history, entries: historyEntries(run, history) }
    }),
  )
  const latest = told.findLast(({ run }) => run.workflowId === workflowId)
  const next = await nextByRun(temporal, { ...story, requestId, workflowId }, latest?.history)
  const timeline = inOrder([...story.timeline, ...told.flatMap(({ entries }) => entries)])
  return { ...story, workflowId, temporalUrl: sagaUrl(where, workflowId), next, timeline }
}
