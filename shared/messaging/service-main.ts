import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceName } from '@countermand/contracts'
import { openDatabase } from '@countermand/database'
import { readSettings, SettingsError, type SettingsSchema, type SharedSettings } from '@countermand/settings'
import { createLogger, createMetrics, type Logger, startHttpServer } from '@countermand/telemetry'
import { sql } from 'kysely'
import { connectKafka } from './kafka.ts'
import { runService } from './run-service.ts'
import type { AnyService } from './service.ts'

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

const untilItAnswers = async (what: string, log: Logger, ask: () => Promise<unknown>) => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      log.warn({ err: error, attempt }, `${what} does not answer, it is tried again`)
      await sleep(Math.min(200 * attempt, 3_000))
    }
  }
}

/** Runs a service as a process: settings, database, Kafka, HTTP; ends on SIGTERM or SIGINT when the work at hand is done. */
export const serviceMain = async <Settings extends SharedSettings, State>(
  program: ServiceProgram<Settings, State>,
): Promise<void> => {
  const settings = settingsOrExit(program)
  const log = createLogger({ name: program.name, level: settings.LOG_LEVEL })
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
  const service = await runService({
    definition: created.definition,
    database,
    kafka,
    orderPatience: settings.ORDER_PATIENCE,
    refundPatience: settings.REFUND_PATIENCE,
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
    log.info('stopped')
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void stop(signal).catch((error: unknown) => end(1, String(error))))
}

const settingsOrExit = <Settings extends SharedSettings, State>(program: ServiceProgram<Settings, State>): Settings => {
  try {
    return readSettings({ name: `${program.name} service`, env: process.env, argv: process.argv }, program.settings)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    console.error(error.message)
    return process.exit(1)
  }
}
