import type { UnreadableMessage } from '@countermand/contracts'
import { deadLetter, type IncomingMessage } from '@countermand/kafka'
import type { Logger } from '@countermand/telemetry'
import type { Publish } from './publish.ts'

interface Undertaker {
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
}

/** Puts a message aside that cannot be used. Resolves when the broker has its dead letter. */
export const bury = async (
  message: IncomingMessage,
  error: UnreadableMessage,
  { publish, now, log }: Undertaker,
): Promise<void> => {
  const { topic, partition, offset } = message
  log.warn({ err: error, reason: error.reason, topic, partition, offset }, 'dead letter')
  const trouble = { reason: error.reason, error: error.message, service: 'orchestrator', attempts: 1, failedAt: now() }
  await publish([deadLetter(message, trouble)])
}
