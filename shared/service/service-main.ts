import type { KitName } from '@countermand/contracts'
import { type Database, openDatabase } from '@countermand/database'
import { connectKafka } from '@countermand/kafka/kafka.ts'
import { sayWhatDiffers, untilTopicsAreThere } from '@countermand/kafka/topics-checked.ts'
import { beginLife, type Life } from '@countermand/process/life.ts'
import { untilItAnswers } from '@countermand/process/until-it-answers.ts'
import { kafkaSecurity, type SettingsSchema, type SharedSettings, settingsOrExit } from '@countermand/settings'
import {
  createLogger,
  createMetrics,
  type Logger,
  type Metrics,
  startHttpServer,
  startTracing,
} from '@countermand/telemetry'
import { sql } from 'kysely'
import { type RunningService, runService, serviceEndsWithinMs } from './run-service.ts'
import type { AnyService } from './service.ts'

/** What a service's `main.ts` gives: its settings, and its definition made of them. */
export interface ServiceProgram<Settings extends SharedSettings, State> {
  readonly name: KitName
  readonly settings: SettingsSchema<Settings>
  readonly databaseUrl: (settings: Settings) => string
  readonly httpPort: (settings: Settings) => number
  readonly create: (
    settings: Settings,
    context: { readonly log: Logger; readonly metrics: Metrics },
  ) => Created<State> | Promise<Created<State>>
}

interface Created<State> {
  readonly definition: AnyService<State>
  readonly close?: () => Promise<void>
  /** What the process serves beside its messages, from when the service runs; it ends before the service does. */
  readonly serve?: (service: RunningService<State>, database: Database) => Promise<Served>
}

interface Served {
  /** Takes no more, and answers what has come. */
  close(): Promise<void>
}

const poolSize = 10
const closeWithinMs = 3_000

const startService = async <Settings extends SharedSettings, State>(
  program: ServiceProgram<Settings, State>,
  settings: Settings,
  { life, log }: { readonly life: Life; readonly log: Logger },
): Promise<void> => {
  const { signal } = life
  const waiting = { log, signal, waits: new Map<string, string>() }
  const tracing = await startTracing({ service: `countermand-${program.name}`, settings, log })
  life.atEnd('the export of traces', closeWithinMs, tracing.stop)
  const metrics = createMetrics()
  const database = openDatabase(program.databaseUrl(settings), {
    maxConnections: poolSize,
    onError: (error) => log.warn({ err: error }, 'a database connection broke'),
  })
  life.atEnd('the database connections', closeWithinMs, () => database.destroy())
  let starting: string[] = ['starting']
  let readiness = async () => [...starting, ...waiting.waits.values()]
  const http = await startHttpServer({
    port: program.httpPort(settings),
    host: settings.HTTP_HOST,
    registry: metrics.registry,
    readiness: async () => (signal.aborted ? ['stopping'] : readiness()),
  })
  life.atEnd('the HTTP server', closeWithinMs, http.close)
  await untilItAnswers('the database', waiting, () => sql`select 1`.execute(database))
  const created = await program.create(settings, { log, metrics })
  life.atEnd('what the service opened', closeWithinMs, async () => created.close?.())
  const kafka = connectKafka(
    {
      ...{ brokers: settings.KAFKA_BROKERS, security: kafkaSecurity.parse(settings) },
      ...{ clientId: `countermand-${program.name}`, prefix: settings.KAFKA_TOPIC_PREFIX },
    },
    (level, message, details) => log[level]({ kafka: details }, message),
  )
  await untilTopicsAreThere({
    ...{ kafka, party: program.name, ...waiting, brokers: settings.KAFKA_BROKERS },
    onMissing: (reasons) => {
      starting = reasons
    },
  })
  const service = await runService({
    definition: created.definition,
    database,
    kafka,
    orderPatience: settings.ORDER_PATIENCE,
    taskAttempts: settings.STEP_ATTEMPTS,
    replyTopics: settings.REPLY_TOPICS,
    log,
    metrics,
    onStuck: (reason) => {
      log.fatal({ reason }, 'the process ends')
      process.exit(1)
    },
  })
  life.atEnd('the service', serviceEndsWithinMs, service.stop)
  const served = await created.serve?.(service, database)
  life.atEnd('what it serves', closeWithinMs, async () => served?.close())
  readiness = service.readiness
  log.info({ port: http.port }, `${program.name} service is up`)
  const { KAFKA_PARTITIONS: partitions, KAFKA_REPLICATION: replication } = settings
  void sayWhatDiffers(kafka, program.name, { partitions, replication }, log)
}

/** Runs a service as a process: settings, database, Kafka, HTTP; ends on SIGTERM or SIGINT when the work at hand is done. */
export const serviceMain = async <Settings extends SharedSettings, State>(
  program: ServiceProgram<Settings, State>,
): Promise<void> => {
  const life = beginLife()
  const { env, argv } = process
  const settings = settingsOrExit({ name: `${program.name} service`, env, argv }, program.settings)
  const log = createLogger({ name: program.name, level: settings.LOG_LEVEL })
  await life.run(log, () => startService(program, settings, { life, log }))
}
