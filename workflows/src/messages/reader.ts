import { type IncomingMessage, type KafkaConnection, startWatchedConsumer } from '@countermand/kafka'
import type { Logger, Metrics } from '@countermand/telemetry'

/** A door before a reader. */
export interface ReadingGate {
  /** Throws while it is shut. What it lets through was allowed a second ago or less. */
  pass(): Promise<void>
  /** Calls back after each look. */
  listen(listener: (shut: boolean) => void): void
}

interface ReaderOptions {
  readonly kafka: KafkaConnection
  readonly groupId: string
  readonly topic: string
  readonly onBatch: (messages: readonly IncomingMessage[]) => Promise<void>
  readonly log: Logger
  readonly metrics: Metrics
  /** It makes no progress, and not because something that it needs is away. */
  readonly onStuck: (reason: string) => void
  /** Shut by an operator: nothing is read. */
  readonly gate?: ReadingGate
}

/** A reader of one topic. */
export interface Reader {
  /** Why it is not ready, in words; empty: it is. */
  readiness(): string[]
  /** The partitions of its topic that this process reads at the moment. */
  owned(): readonly number[]
  stop(): Promise<void>
}

export const startReader = async ({ gate, topic, onBatch, ...options }: ReaderOptions): Promise<Reader> => {
  const consumer = await startWatchedConsumer({
    ...options,
    topics: [topic],
    onBatch: async (messages) => {
      await gate?.pass()
      await onBatch(messages)
    },
  })
  let paused = false
  gate?.listen((shut) => {
    // Again at each look: a batch that was put off has its partition alone paused, and kafkajs then forgets the topic's.
    if (shut) consumer.pause([topic])
    else if (paused) consumer.resume([topic])
    paused = shut
  })
  return {
    readiness: consumer.readiness,
    owned: () => (consumer.joined() ? (consumer.assignment()[topic] ?? []) : []),
    stop: consumer.stop,
  }
}
