import { connectionCodes } from '@countermand/database'
import { InfrastructureError } from '@countermand/kafka'
import { grpcErrorOf } from '../../src/temporal/trouble.ts'

/** gRPC's UNAVAILABLE. */
const unavailable = 14

const codeOf = (error: Error): string =>
  'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? String(error.code) : ''

/** PostgreSQL's classes of connections that broke, and of servers that shut down; the pool has no code for its own. */
const isOfConnection = (error: Error): boolean =>
  connectionCodes.has(codeOf(error)) ||
  /^(08|57P)/.test(codeOf(error)) ||
  /connection.*(terminated|timeout)/i.test(error.message)

/** Whether Temporal, Kafka or a database is not there: what was asked is asked again when it is back. */
export const isAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  if (error instanceof InfrastructureError || isOfConnection(error)) return true
  return grpcErrorOf(error)?.code === unavailable || isAway(error.cause)
}
