import { randomUUID } from 'node:crypto'
import { topics } from '@countermand/contracts'
import type { IncomingMessage, KafkaConnection } from '@countermand/kafka'
import { toIncoming } from '@countermand/kafka/consumer.ts'

/** Where the public story is told. */
const followed = [topics.cancellations, topics.refunds, topics.shipmentsChanged]

interface FollowOptions {
  readonly kafka: KafkaConnection
  /** From then on; absent: from now on. */
  readonly since: Date | undefined
  readonly onMessage: (message: IncomingMessage) => void
  /** Called once all has been given that was there at the start: what comes now comes in its order. */
  readonly onCaughtUp: () => void
  /** Called when nothing that comes can be missed any more. */
  readonly onReady: () => void
  readonly signal: AbortSignal
}

/** Where to begin in each partition, so that nothing is missed that comes while a consumer is still joining. */
const beginnings = async (kafka: KafkaConnection, names: readonly string[], since: Date | undefined) => {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const read = async (topic: string) => {
      const ends = await admin.fetchTopicOffsets(topic)
      const from = since && (await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime()))
      return ends.map(({ partition, high }) => {
        const offset = from?.find((each) => each.partition === partition)?.offset
        return {
          topic,
          partition,
          offset: offset === undefined || Number(offset) < 0 ? high : offset,
          end: Number(high),
        }
      })
    }
    return (await Promise.all(names.map(read))).flat()
  } finally {
    await admin.disconnect()
  }
}

/** Follows the public topics until it is aborted, and leaves no trace in Kafka. */
export const follow = async ({
  kafka,
  since,
  onMessage,
  onCaughtUp,
  onReady,
  signal,
}: FollowOptions): Promise<void> => {
  const groupId = `countermand-tail-${randomUUID()}`
  const names = followed.map((topic) => `${kafka.prefix}${topic}`)
  const from = await beginnings(kafka, names, since)
  const consumer = kafka.consumer(groupId)
  const { promise: over, resolve, reject } = Promise.withResolvers<void>()
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
  consumer.on(consumer.events.GROUP_JOIN, onReady)
  const left = new Map(
    from
      .filter(({ offset, end }) => Number(offset) < end)
      .map(({ topic, partition, end }) => [`${topic}/${partition}`, end]),
  )
  if (left.size === 0) onCaughtUp()
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    const place = `${topic}/${partition}`
    const end = left.get(place)
    if (end === undefined || Number(lastOffset) + 1 < end) return
    left.delete(place)
    if (left.size === 0) onCaughtUp()
  })
  signal.addEventListener('abort', () => resolve())
  if (signal.aborted) resolve()
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: names, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => toIncoming(kafka.prefix, payload).forEach(onMessage),
    })
    for (const { topic, partition, offset } of from) consumer.seek({ topic, partition, offset })
    await over
  } finally {
    await consumer.disconnect()
    const admin = kafka.admin()
    await admin.connect()
    await admin.deleteGroups([`${kafka.prefix}${groupId}`]).catch(() => {})
    await admin.disconnect()
  }
}
