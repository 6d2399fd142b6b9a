import type { WorkflowExecutionDescription } from '@temporalio/client'

type Described = Pick<WorkflowExecutionDescription, 'raw'>

/** How often the workflow task at hand was tried; 0: there is none. */
export const attemptOf = ({ raw }: Described): number => raw.pendingWorkflowTask?.attempt ?? 0

/** A workflow task that was tried more often than this is not unlucky but broken. */
const unluckyAttempts = 3

/** Whether the code fails a run again and again: the one threshold of what is told and what is shown. */
export const keepsFailing = (run: Described): boolean => attemptOf(run) > unluckyAttempts
