import { sagaId } from '@countermand/contracts'
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import { traceIds } from './tracing.ts'

export type Logger = PinoLogger

/** A process's logger: one JSON object per line, on stdout unless a stream is given. A line that is written in a span has its ids. */
export const createLogger = (options: {
  /** The service's name, on every line. */
  readonly name: string
  /** The least level to log; `silent`: nothing. */
  readonly level: string
  readonly stream?: DestinationStream
}): Logger =>
  pino(
    {
      level: options.level,
      base: { service: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => traceIds(),
    },
    options.stream ?? pino.destination({ fd: 1, sync: true }),
  )

/** The bindings of a message's child logger: `logger.child(logContext(message))`. A message about no cancellation has no `requestId`. */
export const logContext = (about: {
  readonly orderId: string
  readonly requestId?: string | undefined
}): Record<string, string> =>
  about.requestId === undefined
    ? { orderId: about.orderId }
    : { sagaId: sagaId(about.orderId, about.requestId), orderId: about.orderId, requestId: about.requestId }
