import { topicPlan } from '@countermand/contracts'
import { provisionTopics } from '@countermand/kafka'

/** Every codec that a broker knows; `uncompressed` too. */
const codecs = ['snappy', 'lz4', 'zstd', 'gzip', 'uncompressed'] as const

/**
 * Has the broker write each topic's batches anew in a codec of its own, as if its producers had chosen that: whoever reads several
 * topics reads several codecs. Each seed deals them otherwise.
 */
export const dealCodecs = async (brokers: readonly string[], replication: number, seed: number): Promise<void> => {
  const plan = topicPlan().map((topic, place) => ({
    ...topic,
    config: { ...topic.config, 'compression.type': codecs[(place + seed) % codecs.length] ?? 'zstd' },
  }))
  const { left } = await provisionTopics({ brokers }, plan, { prefix: '', partitions: 1, replication })
  // How many partitions there are is not ours to say.
  const strange = left.filter(({ what }) => what === 'compression.type')
  if (strange.length > 0)
    throw new Error(`expected every topic to have its codec, ${strange.map(({ topic }) => topic).join(', ')} have not`)
}
