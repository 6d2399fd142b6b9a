import { deadLetterTopic, topics } from '@countermand/contracts/topics.ts'
import { connectKafka, type KafkaConnection } from '@countermand/kafka/kafka.ts'
import { clusterOf, type KafkaAddresses } from '../reach/addresses.ts'
import { sourceTopics } from './letter.ts'

/** Connects to Kafka. Throws when it does not answer, or has no dead-letter topics under this prefix. */
export const openKafka = async (where: KafkaAddresses): Promise<KafkaConnection> => {
  const { kafkaBrokers: brokers, topicPrefix: prefix } = where
  const kafka = connectKafka({ ...clusterOf(where), clientId: 'countermand-saga', prefix, retries: 4 })
  const admin = kafka.admin()
  const present = await admin
    .connect()
    .then(() => admin.listTopics())
    .catch((cause: unknown) => {
      const words = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`expected Kafka on ${brokers.join(', ')} to answer: ${words}`, { cause })
    })
    .finally(() => admin.disconnect().catch(() => {}))
  const missing = [...sourceTopics.map(deadLetterTopic), topics.deadLettersLog].filter(
    (topic) => !present.includes(`${prefix}${topic}`),
  )
  if (missing.length > 0)
    throw new Error(
      `expected topic ${prefix}${missing[0]} on ${brokers.join(', ')}, got none; is KAFKA_TOPIC_PREFIX right, and did the system run?`,
    )
  return kafka
}
