import { deadLetterTopic, topics } from '@countermand/contracts'
import { connectKafka, type KafkaConnection } from '@countermand/messaging/kafka.ts'
import type { Addresses } from '../addresses.ts'
import { type LetterBox, readBox } from './box.ts'
import { sourceTopics } from './letter.ts'

/** Connects to Kafka. Throws when it does not answer, or has no dead-letter topics under this prefix. */
export const openKafka = async (where: Pick<Addresses, 'kafkaBrokers' | 'topicPrefix'>): Promise<KafkaConnection> => {
  const { kafkaBrokers: brokers, topicPrefix: prefix } = where
  const kafka = connectKafka({ brokers, clientId: 'countermand-saga', prefix, retries: 4 })
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

const quietForMs = 1_000
/** Fewer are not worth a word, however long Kafka takes. */
const many = 1_000

/** Says each second how far it is, once it takes longer than that. */
const sayProgress = () => {
  let last = Date.now()
  return (read: number, of: number) => {
    if (of < many || Date.now() - last < quietForMs || read >= of) return
    last = Date.now()
    process.stderr.write(`[dlq] read ${read.toLocaleString('en')} of ${of.toLocaleString('en')}\n`)
  }
}

/** Reads the letters of these topics, or of all, and says how far it is. */
export const readBoxAloud = (kafka: KafkaConnection, wanted?: readonly string[]): Promise<LetterBox> =>
  readBox({ kafka, ...(wanted === undefined ? {} : { topics: wanted }), onProgress: sayProgress() })
