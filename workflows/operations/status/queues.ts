import { topics } from '@countermand/contracts'
import { intakeGroup } from '../../src/protocol/pause.ts'
import { clusterOf, type KafkaAddresses } from '../reach/addresses.ts'

/** What a group of consumers has not processed yet of a topic. */
export interface Lag {
  /** Without the prefix, as the topic. */
  readonly group: string
  readonly topic: string
  readonly messages: number
}

interface Group {
  readonly groupId: string
  readonly topics: readonly {
    readonly topic: string
    readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
  }[]
}

type Ends = ReadonlyMap<string, readonly { readonly partition: number; readonly low: string; readonly high: string }[]>

/** Messages between what a group has read to and the end, by topic; what is older than Kafka keeps is no longer waited for. */
export const lagOf = ({ groupId, topics: read }: Group, ends: Ends, prefix: string): Lag[] =>
  read.flatMap(({ topic, partitions }) => {
    const readTo = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    const messages = (ends.get(topic) ?? [])
      .map(({ partition, low, high }) => Number(high) - Math.max(Number(low), readTo.get(partition) ?? Number(low)))
      .reduce((sum, each) => sum + Math.max(0, each), 0)
    return [{ group: groupId.slice(prefix.length), topic: topic.slice(prefix.length), messages }]
  })

/** What every group of ours has not processed yet. Throws when Kafka does not answer. */
export const readLag = async (where: KafkaAddresses): Promise<Lag[]> => {
  const { topicPrefix: prefix } = where
  const { connectAdmin } = await import('@countermand/kafka/admin.ts')
  const admin = await connectAdmin(clusterOf(where), 1)
  try {
    const { groups } = await admin.listGroups()
    const ours = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(`${prefix}countermand-`))
    const read = await Promise.all(
      ours.map(async (groupId) => ({ groupId, topics: await admin.fetchOffsets({ groupId }) })),
    )
    const names = [...new Set(read.flatMap(({ topics: of }) => of.map(({ topic }) => topic)))]
    const ends = new Map(
      await Promise.all(names.map(async (name) => [name, await admin.fetchTopicOffsets(name)] as const)),
    )
    return read.flatMap((group) => lagOf(group, ends, prefix))
  } catch (cause) {
    throw new Error(`expected Kafka to answer on ${where.kafkaBrokers.join(', ')}`, { cause })
  } finally {
    await admin.disconnect()
  }
}

/** Cancel events that no saga has been told of. */
export const heldOf = (lag: readonly Lag[]): number =>
  lag
    .filter(({ group, topic }) => group === intakeGroup && topic === topics.cancelRequests)
    .reduce((sum, { messages }) => sum + messages, 0)
