import type { ServiceName } from '@countermand/contracts'
import { openDatabase } from '@countermand/database'
import { type SettingsSchema, type SharedSettings, settingsOrExit } from '@countermand/settings'
import { createLogger, createMetrics, type Logger, startHttpServer, startTracing } from '@countermand/telemetry'
import { sql } from 'kysely'
import { connectKafka, type KafkaConnection } from './kafka.ts'
import { runService } from './run-service.ts'
import type { AnyService } from './service.ts'
import { untilItAnswers } from './until-it-answers.ts'

/** What a service's `main.ts` gives: its settings, and its definition made of them. */
export interface ServiceProgram<Settings extends SharedSettings, State> {
  readonly name: ServiceName
  readonly settings: SettingsSchema<Settings>
  readonly databaseUrl: (settings: Settings) => string
  readonly httpPort: (settings: Settings) => number
  readonly create: (settings: Settings, context: { readonly log: Logger }) => Created<State> | Promise<Created<State>>
}

interface Created<State> {
  readonly definition: AnyService<State>
  readonly close?: () => Promise<void>
}

const poolSize = 10

const kafkaAnswers = async (kafka: KafkaConnection): Promise<void> => {
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.describeCluster()
  } finally {
    await admin.disconnect()
  }
}

/** Runs a service as a process: settings, database, Kafka, HTTP; ends on SIGTERM or SIGINT when the work at hand is done. */
export const serviceMain = async <Settings extends SharedSettings, State>(
  program: ServiceProgram<Settings, State>,
): Promise<void> => {
  const { env, argv } = process
  const settings = settingsOrExit({ name: `${program.name} service`, env, argv }, program.settings)
  const log = createLogger({ name: program.name, level: settings.LOG_LEVEL })
  const tracing = await startTracing({ service: `countermand-${program.name}`, settings, log })
  const metrics = createMetrics()
  const database = openDatabase(program.databaseUrl(settings), {
    maxConnections: poolSize,
    onError: (error) => log.warn({ err: error }, 'a database connection broke'),
  })
  let starting: string[] = ['starting']
  let readiness = async () => starting
  const http = await startHttpServer({
    port: program.httpPort(settings),
    host: settings.HTTP_HOST,
    registry: metrics.registry,
    readiness: () => readiness(),
  })
  await untilItAnswers('the database', log, () => sql`select 1`.execute(database))
  const created = await program.create(settings, { log })
  const kafka = connectKafka(
    { brokers: settings.KAFKA_BROKERS, clientId: `countermand-${program.name}`, prefix: settings.KAFKA_TOPIC_PREFIX },
    (level, message, details) => log[level]({ kafka: details }, message),
  )
  const end = (code: number, reason: string) => {
    log.fatal({ reason }, 'the process ends')
    process.exit(code)
  }
  await untilItAnswers(`Kafka at ${settings.KAFKA_BROKERS.join(', ')}`, log, () => kafkaAnswers(kafka))
  const service = await runService({
    definition: created.definition,
    database,
    kafka,
    orderPatience: settings.ORDER_PATIENCE,
    refundPatience: settings.REFUND_PATIENCE,
    replyTopics: settings.REPLY_TOPICS,
    log,
    metrics,
    onStuck: (reason) => end(1, reason),
  })
  starting = []
  readiness = service.readiness
  log.info({ port: http.port }, `${program.name} service is up`)

  const stop = async (signal: string) => {
    readiness = async () => ['stopping']
    log.info({ signal }, 'stopping')
    await service.stop()
    await created.close?.()
    await database.destroy()
    await http.close()
    await tracing.stop()
    log.info('stopped')
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void stop(signal).catch((error: unknown) => end(1, String(error))))
}
