import { UnreadableMessage } from '@countermand/contracts'
import { InfrastructureError } from '@countermand/messaging'
import { isGrpcServiceError } from '@temporalio/client'

/** gRPC's INVALID_ARGUMENT and OUT_OF_RANGE: asking again would be answered the same. */
const faults = [3, 11]

/** What our own code throws when a message is of a kind that nobody thought of: nobody else's message is at fault, and trying again does not help. */
const isBug = (error: unknown): boolean =>
  error instanceof Error &&
  ['TypeError', 'RangeError', 'SyntaxError', 'ZodError', 'ValueError', 'UnsendableCommand'].includes(error.name)

/**
 * Why a message is to be put aside: it cannot be read, or Temporal will never take it. A server that is away is thrown, as Kafka's
 * consumers want it: the batch comes again.
 */
export const asDeadLetter = (error: unknown): UnreadableMessage => {
  if (error instanceof UnreadableMessage) return error
  if (error instanceof InfrastructureError) throw error
  if (isBug(error)) return new UnreadableMessage('processing-failed', String(error), { cause: error })
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error
  if (!isGrpcServiceError(cause) || !faults.includes(cause.code))
    throw new InfrastructureError('expected Temporal to answer', { cause: error })
  return new UnreadableMessage('processing-failed', cause.message, { cause: error })
}
