import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, connectKafka } from './kafka.ts'

/** A topic to have, as in `topicPlan()` of the contracts. */
export interface PlannedTopic {
  readonly name: string
  /** Partitions; `undefined`: as many as the options say. */
  readonly partitions: number | undefined
  /** Settings of the topic that differ from the broker's. */
  readonly config?: Readonly<Record<string, string>>
}

export interface TopicOptions {
  /** Put before each name: `KAFKA_TOPIC_PREFIX`. */
  readonly prefix: string
  readonly partitions: number
}

/**
 * An admin connection; the caller disconnects it. kafkajs logs nothing: its errors are thrown. Some of its calls find the cluster only
 * when they try again, so without retries ask `describeCluster` first.
 */
export const connectAdmin = async (brokers: readonly string[], retries = 5): Promise<Admin> => {
  const admin = connectKafka({ brokers, clientId: 'countermand-admin', prefix: '', retries }).admin()
  await admin.connect()
  return admin
}

const withAdmin = async <T>(
  brokers: readonly string[],
  retries: number,
  work: (admin: Admin) => Promise<T>,
): Promise<T> => {
  const admin = await connectAdmin(brokers, retries)
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Tries until it works: a young broker refuses, has no controller yet, or is loading its coordinators. */
const retried = async <T>(
  what: string,
  timeoutMs: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> => {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (cause) {
      if (performance.now() > deadline) throw new Error(`expected ${what} within ${timeoutMs} ms`, { cause })
      await sleep(150, undefined, { signal })
    }
  }
}

/**
 * Waits until the cluster has a controller and answers for consumer groups, which a broker that just opened its port does not yet do.
 * Throws when that has not happened within `timeoutMs`.
 */
export const waitForBroker = (brokers: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<void> =>
  retried(
    `Kafka to answer on ${brokers.join(', ')}`,
    timeoutMs,
    () =>
      withAdmin(brokers, 0, async (admin) => {
        const cluster = await admin.describeCluster()
        if (cluster.controller === null || cluster.controller < 0) throw new Error('the cluster has no controller yet')
        await admin.fetchOffsets({ groupId: 'countermand-readiness' })
      }),
    signal,
  )

/**
 * Creates the topics that are missing and waits until each partition of all of them has a leader. A topic that is there keeps its
 * partitions: more of them would send an order's next message elsewhere than its first.
 */
export const ensureTopics = (
  brokers: readonly string[],
  plan: readonly PlannedTopic[],
  options: TopicOptions,
): Promise<void> => {
  const wanted = plan.map(({ name, partitions, config = {} }) => ({
    topic: `${options.prefix}${name}`,
    numPartitions: partitions ?? options.partitions,
    configEntries: Object.entries(config).map(([entry, value]) => ({ name: entry, value })),
  }))
  return retried('all topics with their leaders', 60_000, () =>
    withAdmin(brokers, 0, async (admin) => {
      const present = new Set(await admin.listTopics())
      const missing = wanted.filter(({ topic }) => !present.has(topic))
      if (missing.length > 0) await admin.createTopics({ topics: missing, timeout: 30_000 })
      const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) })
      const leaderless = topics.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0))
      if (leaderless.length > 0) throw new Error(`no leader yet for ${leaderless.map(({ name }) => name).join(', ')}`)
      // The cluster names a leader before the leader knows: it says "not the leader" when asked, and would to a producer.
      for (const { topic } of wanted) await admin.fetchTopicOffsets(topic)
    }),
  )
}

export interface PartitionOffsets {
  readonly partition: number
  /** The oldest offset that is kept. */
  readonly low: number
  /** The offset that the next message gets. */
  readonly high: number
}

/** Where each partition of a topic (its full name, prefix included) begins and ends. */
export const topicOffsets = async (brokers: readonly string[], topic: string): Promise<PartitionOffsets[]> => {
  const offsets = await withAdmin(brokers, 5, (admin) => admin.fetchTopicOffsets(topic))
  return offsets
    .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
    .toSorted((a, b) => a.partition - b.partition)
}
