import { topics } from '@countermand/contracts'
import { connectAdmin } from '@countermand/kafka/admin.ts'
import { intakeGroup } from '../../src/protocol/pause.ts'
import { clusterOf, type KafkaAddresses } from '../reach/addresses.ts'

/** How many cancel events Kafka has that no saga has been told of. Throws when Kafka does not answer, with its address. */
export const heldEvents = async (where: KafkaAddresses): Promise<number> => {
  const { kafkaBrokers, topicPrefix: prefix } = where
  const topic = `${prefix}${topics.cancelRequests}`
  const unreachable = (cause: unknown): never => {
    throw new Error(`expected Kafka to answer on ${kafkaBrokers.join(', ')}`, { cause })
  }
  const admin = await connectAdmin(clusterOf(where), 1).catch(unreachable)
  try {
    const [taken] = await admin.fetchOffsets({ groupId: `${prefix}${intakeGroup}`, topics: [topic] })
    const ends = await admin.fetchTopicOffsets(topic)
    const readTo = new Map(taken?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    return ends
      .map(({ partition, high, low }) => Number(high) - Math.max(Number(low), readTo.get(partition) ?? 0))
      .reduce((sum, held) => sum + held, 0)
  } catch (cause) {
    return unreachable(cause)
  } finally {
    await admin.disconnect()
  }
}
