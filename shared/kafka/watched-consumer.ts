import type { Metrics } from '@countermand/telemetry'
import { type ConsumerOptions, type RunningConsumer, startConsumer } from './consumer.ts'
import { expectDeadLetters } from './publisher-metrics.ts'
import { startWatchdog } from './watchdog.ts'

/** A consumer that is watched: kafkajs' consumers can die without a word. */
export interface WatchedConsumer extends RunningConsumer {
  /** Why it is not ready, in words; empty: it is. */
  readiness(): string[]
}

interface WatchedOptions extends ConsumerOptions {
  readonly metrics: Metrics
  /** It makes no progress, and not because something that it needs is away: the process should end, another takes over. */
  readonly onStuck: (reason: string) => void
}

/** A batch that failed this recently is being tried again: what it needs is away, the consumer is well. */
const triedAgainWithinMs = 150_000

export const startWatchedConsumer = async (options: WatchedOptions): Promise<WatchedConsumer> => {
  const { kafka, groupId, topics, log, metrics } = options
  expectDeadLetters(metrics, topics)
  let putOffAt = Number.NEGATIVE_INFINITY
  const consumer = await startConsumer({
    ...options,
    onBatch: async (messages) => {
      try {
        await options.onBatch(messages)
      } catch (error) {
        putOffAt = performance.now()
        throw error
      }
    },
  })
  const paused = new Set<string>()
  const watchdog = startWatchdog({
    ...{ kafka, groupId, topics, log, metrics },
    paused: () => paused.size > 0,
    onStuck: (reason) => {
      if (performance.now() - putOffAt > triedAgainWithinMs) options.onStuck(reason)
    },
  })
  return {
    ...consumer,
    readiness: () => [...(consumer.joined() ? [] : [`kafka: not a member of ${groupId}`]), ...watchdog.reasons()],
    pause: (held) => {
      for (const topic of held) paused.add(topic)
      consumer.pause(held)
    },
    resume: (held) => {
      for (const topic of held) paused.delete(topic)
      consumer.resume(held)
    },
    stop: async () => {
      watchdog.stop()
      await consumer.stop()
    },
  }
}
