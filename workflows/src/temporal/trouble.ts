import { UnreadableMessage } from '@countermand/contracts'
import { InfrastructureError } from '@countermand/kafka'
import { isGrpcServiceError } from '@temporalio/client'

/** gRPC's INVALID_ARGUMENT and OUT_OF_RANGE: asking again would be answered the same. The limits of a run are told so too. */
const faults = [3, 11]
/** RESOURCE_EXHAUSTED is mostly said of a server that has no time now. But gRPC says it of a size, and older servers of a run's limits. */
const exhausted = 8
const notOfTime = /larger than|exceeded workflow execution limit|exceeds limit/i

interface Said extends Error {
  readonly code: number
  readonly details: string
}

/** Whether Temporal will never take it, however often it is asked. */
export const isFault = ({ code, details }: Pick<Said, 'code' | 'details'>): boolean =>
  faults.includes(code) || (code === exhausted && notOfTime.test(details))

/** What gRPC said; `undefined`: it is an error of something else. The SDK wraps it. */
export const grpcErrorOf = (error: unknown): Said | undefined => {
  if (!(error instanceof Error)) return undefined
  return isGrpcServiceError(error) ? error : grpcErrorOf(error.cause)
}

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
  const said = grpcErrorOf(error)
  if (said === undefined || !isFault(said))
    throw new InfrastructureError('expected Temporal to answer', { cause: error })
  return new UnreadableMessage('processing-failed', said.message, { cause: error })
}
