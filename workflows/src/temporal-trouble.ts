import { InfrastructureError } from '@countermand/messaging'
import { isGrpcServiceError } from '@temporalio/client'

/** gRPC's INVALID_ARGUMENT and OUT_OF_RANGE: asking again would be answered the same. */
const faults = [3, 11]

/** The error of a call to Temporal, as Kafka's consumers want it: a message that is at fault, or a server that is away. */
export const temporalTrouble = (error: unknown): { readonly fault: boolean; readonly error: Error } => {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error
  if (isGrpcServiceError(cause) && faults.includes(cause.code)) return { fault: true, error: cause }
  return { fault: false, error: new InfrastructureError('expected Temporal to answer', { cause: error }) }
}
