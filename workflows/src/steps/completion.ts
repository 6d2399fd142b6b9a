import { type Answer, UnreadableMessage } from '@countermand/contracts'
import { AsyncCompletionClient, type Client, isGrpcServiceError } from '@temporalio/client'

/** Completes an activity. Rejects with `ActivityNotFoundError` when nobody waits for it, with `UnreadableMessage` when it can never be. */
export type Complete = (
  activity: { readonly workflowId: string; readonly activityId: string },
  answer: Answer,
) => Promise<void>

const invalidArgument = 3

/** The SDK tells what Temporal will never take by the same error as a server that is away. */
class Completion extends AsyncCompletionClient {
  protected override handleError(error: unknown): never {
    if (isGrpcServiceError(error) && error.code === invalidArgument)
      throw new UnreadableMessage('processing-failed', `expected Temporal to take the answer, got "${error.details}"`, {
        cause: error,
      })
    return super.handleError(error)
  }
}

export const openCompletion = ({ connection, options }: Client): Complete => {
  const { namespace, identity, dataConverter } = options
  const completion = new Completion({ connection, namespace, identity, dataConverter })
  return (activity, answer) => completion.complete(activity, answer)
}
