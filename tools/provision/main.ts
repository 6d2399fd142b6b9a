/**
 * `node tools/provision/main.ts`: creates in a running Kafka and Temporal what the five processes need of them: topics, namespace, search
 * attributes. What is there is left as it is. Ends when both answer for all of it.
 */
import { topicPlan } from '@countermand/contracts/topics.ts'
import { ensureTopics, waitForBroker } from '@countermand/messaging/admin.ts'
import { readSettings, SettingsError, sharedSettings } from '@countermand/settings'
import { z } from 'zod'
import { ensureNamespace } from '../stack/temporal-namespace.ts'
import { Ended, endOnSignal } from '../system/end.ts'

const { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX, KAFKA_PARTITIONS } = sharedSettings
const provisionSettings = z.object({
  KAFKA_BROKERS,
  KAFKA_TOPIC_PREFIX,
  KAFKA_PARTITIONS,
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233').describe("Temporal's frontend (default 127.0.0.1:7233)"),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('where the sagas run (default default)'),
})

const patienceMs = 300_000
const log = (line: string) => process.stderr.write(`[provision] ${line}\n`)

const provision = async (signal: AbortSignal): Promise<void> => {
  const settings = readSettings({ name: 'provision', env: process.env, argv: process.argv }, provisionSettings)
  const { KAFKA_BROKERS: brokers, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = settings
  const topics = async () => {
    await waitForBroker(brokers, patienceMs, signal)
    const options = { prefix: settings.KAFKA_TOPIC_PREFIX, partitions: settings.KAFKA_PARTITIONS }
    await ensureTopics(brokers, topicPlan(), options)
    log(`Kafka at ${brokers.join(', ')} has all topics`)
  }
  const sagas = async () => {
    await ensureNamespace(address, namespace, { retentionDays: 30, timeoutMs: patienceMs, signal })
    log(`Temporal at ${address} has namespace ${namespace} and its search attributes`)
  }
  await Promise.all([topics(), sagas()])
}

try {
  await provision(endOnSignal().signal)
} catch (error) {
  if (error instanceof SettingsError) process.stderr.write(`${error.message}\n`)
  else log(error instanceof Error ? error.message : String(error))
  // The other half may still be waiting.
  process.exit(error instanceof Ended ? 130 : 1)
}
