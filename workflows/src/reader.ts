import { type IncomingMessage, type KafkaConnection, startConsumer, startWatchdog } from '@countermand/messaging'
import type { Logger, Metrics } from '@countermand/telemetry'
import type { IntakeGate } from './intake-gate.ts'

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
  readonly gate?: IntakeGate
}

/** A consumer that is watched: kafkajs' consumers can die without a word. */
export interface Reader {
  /** Why it is not ready, in words; empty: it is. */
  readiness(): string[]
  /** The partitions of its topic that this process reads at the moment. */
  owned(): readonly number[]
  stop(): Promise<void>
}

/** A batch that failed this recently is being tried again: Temporal is away, the consumer is well. */
const triedAgainWithinMs = 150_000

export const startReader = async (options: ReaderOptions): Promise<Reader> => {
  const { kafka, groupId, topic, log, metrics } = options
  let putOffAt = Number.NEGATIVE_INFINITY
  const consumer = await startConsumer({
    kafka,
    groupId,
    topics: [topic],
    log,
    onBatch: async (messages) => {
      try {
        await options.gate?.pass()
        await options.onBatch(messages)
      } catch (error) {
        putOffAt = performance.now()
        throw error
      }
    },
  })
  let paused = false
  options.gate?.listen((shut) => {
    // Again at each look: a batch that was put off has its partition alone paused, and kafkajs then forgets the topic's.
    if (shut) consumer.pause([topic])
    else if (paused) consumer.resume([topic])
    paused = shut
  })
  const onStuck = (reason: string) => {
    if (performance.now() - putOffAt > triedAgainWithinMs) options.onStuck(reason)
  }
  const watchdog = startWatchdog({ kafka, groupId, topics: [topic], metrics, log, onStuck, paused: () => paused })
  return {
    readiness: () => [...(consumer.joined() ? [] : [`kafka: not a member of ${groupId}`]), ...watchdog.reasons()],
    owned: () => (consumer.joined() ? (consumer.assignment()[topic] ?? []) : []),
    stop: async () => {
      watchdog.stop()
      await consumer.stop()
    },
  }
}
