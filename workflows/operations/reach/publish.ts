import type { OutgoingMessage } from '@countermand/kafka'
import { clusterOf, type KafkaAddresses } from './addresses.ts'

/** Publishes as upstream services do, one after the other, and returns when Kafka has all. */
export const publish = async (where: KafkaAddresses, messages: readonly OutgoingMessage[]): Promise<void> => {
  // Only what publishes needs a client of Kafka's.
  const [{ connectKafka }, { createPublisher }] = await Promise.all([
    import('@countermand/kafka/kafka.ts'),
    import('@countermand/kafka/publisher.ts'),
  ])
  const publisher = createPublisher({
    kafka: connectKafka({ ...clusterOf(where), clientId: 'countermand-saga', prefix: where.topicPrefix }),
  })
  try {
    for (const message of messages) await publisher.publish([message])
  } finally {
    await publisher.stop()
  }
}
