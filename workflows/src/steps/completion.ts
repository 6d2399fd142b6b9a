import { type Answer, UnreadableMessage } from '@countermand/contracts'
import { InfrastructureError } from '@countermand/kafka'
import { AsyncCompletionClient, type Client, isGrpcServiceError } from '@temporalio/client'
import { isFault } from '../temporal/trouble.ts'

/** Completes an activity. Rejects with `ActivityNotFoundError` when nobody waits for it, with `UnreadableMessage` when it can never be. */
export type Complete = (
  activity: { readonly workflowId: string; readonly activityId: string },
  answer: Answer,
) => Promise<void>

/** gRPC's NOT_FOUND. */
const notFound = 5

/** The SDK tells what Temporal will never take by the same error as a server that is away, and not what the server said. */
class Completion extends AsyncCompletionClient {
  protected override handleError(error: unknown): never {
    if (!isGrpcServiceError(error) || error.code === notFound) return super.handleError(error)
    const words = `expected Temporal to take the answer, got "${error.details}"`
    if (isFault(error)) throw new UnreadableMessage('processing-failed', words, { cause: error })
    throw new InfrastructureError(words, { cause: error })
  }
}

export const openCompletion = ({ connection, options }: Client): Complete => {
  const { namespace, identity, dataConverter } = options
  const completion = new Completion({ connection, namespace, identity, dataConverter })
  return (activity, answer) => completion.complete(activity, answer)
}
