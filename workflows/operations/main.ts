import { connectKafka, untilTopicsAreThere } from '@countermand/kafka'
import { beginLife, untilItAnswers } from '@countermand/process'
import { kafkaSecurity, settingsOrExit, temporalSecurity } from '@countermand/settings'
import { createLogger, createMetrics, startHttpServer, startTracing } from '@countermand/telemetry'
import { Client } from '@temporalio/client'
import { dataConverter } from '../src/runs/data-converter.ts'
import { connectTemporal } from '../src/temporal/connect.ts'
import { securedTemporal } from '../src/temporal/security.ts'
import { openDatabases } from './reach/databases.ts'
import { serveRequests } from './requests/serve.ts'
import { operationsSettings } from './settings.ts'

const life = beginLife()
const { env, argv } = process
const settings = settingsOrExit({ name: 'operations', env, argv }, operationsSettings)
const log = createLogger({ name: 'operations', level: settings.LOG_LEVEL })
const closeWithinMs = 3_000
/** What it has at hand: a hundred sagas, so many a second, and a look at what comes of each. */
const endsWithinMs = 45_000
/** How long to look what comes of a repair. Whoever asked follows the case. */
const lookMs = 5_000

/** Temporal's UI is where people look, not this process. */
const noUi = ''

const start = async (): Promise<void> => {
  const { signal } = life
  const waiting = { log, signal, waits: new Map<string, string>() }
  const tracing = await startTracing({ service: 'countermand-operations', settings, log })
  life.atEnd('the export of traces', closeWithinMs, tracing.stop)
  const metrics = createMetrics()
  let starting = ['starting']
  let readiness = () => [...starting, ...waiting.waits.values()]
  const http = await startHttpServer({
    port: settings.OPERATIONS_HTTP_PORT,
    host: settings.HTTP_HOST,
    registry: metrics.registry,
    readiness: async () => (signal.aborted ? ['stopping'] : readiness()),
  })
  life.atEnd('the HTTP server', closeWithinMs, http.close)
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, KAFKA_BROKERS: brokers } = settings
  const [security, kafkaSecured] = [temporalSecurity.parse(settings), kafkaSecurity.parse(settings)]
  const where = {
    ...{ kafkaSecurity: kafkaSecured, temporalSecurity: security },
    ...{ kafkaBrokers: brokers, topicPrefix: settings.KAFKA_TOPIC_PREFIX, namespace },
    ...{ temporalAddress: address, temporalUiUrl: noUi },
    databaseUrls: {
      ...{ order: settings.ORDER_DATABASE_URL, inventory: settings.INVENTORY_DATABASE_URL },
      ...{ logistics: settings.LOGISTICS_DATABASE_URL, payment: settings.PAYMENT_DATABASE_URL },
    },
  }
  const kafka = connectKafka(
    { brokers, security: kafkaSecured, clientId: 'countermand-operations', prefix: settings.KAFKA_TOPIC_PREFIX },
    (level, message, details) => log[level]({ kafka: details }, message),
  )
  const databases = openDatabases(where.databaseUrls)
  life.atEnd('the database connections', closeWithinMs, databases.close)
  const [connection] = await Promise.all([
    untilItAnswers(`Temporal at ${address}`, waiting, () =>
      connectTemporal({ address, connectTimeout: '5s', ...securedTemporal(security) }),
    ),
    untilTopicsAreThere({
      ...{ kafka, party: 'operations', brokers, ...waiting },
      onMissing: (reasons) => {
        starting = reasons
      },
    }),
  ])
  life.atEnd('the connection to Temporal', closeWithinMs, () => connection.close())
  const client = new Client({ connection, namespace, dataConverter })
  const serving = await serveRequests({
    ...{ where, temporal: { client, close: () => connection.close() }, databases, kafka, waitMs: lookMs, log, metrics },
    onStuck: (reason) => {
      log.fatal({ reason }, 'the process ends')
      process.exit(1)
    },
  })
  life.atEnd('what it has at hand', endsWithinMs, serving.stop)
  readiness = serving.readiness
  log.info({ port: http.port, temporal: address, namespace }, 'operations are up')
}

await life.run(log, start)
