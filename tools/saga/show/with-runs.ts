import { runsOf } from '../find.ts'
import { fetchHistory } from '../replay/fetch.ts'
import { describeRun, keepsFailing } from '../retry/plan.ts'
import type { Temporal } from '../runs.ts'
import { historyEntries } from './history.ts'
import type { Story } from './story.ts'
import { inOrder } from './timeline.ts'

/** What comes next when it is the run that holds a saga up; `undefined`: the services know it. */
const nextOfRun = async (temporal: Temporal, story: Story): Promise<string | undefined> => {
  const { requestId, workflowId, outcome } = story
  if (requestId === null || workflowId === null || outcome !== null) return undefined
  const run = await describeRun(temporal, workflowId)
  const retry = `npm run saga -- retry ${requestId} --by <you> --reason <why>`
  if (run === undefined)
    return `Temporal knows no run of it: one that holds its order is started again within a minute, or by\n${retry}`
  const { name } = run.status
  if (name !== 'RUNNING')
    return `its run is ${name.toLowerCase()} since ${run.closeTime?.toISOString()}: one that holds its order is started again within a minute, or by\n${retry}`
  if (!keepsFailing(run)) return undefined
  return `its workflow task keeps failing (attempt ${run.raw.pendingWorkflowTask?.attempt}): the code has to be put right; where it differs says\nnpm run saga -- replay ${requestId}`
}

/** Joins what Temporal keeps of a story's request: its runs' histories, and what is wrong with the one that is open. */
export const withRuns = async (story: Story, temporal: Temporal): Promise<Story> => {
  const { requestId, orderId, workflowId } = story
  if (requestId === null || workflowId === null) return story
  const runs = await runsOf(temporal, { orderId, requestId, workflowId })
  const histories = await Promise.all(runs.map(async (run) => historyEntries(run, await fetchHistory(temporal, run))))
  const next = await nextOfRun(temporal, story)
  return { ...story, next: next ?? story.next, timeline: inOrder([...story.timeline, ...histories.flat()]) }
}
