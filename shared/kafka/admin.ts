import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, connectKafka, type KafkaCluster } from './kafka.ts'

/**
 * An admin connection; the caller disconnects it. kafkajs logs nothing: its errors are thrown. Some of its calls find the cluster only
 * when they try again, so without retries ask `describeCluster` first.
 */
export const connectAdmin = async (cluster: KafkaCluster, retries = 5): Promise<Admin> => {
  const admin = connectKafka({ ...cluster, clientId: 'countermand-admin', prefix: '', retries }).admin()
  await admin.connect()
  return admin
}

export const withAdmin = async <T>(
  cluster: KafkaCluster,
  retries: number,
  work: (admin: Admin) => Promise<T>,
): Promise<T> => {
  const admin = await connectAdmin(cluster, retries)
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** What waiting does not mend. */
export class Hopeless extends Error {
  override readonly name = 'Hopeless'
}

/** Tries until it works: a young broker refuses, has no controller yet, or is loading its coordinators. */
export const retried = async <T>(
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
      if (cause instanceof Hopeless) throw cause
      if (performance.now() > deadline) throw new Error(`expected ${what} within ${timeoutMs} ms`, { cause })
      await sleep(150, undefined, { signal })
    }
  }
}

/** The group that is asked for, of which nobody is a member. */
export const askedGroup = 'countermand-readiness'

/**
 * Waits until the cluster has a controller and answers for consumer groups, which a broker that just opened its port does not yet do.
 * Throws when that has not happened within `timeoutMs`.
 */
export const waitForBroker = (cluster: KafkaCluster, timeoutMs: number, signal?: AbortSignal): Promise<void> =>
  retried(
    `Kafka to answer on ${cluster.brokers.join(', ')}`,
    timeoutMs,
    () =>
      withAdmin(cluster, 0, async (admin) => {
        const { controller } = await admin.describeCluster()
        if (controller === null || controller < 0) throw new Error('the cluster has no controller yet')
        await admin.fetchOffsets({ groupId: askedGroup })
      }),
    signal,
  )

/** How many brokers the cluster has. */
export const brokersOf = (cluster: KafkaCluster): Promise<number> =>
  withAdmin(cluster, 5, async (admin) => (await admin.describeCluster()).brokers.length)

export interface PartitionOffsets {
  readonly partition: number
  /** The oldest offset that is kept. */
  readonly low: number
  /** The offset that the next message gets. */
  readonly high: number
}

/** Where each partition of a topic (its full name, prefix included) begins and ends. */
export const topicOffsets = async (cluster: KafkaCluster, topic: string): Promise<PartitionOffsets[]> => {
  const offsets = await withAdmin(cluster, 5, (admin) => admin.fetchTopicOffsets(topic))
  return offsets
    .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
    .toSorted((a, b) => a.partition - b.partition)
}
