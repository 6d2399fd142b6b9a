import { type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client'
import { reasonOf } from '../reach/reason-of.ts'
import type { Temporal } from '../reach/temporal.ts'

export type Description = Pick<WorkflowExecutionDescription, 'status' | 'closeTime' | 'raw' | 'runId'>

/** How the latest run of an id is; `undefined`: Temporal keeps none. */
export const describeRun = ({ client }: Temporal, workflowId: string): Promise<Description | undefined> =>
  client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined
      throw new Error(`expected Temporal to describe ${workflowId}: ${reasonOf(error)}`, { cause: error })
    })
