import type { Metrics } from '@countermand/telemetry'
import { wireHeaders } from './headers.ts'
import type { KafkaConnection, Producer } from './kafka.ts'
import type { OutgoingMessage } from './message.ts'
import { publisherMetrics } from './publisher-metrics.ts'
import { bytesOf } from './wire-text.ts'

const toTopicMessages = (prefix: string, messages: readonly OutgoingMessage[]) =>
  [...Map.groupBy(messages, (message) => message.topic)].map(([topic, group]) => ({
    topic: `${prefix}${topic}`,
    messages: group.map((message) => ({
      key: bytesOf(message.key),
      value: message.value,
      headers: wireHeaders(message),
      ...(message.partition === undefined ? {} : { partition: message.partition }),
    })),
  }))

/** The one producer of a process. */
export const createOneProducer = (kafka: KafkaConnection, metrics: Metrics | undefined) => {
  const meter = publisherMetrics(metrics)
  let producer: Producer | undefined
  /** A producer whose send failed for good may have lost its sequence: the next attempt is made by a new one. */
  const discard = async () => {
    const old = producer
    producer = undefined
    await old?.disconnect().catch(() => {})
  }
  return {
    send: async (messages: readonly OutgoingMessage[]) => {
      if (producer === undefined) {
        const fresh = kafka.producer()
        await fresh.connect()
        producer = fresh
      }
      const answered = meter(messages)
      try {
        await producer.sendBatch({ topicMessages: toTopicMessages(kafka.prefix, messages), acks: -1 })
        answered('taken')
      } catch (error) {
        answered('failed')
        throw error
      }
    },
    discard,
    close: async () => {
      const old = producer
      producer = undefined
      await old?.disconnect()
    },
  }
}
