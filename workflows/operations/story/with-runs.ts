import { sagaIdInUse } from '../../src/runs/workflow-ids.ts'
import { runsOf } from '../find/find.ts'
import { identifyRun } from '../find/unheard.ts'
import { fetchHistory } from '../history/fetch.ts'
import { type Addresses, sagaUrl } from '../reach/addresses.ts'
import type { System } from '../reach/system.ts'
import type { Temporal } from '../reach/temporal.ts'
import { nextByRun } from './from-run.ts'
import { historyEntries } from './run-entries.ts'
import { readStory, type Story, type StorySources } from './story.ts'
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

/** All that services and Temporal know of an order or request; `undefined`: nobody has heard of it. */
export const wholeStory = async (
  id: string,
  { where, temporal, databases }: System,
  deadLetters: StorySources['deadLetters'],
): Promise<Story | undefined> => {
  const unheard = (unknown: string) => identifyRun(temporal, unknown)
  const known = await readStory(id, { databases, where, deadLetters, unheard })
  return known && withRuns(known, temporal, where)
}
