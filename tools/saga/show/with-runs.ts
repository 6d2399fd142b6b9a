import { sagaId } from '@countermand/contracts'
import { runsOf } from '../find.ts'
import { fetchHistory } from '../replay/fetch.ts'
import type { Temporal } from '../runs.ts'
import { nextByRun } from './from-run.ts'
import { historyEntries } from './history.ts'
import type { Story } from './story.ts'
import { inOrder } from './timeline.ts'

/** Joins what Temporal keeps of a story's requests: their runs' histories, and what the latest says of itself. */
export const withRuns = async (story: Story, temporal: Temporal): Promise<Story> => {
  const { requestId, orderId, workflowId } = story
  if (requestId === null || workflowId === null) return story
  const requestIds = new Set([...story.requests.map((each) => each.requestId), requestId])
  const runs = await Promise.all(
    [...requestIds].map((each) => runsOf(temporal, { orderId, requestId: each, workflowId: sagaId(orderId, each) })),
  )
  const told = await Promise.all(
    runs.flat().map(async (run) => {
      const history = await fetchHistory(temporal, run)
      return { run, history, entries: historyEntries(run, history) }
    }),
  )
  const latest = told.findLast(({ run }) => run.workflowId === workflowId)
  const next = await nextByRun(temporal, { ...story, requestId, workflowId }, latest?.history)
  return { ...story, next, timeline: inOrder([...story.timeline, ...told.flatMap(({ entries }) => entries)]) }
}
