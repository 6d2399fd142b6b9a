import { inGroups } from '@countermand/process/in-groups.ts'
import type { Client } from '@temporalio/client'
import { digestMemo } from '../protocol/inputs.ts'

/** What a search tells of an open run; it is some moments old. */
export interface OpenRun {
  readonly runId: string
  /** Whether it was started with its request, and not by something that overtook it. */
  readonly hasRequest: boolean
}

/** A page of the sweep, and no more than a query takes. */
const idsOfAQuery = 200
const queriesAtOnce = 4

/** What would end its quotes is left out: each kind of server reads an escaped quote in its own way, and some not at all. */
const isSearchable = (workflowId: string): boolean => !/['"\\]/.test(workflowId)

const pagesOf = (workflowIds: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(workflowIds.length / idsOfAQuery) }, (_, page) =>
    workflowIds.slice(page * idsOfAQuery, (page + 1) * idsOfAQuery),
  )

/** Which of these workflow ids are known to have an open run, by one search for each 200 of them. */
export const findOpenRuns = async (
  client: Client,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, OpenRun>> => {
  const open = new Map<string, OpenRun>()
  await inGroups(
    pagesOf(workflowIds.filter(isSearchable)).map((page) => [page]),
    queriesAtOnce,
    async (page) => {
      const query = `WorkflowId IN (${page.map((workflowId) => `'${workflowId}'`).join(', ')}) AND ExecutionStatus = 'Running'`
      for await (const { workflowId, runId, memo } of client.workflow.list({ query, pageSize: idsOfAQuery }))
        open.set(workflowId, { runId, hasRequest: memo?.[digestMemo] !== undefined })
    },
  )
  return open
}
