import { randomUUID } from 'node:crypto'
import { toIncoming } from './consumer.ts'
import type { Admin, KafkaConnection } from './kafka.ts'
import type { IncomingMessage } from './message.ts'

export interface SnapshotOptions {
  readonly kafka: KafkaConnection
  /** Without the prefix. */
  readonly topics: readonly string[]
  /** One partition’s messages, in order, each once; a promise is waited for. */
  readonly onMessages: (messages: readonly IncomingMessage[]) => unknown
  /** Told after each batch how many offsets of how many are behind it. */
  readonly onProgress?: (read: number, of: number) => void
  /** How long Kafka may give nothing new before that is an error. Above a transaction's time-out: one left open is waited for. */
  readonly patienceMs?: number
}

/** What is left to read of a partition: from `next` to before `end`. */
interface Rest {
  next: number
  readonly low: number
  readonly end: number
}

const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`

const endsOf = async (admin: Admin, names: readonly string[]): Promise<Map<string, Rest>> => {
  const offsets = await Promise.all(
    names.map(async (name) => (await admin.fetchTopicOffsets(name)).map((each) => ({ name, ...each }))),
  )
  return new Map(
    offsets.flat().flatMap(({ name, partition, low, high }) => {
      const rest = { next: Number(low), low: Number(low), end: Number(high) }
      return rest.end > rest.low ? [[placeOf(name, partition), rest] as const] : []
    }),
  )
}

const readRests = async (
  options: SnapshotOptions,
  names: readonly string[],
  groupId: string,
  rests: Map<string, Rest>,
) => {
  const { kafka, onMessages, onProgress, patienceMs = 60_000 } = options
  const done = Promise.withResolvers<void>()
  const all = [...rests.values()]
  const size = all.reduce((sum, { low, end }) => sum + end - low, 0)
  const giveUp = () =>
    done.reject(new Error(`expected more of ${names.join(', ')} from Kafka, got nothing for ${patienceMs} ms`))
  let timer = setTimeout(giveUp, patienceMs)
  const consumer = kafka.consumer(groupId)
  // Not the messages but the batches say how far it is: markers of transactions take offsets and never arrive.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    const rest = rests.get(placeOf(topic, partition))
    if (rest === undefined) return
    rest.next = Math.max(rest.next, Math.min(Number(lastOffset) + 1, rest.end))
    clearTimeout(timer)
    timer = setTimeout(giveUp, patienceMs)
    onProgress?.(
      all.reduce((sum, { low, next }) => sum + next - low, 0),
      size,
    )
    if (all.every(({ next, end }) => next >= end)) done.resolve()
  })
  // The group keeps no place: whoever joins it again, for want of a heartbeat, say, would begin anew.
  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    for (const [topic, partitions] of Object.entries(memberAssignment))
      for (const partition of partitions) {
        const rest = rests.get(placeOf(topic, partition))
        if (rest !== undefined && rest.next > rest.low) consumer.seek({ topic, partition, offset: String(rest.next) })
      }
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error))
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...names], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        const rest = rests.get(placeOf(payload.batch.topic, payload.batch.partition))
        if (rest === undefined) return
        const isNew = ({ offset }: IncomingMessage) => Number(offset) >= rest.next && Number(offset) < rest.end
        const messages = toIncoming(kafka.prefix, payload).filter(isNew)
        const last = messages.at(-1)
        if (last === undefined) return
        await onMessages(messages)
        rest.next = Math.max(rest.next, Number(last.offset) + 1)
      },
    })
    await done.promise
  } finally {
    clearTimeout(timer)
    await consumer.disconnect()
  }
}

/**
 * Reads what is on these topics, up to where they end at the start; what was aborted is left out. Throws when Kafka gives nothing
 * new for `patienceMs` (60,000).
 */
export const readToEnd = async (options: SnapshotOptions): Promise<void> => {
  const { kafka, topics } = options
  const groupId = `countermand-snapshot-${randomUUID()}`
  const admin = kafka.admin()
  await admin.connect()
  try {
    const rests = await endsOf(
      admin,
      topics.map((topic) => `${kafka.prefix}${topic}`),
    )
    if (rests.size === 0) return
    const names = [...new Set([...rests.keys()].map((place) => place.slice(0, place.lastIndexOf('/'))))]
    await readRests(options, names, groupId, rests)
    // It has committed nothing, so only its name is left.
    await admin.deleteGroups([`${kafka.prefix}${groupId}`]).catch(() => {})
  } finally {
    await admin.disconnect()
  }
}
