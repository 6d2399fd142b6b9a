import { topicPlan } from '@countermand/contracts/topics.ts'
import { waitForBroker } from '@countermand/kafka/admin.ts'
import type { KafkaCluster } from '@countermand/kafka/kafka.ts'
import {
  compareTopics,
  differenceInWords,
  provisionTopics,
  type TopicDifference,
} from '@countermand/kafka/topics-in-place.ts'
import type { TemporalServer } from '@countermand/workflows/src/temporal/security.ts'
import { compareNamespace, ensureNamespace } from '../stack/temporal-namespace.ts'

export interface ProvisionOptions {
  readonly kafka: KafkaCluster
  readonly prefix: string
  readonly partitions: number
  readonly replication: number
  readonly temporal: TemporalServer & { readonly namespace: string }
  /** Only looks: creates and changes nothing. */
  readonly check: boolean
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** What was done, and what is not as planned. */
export interface Provisioned {
  /** Everything is as planned. */
  readonly ok: boolean
  /** Settings that were changed of topics that were there. */
  readonly changed: readonly TopicDifference[]
  readonly differences: readonly TopicDifference[]
  /** Of Temporal's namespace, in words. */
  readonly temporal: readonly string[]
}

const patienceMs = 300_000
/** Who only looks does not wait for a cluster that is being made. */
const checkPatienceMs = 15_000
const retentionDays = 30

const topicsOf = async (options: ProvisionOptions): Promise<Pick<Provisioned, 'changed' | 'differences'>> => {
  const { kafka, check, log, signal } = options
  await waitForBroker(kafka, check ? checkPatienceMs : patienceMs, signal)
  if (check) return { changed: [], differences: await compareTopics(kafka, topicPlan(), options) }
  const { changed, left } = await provisionTopics(kafka, topicPlan(), options, signal)
  for (const { topic, what, planned, found } of changed) log(`topic ${topic}: ${what} was ${found}, is ${planned}`)
  return { changed, differences: left }
}

const namespaceOf = async ({ temporal, check, signal }: ProvisionOptions): Promise<string[]> => {
  if (!check) await ensureNamespace(temporal, temporal.namespace, { retentionDays, timeoutMs: patienceMs, signal })
  return compareNamespace(temporal, temporal.namespace, { retentionDays, timeoutMs: checkPatienceMs })
}

/** Creates and changes, or with `check` only compares. Throws when Kafka or Temporal does not answer, or may not be asked. */
export const provision = async (options: ProvisionOptions): Promise<Provisioned> => {
  const { kafka, temporal, log } = options
  const [topics, namespace] = await Promise.all([
    topicsOf(options).then((found) => {
      const words = found.differences.map(differenceInWords)
      for (const word of words) log(word)
      if (words.length === 0) log(`Kafka at ${kafka.brokers.join(', ')} has all topics as planned`)
      return found
    }),
    namespaceOf(options).then((found) => {
      for (const word of found) log(word)
      if (found.length === 0)
        log(`Temporal at ${temporal.address} has namespace ${temporal.namespace} and its search attributes`)
      return found
    }),
  ])
  return { ok: topics.differences.length + namespace.length === 0, ...topics, temporal: namespace }
}
