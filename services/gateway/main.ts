import { openDatabase } from '@countermand/database'
import { connectKafka } from '@countermand/kafka/kafka.ts'
import { sayWhatDiffers, untilTopicsAreThere } from '@countermand/kafka/topics-checked.ts'
import { beginLife } from '@countermand/process/life.ts'
import { untilItAnswers } from '@countermand/process/until-it-answers.ts'
import { kafkaSecurity, settingsOrExit } from '@countermand/settings'
import { createLogger, createMetrics, startHttpServer, startTracing } from '@countermand/telemetry'
import { gatewayEndsWithinMs, startGateway } from './gateway.ts'
import { gatewaySettingsIn } from './settings.ts'
import { ping } from './store/store.ts'

const life = beginLife()
const { env, argv } = process
const settings = settingsOrExit({ name: 'gateway', env, argv }, gatewaySettingsIn(env))
const log = createLogger({ name: 'gateway', level: settings.LOG_LEVEL })
const accounts = settings.ACCOUNTS_FILE((problem) => log.error(problem))
const closeWithinMs = 3_000
const poolSize = 10

const start = async (): Promise<void> => {
  const { signal } = life
  const waiting = { log, signal, waits: new Map<string, string>() }
  const tracing = await startTracing({ service: 'countermand-gateway', settings, log })
  life.atEnd('the export of traces', closeWithinMs, tracing.stop)
  const metrics = createMetrics()
  const database = openDatabase(settings.GATEWAY_DATABASE_URL, {
    maxConnections: poolSize,
    onError: (error) => log.warn({ err: error }, 'a database connection broke'),
  })
  life.atEnd('the database connections', closeWithinMs, () => database.destroy())
  let starting: string[] = ['starting']
  let readiness = async () => [...starting, ...waiting.waits.values()]
  const http = await startHttpServer({
    port: settings.GATEWAY_HTTP_PORT,
    host: settings.HTTP_HOST,
    registry: metrics.registry,
    readiness: async () => (signal.aborted ? ['stopping'] : readiness()),
  })
  life.atEnd('the HTTP server', closeWithinMs, http.close)
  await untilItAnswers('the database', waiting, () => ping(database))
  const { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix } = settings
  const cluster = { brokers, security: kafkaSecurity.parse(settings) }
  const kafka = connectKafka({ ...cluster, clientId: 'countermand-gateway', prefix }, (level, message, details) =>
    log[level]({ kafka: details }, message),
  )
  await untilTopicsAreThere({
    ...{ kafka, party: 'gateway', ...waiting, brokers },
    onMissing: (reasons) => {
      starting = reasons
    },
  })
  const gateway = await startGateway({
    ...{ database, kafka, accounts, log, metrics },
    ...{ port: settings.GATEWAY_PORT, host: settings.GATEWAY_HOST, orderPatience: settings.ORDER_PATIENCE },
    onStuck: (reason) => {
      log.fatal({ reason }, 'the process ends')
      process.exit(1)
    },
  })
  life.atEnd('the gateway', gatewayEndsWithinMs, gateway.stop)
  readiness = gateway.readiness
  log.info({ port: http.port, notify: gateway.port }, 'gateway is up')
  const { KAFKA_PARTITIONS: partitions, KAFKA_REPLICATION: replication } = settings
  void sayWhatDiffers(kafka, 'gateway', { partitions, replication }, log)
}

await life.run(log, start)
