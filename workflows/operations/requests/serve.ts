import { topics } from '@countermand/contracts'
import { countReduced, createPublisher, publishingLetters, startWatchedConsumer } from '@countermand/kafka'
import type { Logger, Metrics } from '@countermand/telemetry'
import type { Parts } from './asked.ts'
import { createTaker } from './take.ts'

/** Kafka's name for those who carry out what is asked from screens, without the prefix. */
export const operationsGroup = 'countermand-operations'

export interface Serving {
  /** Why it is not ready, in words; empty: it is. */
  readiness(): string[]
  /** Finishes what it has at hand. */
  stop(): Promise<void>
}

/** Carries out what people ask for on `operations.requests.v1`, from now on. */
export const serveRequests = async (
  options: Parts & { readonly log: Logger; readonly metrics: Metrics; readonly onStuck: (reason: string) => void },
): Promise<Serving> => {
  const { kafka, log, metrics, onStuck } = options
  const publisher = createPublisher({
    kafka,
    metrics,
    onTrouble: (error) => log.warn({ err: error }, 'the broker does not answer'),
  })
  const consumer = await startWatchedConsumer({
    ...{ kafka, log, metrics, onStuck, groupId: operationsGroup, topics: [topics.operationRequests] },
    onBatch: createTaker({
      ...options,
      publish: publishingLetters(publisher.publish, countReduced(metrics), log),
      now: () => new Date().toISOString(),
    }),
  })
  return {
    readiness: () => [
      ...consumer.readiness(),
      ...(publisher.healthy() ? [] : ['kafka: the broker takes no messages']),
      ...publisher.refused(),
    ],
    stop: async () => {
      await consumer.stop()
      await publisher.stop()
    },
  }
}
