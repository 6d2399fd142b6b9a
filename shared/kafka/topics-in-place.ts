import { copiesToAcknowledge } from '@countermand/contracts/topics.ts'
import { Hopeless, retried, withAdmin } from './admin.ts'
import type { Admin, KafkaCluster } from './kafka.ts'

/** A topic to have, as in `topicPlan()` of the contracts. */
export interface PlannedTopic {
  readonly name: string
  /** Partitions; `undefined`: as many as the options say. */
  readonly partitions: number | undefined
  /** Settings of the topic, whatever the broker's are. */
  readonly config?: Readonly<Record<string, string>>
}

export interface TopicOptions {
  /** Put before each name: `KAFKA_TOPIC_PREFIX`. */
  readonly prefix: string
  readonly partitions: number
  /** Copies of each partition. */
  readonly replication: number
}

/** Where a topic is not as planned. */
export interface TopicDifference {
  /** Prefix included. */
  readonly topic: string
  /** `topic` itself, which is missing, its `partitions` or its `replication`, or a setting. */
  readonly what: string
  readonly planned: string
  readonly found: string
}

interface Wanted {
  readonly topic: string
  readonly partitions: number
  readonly config: Readonly<Record<string, string>>
}

const wantedOf = (plan: readonly PlannedTopic[], { prefix, partitions, replication }: TopicOptions): Wanted[] =>
  plan.map(({ name, config, ...of }) => ({
    topic: `${prefix}${name}`,
    partitions: of.partitions ?? partitions,
    config: config === undefined ? {} : { ...config, 'min.insync.replicas': String(copiesToAcknowledge(replication)) },
  }))

/** Kafka's numbers: a resource that is a topic, and a setting that the topic itself has. */
const ofTopic = 2
const setOnTopic = 1

interface Found {
  readonly value: string
  readonly own: boolean
}

const readConfigs = async (admin: Admin, names: readonly string[]): Promise<Map<string, Map<string, Found>>> => {
  if (names.length === 0) return new Map()
  const { resources } = await admin.describeConfigs({
    resources: names.map((name) => ({ type: ofTopic, name })),
    includeSynonyms: false,
  })
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(
        configEntries.map(({ configName, configValue, configSource }) => [
          configName,
          { value: configValue, own: configSource === setOnTopic },
        ]),
      ),
    ]),
  )
}

const sorted = (value: string): string => value.split(',').toSorted().join(',')

/** The names of a plan that the cluster does not have, or does not show to whom asks. Prefix included. */
export const missingTopics = async (
  admin: Admin,
  plan: readonly PlannedTopic[],
  { prefix }: Pick<TopicOptions, 'prefix'>,
): Promise<string[]> => {
  const present = new Set(await admin.listTopics())
  return plan.map(({ name }) => `${prefix}${name}`).filter((topic) => !present.has(topic))
}

/** The same, by an admin connection that is there. */
export const differencesOf = async (
  admin: Admin,
  plan: readonly PlannedTopic[],
  options: TopicOptions,
): Promise<TopicDifference[]> => {
  const missing = await missingTopics(admin, plan, options)
  const wanted = wantedOf(plan, options).filter(({ topic }) => !missing.includes(topic))
  const names = wanted.map(({ topic }) => topic)
  const metadata = names.length === 0 ? { topics: [] } : await admin.fetchTopicMetadata({ topics: names })
  const partitionsOf = new Map(metadata.topics.map(({ name, partitions }) => [name, partitions]))
  const configs = await readConfigs(admin, names)
  return [
    ...missing.map((topic) => ({ topic, what: 'topic', planned: 'a topic', found: 'none' })),
    ...wanted.flatMap(({ topic, partitions, config }): TopicDifference[] => {
      const found = partitionsOf.get(topic) ?? []
      const copies = [...new Set(found.map(({ replicas }) => replicas.length))].join(',')
      return [
        { topic, what: 'partitions', planned: String(partitions), found: String(found.length) },
        { topic, what: 'replication', planned: String(options.replication), found: copies },
        ...Object.entries(config).map(([what, planned]) => ({
          ...{ topic, what, planned },
          found: configs.get(topic)?.get(what)?.value ?? 'none',
        })),
      ].filter((each) => sorted(each.planned) !== sorted(each.found))
    }),
  ]
}

/** Compares the topics of a cluster with a plan: partitions, copies, every setting. Changes nothing. */
export const compareTopics = (
  cluster: KafkaCluster,
  plan: readonly PlannedTopic[],
  options: TopicOptions,
): Promise<TopicDifference[]> => withAdmin(cluster, 5, (admin) => differencesOf(admin, plan, options))

const create = async (admin: Admin, plan: readonly PlannedTopic[], options: TopicOptions): Promise<void> => {
  const missing = await missingTopics(admin, plan, options)
  if (missing.length === 0) return
  const { brokers } = await admin.describeCluster()
  if (brokers.length < options.replication)
    throw new Hopeless(
      `expected ${options.replication} brokers for as many copies of each topic (KAFKA_REPLICATION), got ${brokers.length}`,
    )
  const topics = wantedOf(plan, options)
    .filter(({ topic }) => missing.includes(topic))
    .map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: options.replication,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    }))
  await admin.createTopics({ topics, timeout: 30_000 })
}

/**
 * Creates the topics that are missing and waits until each partition of all of them has a leader. A topic that is there stays as it is.
 * Throws what was last met when that has not happened within a minute.
 */
export const ensureTopics = (
  cluster: KafkaCluster,
  plan: readonly PlannedTopic[],
  options: TopicOptions,
  signal?: AbortSignal,
): Promise<void> => {
  const names = plan.map(({ name }) => `${options.prefix}${name}`)
  return retried(
    'all topics with their leaders',
    60_000,
    () =>
      withAdmin(cluster, 0, async (admin) => {
        await create(admin, plan, options)
        const { topics } = await admin.fetchTopicMetadata({ topics: names })
        const leaderless = topics.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0))
        if (leaderless.length > 0) throw new Error(`no leader yet for ${leaderless.map(({ name }) => name).join(', ')}`)
        // The cluster names a leader before the leader knows: it says "not the leader" when asked, and would to a producer.
        for (const topic of names) await admin.fetchTopicOffsets(topic)
      }),
    signal,
  )
}

// The request replaces all that the topic itself has set: what the plan does not speak of is sent along.
const alter = async (
  admin: Admin,
  plan: readonly PlannedTopic[],
  options: TopicOptions,
  differences: readonly TopicDifference[],
): Promise<void> => {
  const changing = wantedOf(plan, options).filter(({ topic, config }) =>
    differences.some((each) => each.topic === topic && Object.hasOwn(config, each.what)),
  )
  if (changing.length === 0) return
  const configs = await readConfigs(
    admin,
    changing.map(({ topic }) => topic),
  )
  const resources = changing.map(({ topic, config }) => {
    const own = [...(configs.get(topic) ?? [])].flatMap(([name, { value, own }]) => (own ? [[name, value]] : []))
    const all: Record<string, string> = { ...Object.fromEntries(own), ...config }
    return {
      type: ofTopic,
      name: topic,
      configEntries: Object.entries(all).map(([name, value]) => ({ name, value })),
    }
  })
  await admin.alterConfigs({ validateOnly: false, resources })
}

const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && /AUTHORIZATION_FAILED$/.test(String(error.type))

/** False: whoever asks may not change settings. */
const mayAlter = (...args: Parameters<typeof alter>): Promise<boolean> =>
  alter(...args).then(
    () => true,
    (error: unknown) => {
      if (isForbidden(error)) return false
      throw error
    },
  )

/** A setting that was changed is told by each broker when it has heard of it. */
const heardWithinMs = 10_000

/**
 * Makes a cluster's topics as planned, as far as that can be done to topics with messages in them: creates what is missing and changes
 * settings, when it may. Gives back what it has changed of topics that were there, and what is left: partitions are as they are (with more of them, an
 * order's next message would go elsewhere than its first), and so are copies, which are moved by Kafka's own tools.
 */
export const provisionTopics = async (
  cluster: KafkaCluster,
  plan: readonly PlannedTopic[],
  options: TopicOptions,
  signal?: AbortSignal,
): Promise<{ readonly changed: readonly TopicDifference[]; readonly left: readonly TopicDifference[] }> => {
  await ensureTopics(cluster, plan, options, signal)
  return withAdmin(cluster, 5, async (admin) => {
    const before = await differencesOf(admin, plan, options)
    const isSetting = ({ what }: TopicDifference) => what !== 'partitions' && what !== 'replication'
    if (!(await mayAlter(admin, plan, options, before))) return { changed: [], left: before }
    const until = performance.now() + heardWithinMs
    let left = await differencesOf(admin, plan, options)
    while (left.some(isSetting) && performance.now() < until) {
      signal?.throwIfAborted()
      left = await differencesOf(admin, plan, options)
    }
    return { changed: before.filter(isSetting), left }
  })
}

const because: Readonly<Record<string, string>> = {
  partitions:
    'a topic with messages keeps its partitions: set KAFKA_PARTITIONS to what is there, or make the topic anew while it is empty',
  replication: "move its copies with Kafka's kafka-reassign-partitions, or set KAFKA_REPLICATION to what is there",
}

/** A difference as a sentence. */
export const differenceInWords = ({ topic, what, planned, found }: TopicDifference): string => {
  if (what === 'topic') return `topic ${topic} is missing: run provision`
  const hint = because[what]
  return `topic ${topic}: expected ${what} ${planned}, got ${found}${hint === undefined ? '' : ` (${hint})`}`
}
