import { randomUUID } from 'node:crypto'
import { deadLetterId, deadLetterTopic, topics } from '@countermand/contracts'
import { connectAdmin, connectKafka, type IncomingMessage, startConsumer, topicOffsets } from '@countermand/messaging'
import { createLogger } from '@countermand/telemetry'

/** A message that could not be used, and why. */
export interface DeadLetter {
  readonly id: string
  /** Where it came from, without the prefix. */
  readonly topic: string
  readonly key: string | null
  readonly reason: string
  readonly error: string
  readonly service: string
  /** ISO 8601. */
  readonly failedAt: string
}

const letterTopics: readonly string[] = Object.values(topics)
  .filter((topic) => topic !== topics.deadLettersLog)
  .map(deadLetterTopic)

const letterOf = ({ topic, key, headers }: IncomingMessage): DeadLetter => {
  const origin = headers['dlq-original-topic'] ?? topic
  return {
    id: deadLetterId(origin, Number(headers['dlq-original-partition'] ?? -1), headers['dlq-original-offset'] ?? '-1'),
    topic: origin,
    key,
    reason: headers['dlq-reason'] ?? 'unknown',
    error: headers['dlq-error'] ?? '',
    service: headers['dlq-service'] ?? 'unknown',
    failedAt: headers['dlq-failed-at'] ?? '',
  }
}

const allRead = (ends: ReadonlyMap<string, number>, messages: readonly IncomingMessage[]): boolean =>
  [...ends].every(([topic, end]) =>
    messages.some((message) => message.topic === topic && Number(message.offset) >= end - 1),
  )

/** Where the topics end that have anything in them. */
const endsOf = async (brokers: readonly string[], prefix: string): Promise<Map<string, number>> => {
  const ends = await Promise.all(
    letterTopics.map(async (topic) => {
      const offsets = await topicOffsets(brokers, `${prefix}${topic}`)
      return [topic, offsets[0]] as const
    }),
  )
  return new Map(ends.flatMap(([topic, offset]) => (offset && offset.high > offset.low ? [[topic, offset.high]] : [])))
}

const forgetGroup = async (brokers: readonly string[], groupId: string): Promise<void> => {
  const admin = await connectAdmin(brokers)
  await admin.deleteGroups([groupId]).finally(() => admin.disconnect())
}

/** Reads all dead letters there are, oldest first. Throws when Kafka does not answer within a minute. */
export const readDeadLetters = async (where: {
  readonly kafkaBrokers: readonly string[]
  readonly topicPrefix: string
}): Promise<DeadLetter[]> => {
  const { kafkaBrokers: brokers, topicPrefix: prefix } = where
  const ends = await endsOf(brokers, prefix)
  if (ends.size === 0) return []
  const messages: IncomingMessage[] = []
  const done = Promise.withResolvers<void>()
  const timer = setTimeout(() => done.reject(new Error('expected the dead letters from Kafka within a minute')), 60_000)
  const groupId = `countermand-saga-${randomUUID()}`
  const consumer = await startConsumer({
    kafka: connectKafka({ brokers, clientId: 'countermand-saga', prefix }),
    groupId,
    topics: [...ends.keys()],
    log: createLogger({ name: 'saga', level: 'silent' }),
    onBatch: async (batch) => {
      messages.push(...batch)
      if (allRead(ends, messages)) done.resolve()
    },
  })
  try {
    await done.promise
  } finally {
    clearTimeout(timer)
    await consumer.stop()
    await forgetGroup(brokers, `${prefix}${groupId}`)
  }
  return messages.map(letterOf).toSorted((a, b) => a.failedAt.localeCompare(b.failedAt))
}
