import type { Logger, Metrics } from '@countermand/telemetry'
import type { Admin, KafkaConnection } from './kafka.ts'

/** Sees to it that a consumer which died silently does not stay so. */
export interface Watchdog {
  /** Partitions with lag and no progress, in words. */
  reasons(): string[]
  stop(): void
}

interface Seen {
  readonly committed: string
  readonly since: number
}

/**
 * Compares what the group has committed with the ends of its topics. A partition with lag whose committed offset has not
 * moved for `unreadyAfterMs` makes the process not ready; after `stuckAfterMs`, `onStuck` is called.
 */
export const startWatchdog = (options: {
  readonly kafka: KafkaConnection
  readonly groupId: string
  /** Without the prefix. */
  readonly topics: readonly string[]
  readonly metrics: Metrics
  readonly log: Logger
  readonly onStuck: (reason: string) => void
  /** Somebody has paused the consumer: that it makes no progress is as it should be. */
  readonly paused?: () => boolean
  readonly everyMs?: number
  readonly unreadyAfterMs?: number
  readonly stuckAfterMs?: number
}): Watchdog => {
  const { kafka, log, everyMs = 5_000, unreadyAfterMs = 30_000, stuckAfterMs = 120_000 } = options
  const lagOf = options.metrics.gauge<'topic' | 'partition'>({
    name: 'countermand_consumer_lag',
    help: 'Messages not yet processed, by topic and partition',
    labelNames: ['topic', 'partition'],
  })
  const seen = new Map<string, Seen>()
  let admin: Admin | undefined
  let stopped = false
  let stuck: string[] = []

  const look = async (connected: Admin) => {
    const topics = options.topics.map((topic) => `${kafka.prefix}${topic}`)
    const committed = await connected.fetchOffsets({ groupId: `${kafka.prefix}${options.groupId}`, topics })
    const found: string[] = []
    for (const { topic, partitions } of committed) {
      const ends = new Map((await connected.fetchTopicOffsets(topic)).map((end) => [end.partition, end]))
      for (const { partition, offset } of partitions) {
        const end = ends.get(partition)
        if (end === undefined) continue
        const lag = Number(end.high) - Math.max(Number(offset), Number(end.low))
        lagOf.set({ topic, partition: String(partition) }, lag)
        const key = `${topic}/${partition}`
        const before = seen.get(key)
        if (lag <= 0 || options.paused?.() || before === undefined || before.committed !== offset)
          seen.set(key, { committed: offset, since: Date.now() })
        else if (Date.now() - before.since >= unreadyAfterMs)
          found.push(
            `kafka: ${key} has ${lag} messages and made no progress for ${Math.round((Date.now() - before.since) / 1000)} s`,
          )
        if (lag > 0 && before !== undefined && before.committed === offset && Date.now() - before.since >= stuckAfterMs)
          options.onStuck(`no progress on ${key}`)
      }
    }
    stuck = found
  }

  const tick = async () => {
    try {
      if (admin === undefined) {
        const fresh = kafka.admin()
        await fresh.connect()
        admin = fresh
      }
      await look(admin)
    } catch (error) {
      log.debug({ err: error }, 'the watchdog could not look')
      await admin?.disconnect().catch(() => {})
      admin = undefined
    }
    if (stopped) await admin?.disconnect().catch(() => {})
    else timer = setTimeout(() => void tick(), everyMs).unref()
  }
  let timer = setTimeout(() => void tick(), everyMs).unref()

  return {
    reasons: () => stuck,
    stop: () => {
      stopped = true
      clearTimeout(timer)
      void admin?.disconnect().catch(() => {})
    },
  }
}
