import type { Client, WorkflowExecutionDescription } from '@temporalio/client'
import { tsToDate } from '@temporalio/common/lib/time.js'

type Described = Pick<WorkflowExecutionDescription, 'raw'>

/** How often the workflow task at hand was tried; 0: there is none. */
export const attemptOf = ({ raw }: Described): number => raw.pendingWorkflowTask?.attempt ?? 0

/** A workflow task that was tried more often than this is not unlucky but broken. */
const unluckyAttempts = 3

/** Whether the code fails a run again and again: the one threshold of what is told and what is shown. */
export const keepsFailing = (run: Described): boolean => attemptOf(run) > unluckyAttempts

/** The last failure that the history tells; attempts after the first leave no event. */
const lastFailure = async (
  { workflowService, options: { namespace } }: Client,
  execution: { readonly workflowId: string; readonly runId: string },
): Promise<{ readonly error: string; readonly since: string | undefined }> => {
  const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
    ...{ namespace, execution, maximumPageSize: 10 },
  })
  const failed = history?.events?.find((event) => event.workflowTaskFailedEventAttributes)
  return {
    error: failed?.workflowTaskFailedEventAttributes?.failure?.message ?? 'the worker does not answer',
    since: failed?.eventTime ? tsToDate(failed.eventTime).toISOString() : undefined,
  }
}

/** By what the code fails a run, and since when: what is told of it, and what is shown before anything was told. */
export const failureOfCode = async (
  client: Client,
  run: Described & { readonly workflowId: string; readonly runId: string },
  now: () => string,
): Promise<{ readonly error: string; readonly since: string }> => {
  const { workflowId, runId } = run
  const { error, since } = await lastFailure(client, { workflowId, runId })
  // Each attempt is scheduled anew: only the first one's failure says since when.
  const scheduled = run.raw.pendingWorkflowTask?.originalScheduledTime
  return {
    // What is wrong comes first: a line on a screen has room for little else.
    error: `${error.slice(0, 1_800)} (attempt ${attemptOf(run)} of a workflow task of run ${runId})`,
    since: since ?? (scheduled ? tsToDate(scheduled).toISOString() : now()),
  }
}
