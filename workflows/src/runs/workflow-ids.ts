import { formerSagaId, sagaId } from '@countermand/contracts/message-id.ts'
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client'
import { attributes } from '../protocol/search-attributes.ts'

/** Which workflow id a run has: today's, or, when it was started before ids told every pair apart, that of then. */

const describe = async (
  { workflow }: Client,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> => {
  try {
    return await workflow.getHandle(workflowId).describe()
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** `isThis`: the former id may be of another pair's run. Ids that have not changed, which most have not, cost no look. */
export const idInUse = async (
  client: Client,
  id: string,
  former: string,
  isThis: (run: WorkflowExecutionDescription) => boolean,
): Promise<string> => {
  if (id === former) return id
  const run = await describe(client, former)
  return run !== undefined && isThis(run) ? former : id
}

/** The workflow id of a saga. */
export const sagaIdInUse = (
  client: Client,
  { orderId, requestId }: { readonly orderId: string; readonly requestId: string },
): Promise<string> =>
  idInUse(
    client,
    sagaId(orderId, requestId),
    formerSagaId(orderId, requestId),
    // With the order, the former id says the request too.
    ({ typedSearchAttributes }) => typedSearchAttributes.get(attributes.orderId) === orderId,
  )
