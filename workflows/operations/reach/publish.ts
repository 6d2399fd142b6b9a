import type { OutgoingMessage } from '@countermand/kafka'
import type { Addresses } from './addresses.ts'

/** Publishes as upstream services do, one after the other, and returns when Kafka has all. */
export const publish = async (
  { kafkaBrokers: brokers, topicPrefix: prefix }: Pick<Addresses, 'kafkaBrokers' | 'topicPrefix'>,
  messages: readonly OutgoingMessage[],
): Promise<void> => {
  // Only what publishes needs a client of Kafka's.
  const [{ connectKafka }, { createPublisher }] = await Promise.all([
    import('@countermand/kafka/kafka.ts'),
    import('@countermand/kafka/publisher.ts'),
  ])
  const publisher = createPublisher({ kafka: connectKafka({ brokers, clientId: 'countermand-saga', prefix }) })
  try {
    for (const message of messages) await publisher.publish([message])
  } finally {
    await publisher.stop()
  }
}
