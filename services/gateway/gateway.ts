import { UnreadableMessage } from '@countermand/contracts'
import { readEnvelope } from '@countermand/contracts/envelope.ts'
import { type Database, migrate } from '@countermand/database'
import { deadLetter } from '@countermand/kafka/dead-letter.ts'
import type { KafkaConnection } from '@countermand/kafka/kafka.ts'
import { countReduced, publishingLetters } from '@countermand/kafka/last-resort.ts'
import type { IncomingMessage } from '@countermand/kafka/message.ts'
import { createPublisher, type Publisher } from '@countermand/kafka/publisher.ts'
import { readEvent } from '@countermand/kafka/reading.ts'
import { processedTogether } from '@countermand/kafka/spans.ts'
import { startWatchedConsumer } from '@countermand/kafka/watched-consumer.ts'
import type { Accounts } from '@countermand/providers/accounts.ts'
import { type Logger, type Metrics, singleFlight, within } from '@countermand/telemetry'
import { openCertificates } from './receive/certificates.ts'
import { receive } from './receive/receive.ts'
import { startNotifyServer } from './receive/server.ts'
import { namesOf, namingTopics } from './resolve/references.ts'
import { startTeller } from './resolve/teller.ts'
import { waitingNotices } from './store/measures.ts'
import { forget, keepCertificate, keptCertificates, learn, migrations, ping } from './store/store.ts'

export interface GatewayOptions {
  readonly database: Database
  readonly kafka: KafkaConnection
  readonly accounts: Accounts
  readonly port: number
  readonly host: string
  /** Milliseconds. */
  readonly orderPatience: number
  readonly log: Logger
  readonly metrics: Metrics
  readonly onStuck: (reason: string) => void
}

export interface RunningGateway {
  readonly port: number
  /** Why it is not ready; empty: it is. */
  readiness(): Promise<string[]>
  /** Answers the posts that have come, tells what it has at hand, and ends. */
  stop(): Promise<void>
}

const stopGraceMs = 10_000
/** All of it, one after the other, whatever is away. */
export const gatewayEndsWithinMs = 45_000
const patienceMs = 1_500
const kept = { notices: 90, names: 730 }
const forgetEveryMs = 600_000

/** Learns names from the others' events. What cannot be read is a dead letter: somebody has to see why a name is missing. */
const learning = ({ database, accounts, log, metrics }: GatewayOptions, publisher: Publisher) => {
  const publishLetters = publishingLetters(publisher.publish, countReduced(metrics), log)
  const letterOf = (message: IncomingMessage, { reason, message: error }: UnreadableMessage) => {
    log.warn({ topic: message.topic, offset: message.offset, reason }, error)
    return deadLetter(message, { reason, error, service: 'gateway', attempts: 1, failedAt: new Date().toISOString() })
  }
  return async (messages: readonly IncomingMessage[]): Promise<void> => {
    const read = messages.map((message) => {
      try {
        return namesOf(readEvent(readEnvelope(message), message), accounts)
      } catch (error) {
        if (!(error instanceof UnreadableMessage)) throw error
        return letterOf(message, error)
      }
    })
    await learn(
      database,
      read.flatMap((each) => ('topic' in each ? [] : each)),
    )
    for (const each of read) if ('topic' in each) await publishLetters([each])
  }
}

const databaseProbe = (database: Database) => {
  const ask = singleFlight(() => ping(database))
  return (): Promise<string[]> =>
    within(patienceMs, 'an answer', ask()).then(
      () => [],
      (error: unknown) => [`database: ${error instanceof Error ? error.message || error.name : error}`],
    )
}

const forgetting = (database: Database, log: Logger) => {
  const run = () =>
    forget(database, kept).catch((error: unknown) => log.warn({ err: error }, 'what is over could not be forgotten'))
  const timer = setInterval(run, forgetEveryMs)
  return () => clearInterval(timer)
}

/** Runs the gateway: what providers post is kept, and told to the others once it is known what it is about. */
export const startGateway = async (options: GatewayOptions): Promise<RunningGateway> => {
  const { database, kafka, accounts, log, metrics } = options
  await migrate(database, migrations)
  metrics.measure(waitingNotices(database))
  const publisher = createPublisher({
    ...{ kafka, metrics },
    onTrouble: (error) => log.warn({ err: error }, 'the broker does not take messages, it is tried again'),
  })
  const teller = startTeller({ database, publisher, patienceMs: options.orderPatience, log })
  const learn = learning(options, publisher)
  const consumer = await startWatchedConsumer({
    ...{ kafka, groupId: 'countermand-gateway', topics: namingTopics, log, metrics, onStuck: options.onStuck },
    onBatch: (messages) => processedTogether(messages, learn),
  })
  const stopForgetting = forgetting(database, log)
  const certificates = openCertificates({
    all: () => keptCertificates(database),
    keep: (url, pem) => keepCertificate(database, url, pem),
  })
  const server = await startNotifyServer({
    ...{ port: options.port, host: options.host, accounts, metrics, log },
    receive: (...post) => receive({ database, certificates, log, onKept: teller.wake }, ...post),
  })
  const probe = databaseProbe(database)
  const ends = (what: string, ms: number, work: Promise<unknown>) =>
    within(ms, `${what} to end`, work).catch((error: unknown) => log.warn({ err: error }, 'it is left as it is'))
  return {
    port: server.port,
    readiness: async () => [
      ...consumer.readiness(),
      ...(publisher.healthy() ? [] : ['kafka: the broker does not take messages']),
      ...publisher.refused(),
      ...(await probe()),
    ],
    stop: async () => {
      await ends('the posts at hand', stopGraceMs, server.close())
      stopForgetting()
      await certificates.close()
      await ends('the consumer', stopGraceMs, consumer.stop())
      const told = teller.stop()
      // What waits for a broker that is away is let go by the publisher, and told after the next start.
      await ends('the teller', 3_000, told)
      await ends('the publisher', 2 * stopGraceMs, publisher.stop(stopGraceMs))
    },
  }
}
