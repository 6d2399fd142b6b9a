import { topics } from '@countermand/contracts'
import {
  connectKafka,
  createPublisher,
  type IncomingMessage,
  type OutgoingMessage,
  type RunningConsumer,
  startConsumer,
} from '@countermand/kafka'
import { port, settingsOrExit, sharedSettings } from '@countermand/settings'
import { createLogger, createMetrics, type Logger, type Metrics, startHttpServer } from '@countermand/telemetry'
import { z } from 'zod'

/** What drives the sagas in place of the orchestrator, or is measured beside it. */
export const engineNames = ['empty', 'script', 'restate', 'dbos'] as const
export type EngineName = (typeof engineNames)[number]

/** Each engine has its own topics for requests and answers; commands and the public story are those of the one system. */
export const prefixOf = (engine: EngineName): string => `bench-${engine}.`
/** The topics of which an engine has its own. */
export const ownTopics = [topics.cancelRequests, topics.sagaReplies, topics.cancellations] as const

export interface EngineParts {
  readonly brokers: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
  readonly metrics: Metrics
  /** To the topics of the system, which every engine shares. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>
  /** To topics of the engine's own. */
  publishOwn(messages: readonly OutgoingMessage[]): Promise<void>
  /** Reads one of the engine's own topics, as a consumer group of this engine. */
  read(
    topic: (typeof ownTopics)[number],
    onBatch: (messages: readonly IncomingMessage[]) => Promise<void>,
  ): Promise<RunningConsumer>
}

const settings = z.object({
  KAFKA_BROKERS: sharedSettings.KAFKA_BROKERS,
  LOG_LEVEL: sharedSettings.LOG_LEVEL,
  HTTP_HOST: sharedSettings.HTTP_HOST,
  ENGINE_HTTP_PORT: port(0, 'health'),
})

/** Runs an engine as a process: `start` resolves when it takes requests, and returns how it ends. */
export const engineMain = async (
  name: EngineName,
  start: (parts: EngineParts) => Promise<() => Promise<void>>,
): Promise<void> => {
  const { env, argv } = process
  const {
    KAFKA_BROKERS: brokers,
    LOG_LEVEL,
    HTTP_HOST,
    ENGINE_HTTP_PORT,
  } = settingsOrExit({ name, env, argv }, settings)
  const log = createLogger({ name, level: LOG_LEVEL })
  const metrics = createMetrics()
  const consumers: RunningConsumer[] = []
  let starting = true
  const waiting = () => consumers.flatMap((each) => (each.joined() ? [] : ['kafka: not a member of its group yet']))
  const http = await startHttpServer({
    port: ENGINE_HTTP_PORT,
    host: HTTP_HOST,
    registry: metrics.registry,
    readiness: () => (starting ? ['starting'] : waiting()),
  })
  const own = connectKafka({ brokers, clientId: name, prefix: prefixOf(name) })
  const publisher = createPublisher({ kafka: connectKafka({ brokers, clientId: name, prefix: '' }) })
  const ownPublisher = createPublisher({ kafka: own })
  const end = await start({
    brokers,
    env,
    log,
    metrics,
    publish: publisher.publish,
    publishOwn: ownPublisher.publish,
    read: async (topic, onBatch) => {
      const consumer = await startConsumer({ kafka: own, groupId: topic, topics: [topic], log, onBatch })
      consumers.push(consumer)
      return consumer
    },
  })
  starting = false
  const stop = async () => {
    await Promise.all(consumers.map((each) => each.stop()))
    await end()
    await Promise.all([publisher.stop(), ownPublisher.stop(), http.close()])
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
}
