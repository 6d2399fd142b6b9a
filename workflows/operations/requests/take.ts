import {
  eventHeaders,
  type OperationAnswer,
  type OperationRequested,
  operationRequested,
  readEnvelope,
  topics,
  UnreadableMessage,
} from '@countermand/contracts'
import { operatorsSource } from '@countermand/contracts/sources.ts'
import { deadLetter, type IncomingMessage, type OutgoingMessage, readEvent } from '@countermand/kafka'
import { processed } from '@countermand/kafka/spans.ts'
import { inGroups } from '@countermand/process/in-groups.ts'
import type { Logger, Metrics } from '@countermand/telemetry'
import { answerTo } from './answer.ts'
import { isForgotten, isLook, type Parts } from './asked.ts'

interface Options extends Parts {
  /** Resolves when the broker has acknowledged the messages. */
  readonly publish: (messages: readonly OutgoingMessage[]) => Promise<void>
  readonly now: () => string
  readonly log: Logger
  readonly metrics: Metrics
}

const atOnce = 8

const answerMessage = (
  { operationId, dryRun }: OperationRequested,
  answer: OperationAnswer,
  at: string,
): OutgoingMessage => ({
  topic: topics.operationResults,
  key: operationId,
  headers: eventHeaders({
    ...{ id: `${operationId}/${dryRun ? 'would' : 'came'}`, source: operatorsSource },
    ...{ type: 'operation.answered.v1', time: at, subject: operationId },
  }),
  value: JSON.stringify({ operationId, dryRun, at, answer }),
})

const read = (message: IncomingMessage): OperationRequested => {
  const event = readEvent(readEnvelope(message), message)
  return operationRequested.parse(event.data)
}

/**
 * Carries out what people ask for from a screen, and tells what came of it. A batch is done when the broker has all of its answers; whatever
 * ends this process before makes the same requests come again, of which each is done once.
 */
export const createTaker = (options: Options) => {
  const { publish, now, log, metrics } = options
  const counted = metrics.counter<'kind' | 'answer'>({
    name: 'countermand_operations_total',
    help: 'What people asked of operations from a screen, by kind and by what it came to',
    labelNames: ['kind', 'answer'],
  })

  const bury = async (message: IncomingMessage, error: unknown): Promise<void> => {
    if (!(error instanceof UnreadableMessage)) throw error
    const { topic, partition, offset } = message
    log.warn({ err: error, reason: error.reason, topic, partition, offset }, 'dead letter')
    const trouble = { reason: error.reason, error: error.message, service: 'operations', attempts: 1, failedAt: now() }
    await publish([deadLetter(message, trouble)])
  }

  const take = async (message: IncomingMessage): Promise<void> => {
    const asked = read(message)
    const { operationId, by, reason, dryRun, wanted } = asked
    if (isForgotten(asked, Date.parse(now()))) return
    const answer = await answerTo(options, asked)
    await publish([answerMessage(asked, answer, now())])
    counted.inc({ kind: wanted.kind, answer: answer.kind })
    if (!isLook(asked) && !dryRun)
      log.info(
        { operationId, by, reason, kind: wanted.kind, answer: answer.kind },
        'carried out for somebody at a screen',
      )
  }

  return (messages: readonly IncomingMessage[]): Promise<void> =>
    inGroups(Map.groupBy(messages, ({ key }) => key).values(), atOnce, (message) =>
      processed(message, () => take(message).catch((error: unknown) => bury(message, error))),
    )
}
