import { type Logger, type Metrics, within } from '@countermand/telemetry'
import type { Admin, KafkaConnection } from './kafka.ts'

/** Sees to it that a consumer which died silently does not stay so. */
export interface Watchdog {
  /** Partitions with lag and no progress, or a broker that does not answer, in words. */
  reasons(): string[]
  stop(): void
}

interface Seen {
  readonly committed: string
  /** Of the clock that only goes forward, in ms. */
  readonly since: number
}

interface Partition {
  readonly topic: string
  readonly partition: number
  readonly committed: string
  readonly lag: number
}

const patienceMs = 5_000
/** A broker that has not answered for as long is away, rather than slow. */
const awayAfterMs = 12_000

const lagMetrics = (metrics: Metrics) => ({
  lag: metrics.gauge<'group' | 'topic' | 'partition'>({
    name: 'countermand_consumer_lag',
    help: 'Messages not yet processed, by consumer group, topic and partition',
    labelNames: ['group', 'topic', 'partition'],
  }),
  stalled: metrics.gauge<'group' | 'topic'>({
    name: 'countermand_consumer_stalled_seconds',
    help: 'For how long a partition that has messages has made no progress, the longest of a topic; 0: all make progress, or are paused',
    labelNames: ['group', 'topic'],
  }),
})

const readPartitions = async (
  admin: Admin,
  kafka: KafkaConnection,
  groupId: string,
  topics: readonly string[],
): Promise<Partition[]> => {
  const groups = await admin.fetchOffsets({
    groupId: `${kafka.prefix}${groupId}`,
    topics: topics.map((topic) => `${kafka.prefix}${topic}`),
  })
  const ofTopics = groups.map(async ({ topic, partitions }) => {
    const ends = new Map((await admin.fetchTopicOffsets(topic)).map((end) => [end.partition, end]))
    return partitions.flatMap(({ partition, offset: committed }) => {
      const end = ends.get(partition)
      if (end === undefined) return []
      const lag = Number(end.high) - Math.max(Number(committed), Number(end.low))
      return [{ topic: topic.slice(kafka.prefix.length), partition, committed, lag }]
    })
  })
  return (await Promise.all(ofTopics)).flat()
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
  const { kafka, groupId, topics, log, everyMs = 5_000, unreadyAfterMs = 30_000, stuckAfterMs = 120_000 } = options
  const gauges = lagMetrics(options.metrics)
  const seen = new Map<string, Seen>()
  let admin: Admin | undefined
  let stopped = false
  let stuck: string[] = []
  let answeredAt = performance.now()

  /** For how long the partition has had messages and made no progress, in ms. */
  const stalledFor = ({ topic, partition, committed, lag }: Partition): number => {
    const key = `${topic}/${partition}`
    const before = seen.get(key)
    const moves = lag <= 0 || options.paused?.() || before?.committed !== committed
    if (moves || before === undefined) seen.set(key, { committed, since: performance.now() })
    return moves || before === undefined ? 0 : performance.now() - before.since
  }

  const look = (partitions: readonly Partition[]) => {
    const found = partitions.map((partition) => ({ ...partition, ms: stalledFor(partition) }))
    for (const { topic, partition, lag } of found)
      gauges.lag.set({ group: groupId, topic, partition: String(partition) }, lag)
    for (const topic of topics) {
      const longest = Math.max(0, ...found.filter((each) => each.topic === topic).map(({ ms }) => ms))
      gauges.stalled.set({ group: groupId, topic }, longest / 1000)
    }
    stuck = found.flatMap(({ topic, partition, lag, ms }) =>
      ms < unreadyAfterMs
        ? []
        : [
            `kafka: ${kafka.prefix}${topic}/${partition} has ${lag} messages and made no progress for ${Math.round(ms / 1000)} s`,
          ],
    )
    for (const { topic, partition, ms } of found)
      if (ms >= stuckAfterMs) options.onStuck(`no progress on ${kafka.prefix}${topic}/${partition}`)
  }

  const connected = async (): Promise<Admin> => {
    if (admin !== undefined) return admin
    const fresh = kafka.admin()
    await fresh.connect()
    admin = fresh
    return fresh
  }

  const tick = async () => {
    try {
      const read = async () => readPartitions(await connected(), kafka, groupId, topics)
      look(await within(patienceMs, 'an answer', read()))
      answeredAt = performance.now()
    } catch (error) {
      log.debug({ err: error }, 'the watchdog could not look')
      const lost = admin
      admin = undefined
      void lost?.disconnect().catch(() => {})
    }
    if (stopped) await admin?.disconnect().catch(() => {})
    else timer = setTimeout(() => void tick(), everyMs).unref()
  }
  let timer = setTimeout(() => void tick(), everyMs).unref()

  return {
    reasons: () => {
      const silentMs = performance.now() - answeredAt
      return silentMs < awayAfterMs
        ? stuck
        : [`kafka: the broker has not answered for ${Math.round(silentMs / 1000)} s`, ...stuck]
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      void admin?.disconnect().catch(() => {})
    },
  }
}
