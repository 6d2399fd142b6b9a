import { setTimeout as sleep } from 'node:timers/promises'
import { type Party, topicsOf } from '@countermand/contracts/flows.ts'
import { topicPlan } from '@countermand/contracts/topics.ts'
import { untilItAnswers, type Waiting } from '@countermand/process/until-it-answers.ts'
import type { Logger } from '@countermand/telemetry'
import type { Admin, KafkaConnection } from './kafka.ts'
import { differenceInWords, differencesOf, missingTopics, type TopicOptions } from './topics-in-place.ts'

const askedAgainMs = 2_000

const asked = async <T>(kafka: KafkaConnection, ask: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await ask(admin)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** The topics that a process has to do with: of others it may not even know that they are there. */
const planOf = (party: Party) => {
  const { reads, writes } = topicsOf(party)
  return topicPlan().filter(({ name }) => reads.includes(name) || writes.includes(name))
}

/** Why a process cannot work yet, in words; empty: every topic is there. */
const whatIsMissing = async (kafka: KafkaConnection, party: Party): Promise<string[]> => {
  const missing = await asked(kafka, (admin) => missingTopics(admin, planOf(party), kafka))
  if (missing.length === 0) return []
  const [first] = missing
  return [
    missing.length === 1
      ? `kafka: topic ${first} is missing: run provision`
      : `kafka: ${missing.length} topics are missing, among them ${first}: run provision`,
  ]
}

/**
 * Waits until every topic is there that this process reads or writes. A process makes none: it would need a right that it has no other use for, and what it
 * made by its own settings could not be mended. `onMissing` is told what `/readyz` says meanwhile. Rejects when the signal aborts.
 */
export const untilTopicsAreThere = async (options: {
  readonly kafka: KafkaConnection
  readonly party: Party
  readonly log: Logger
  readonly signal: AbortSignal
  readonly waits: Waiting['waits']
  readonly brokers: readonly string[]
  readonly onMissing: (reasons: string[]) => void
}): Promise<void> => {
  const { kafka, party, log, signal, waits, brokers } = options
  const ask = () =>
    untilItAnswers(`Kafka at ${brokers.join(', ')}`, { log, signal, waits }, () => whatIsMissing(kafka, party))
  let reasons = await ask()
  for (let said = ''; reasons.length > 0; ) {
    options.onMissing(reasons)
    if (reasons.join() !== said) for (const reason of reasons) log.warn(reason)
    said = reasons.join()
    const again = sleep(askedAgainMs, undefined, { signal }).then(ask)
    reasons = await again.catch((error: unknown) => {
      // Also while it looks again: what it found last is what is missing.
      throw signal.aborted ? new Error(`still waiting: ${said}`, { cause: error }) : error
    })
  }
}

/**
 * Says in the log where topics are not as planned: a process works with them all the same. Who may not read their settings is spared it;
 * provisioning with `--check` finds the same.
 */
export const sayWhatDiffers = async (
  kafka: KafkaConnection,
  party: Party,
  options: Omit<TopicOptions, 'prefix'>,
  log: Logger,
): Promise<void> => {
  try {
    const differences = await asked(kafka, (admin) =>
      differencesOf(admin, planOf(party), { ...options, prefix: kafka.prefix }),
    )
    if (differences.length > 0)
      log.warn({ topics: differences.map(differenceInWords) }, 'topics are not as planned: run provision')
  } catch (error) {
    log.debug({ err: error }, 'the settings of topics could not be read')
  }
}
