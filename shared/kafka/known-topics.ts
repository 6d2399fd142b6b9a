import type { Admin, KafkaConnection } from './kafka.ts'
import type { OutgoingMessage } from './message.ts'

/**
 * Which topics and partitions there are, asked of the broker when one is new. A producer would try for seconds to find one that is not
 * there, and askers name the topic of their answer: a wrong name must cost nobody else.
 */
export interface KnownTopics {
  /** The messages that have nowhere to go. Throws when the broker does not answer. */
  homeless(messages: readonly OutgoingMessage[]): Promise<ReadonlySet<OutgoingMessage>>
  /** A send failed: what was known may be so no more. */
  forget(): void
}

/** How long a topic that was not there is not asked for again. */
const absentForMs = 3_000

const readPartitions = async (admin: Admin, topics: readonly string[]): Promise<Map<string, number>> => {
  const present = new Set(await admin.listTopics())
  const wanted = topics.filter((topic) => present.has(topic))
  // Without names it would give back all there are.
  const found = wanted.length === 0 ? { topics: [] } : await admin.fetchTopicMetadata({ topics: wanted })
  return new Map(found.topics.map(({ name, partitions }) => [name, partitions.length]))
}

export const createKnownTopics = (kafka: KafkaConnection): KnownTopics => {
  const partitions = new Map<string, number>()
  /** Full name and partition → when it may be asked for again, in ms. */
  const absent = new Map<string, number>()

  const nameOf = (message: OutgoingMessage) => `${kafka.prefix}${message.topic}`
  const hasHome = (message: OutgoingMessage) => (message.partition ?? 0) < (partitions.get(nameOf(message)) ?? 0)
  const placeOf = (message: OutgoingMessage) => `${nameOf(message)}/${message.partition ?? 0}`

  const ask = async (topics: readonly string[]) => {
    const admin = kafka.admin()
    try {
      await admin.connect()
      for (const [name, count] of await readPartitions(admin, topics)) partitions.set(name, count)
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  return {
    homeless: async (messages) => {
      const now = Date.now()
      const unknown = messages.filter((message) => !hasHome(message))
      const toAsk = unknown.filter((message) => (absent.get(placeOf(message)) ?? 0) <= now)
      if (toAsk.length > 0) await ask([...new Set(toAsk.map(nameOf))])
      for (const message of toAsk)
        if (hasHome(message)) absent.delete(placeOf(message))
        else absent.set(placeOf(message), now + absentForMs)
      return new Set(unknown.filter((message) => !hasHome(message)))
    },
    forget: () => partitions.clear(),
  }
}
