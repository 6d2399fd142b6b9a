import { fileURLToPath } from 'node:url'
import { topicPlan } from '@countermand/contracts'
import { connectKafka, ensureTopics, untilItAnswers } from '@countermand/messaging'
import { settingsOrExit } from '@countermand/settings'
import { createLogger, createMetrics, startHttpServer, startTracing } from '@countermand/telemetry'
import { Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection } from '@temporalio/worker'
import { workflowBundle } from './bundle.ts'
import { startOrchestrator } from './orchestrator.ts'
import { orchestratorSettings } from './settings.ts'
import { installRuntime } from './temporal-metrics.ts'

const end = (error: unknown) => {
  log.fatal({ err: error }, 'the process ends')
  process.exit(1)
}

const { env, argv } = process
const settings = settingsOrExit({ name: 'orchestrator', env, argv }, orchestratorSettings)
const log = createLogger({ name: 'orchestrator', level: settings.LOG_LEVEL })
const tracing = await startTracing({ service: 'countermand-orchestrator', settings, log })
const metrics = createMetrics()
const sdkLogger = new DefaultLogger('WARN', ({ level, message, meta }) => {
  log[level === 'ERROR' ? 'error' : 'warn']({ temporal: meta }, message)
})
const temporalMetrics = await installRuntime(sdkLogger)
let readiness = async () => ['starting']
let notes = (): string[] => []
const http = await startHttpServer({
  port: settings.ORCHESTRATOR_HTTP_PORT,
  host: settings.HTTP_HOST,
  registry: metrics.registry,
  moreMetrics: temporalMetrics,
  readiness: () => readiness(),
  notes: () => notes(),
})

const address = settings.TEMPORAL_ADDRESS
const namespace = settings.TEMPORAL_NAMESPACE
const brokers = settings.KAFKA_BROKERS
const plan = { prefix: settings.KAFKA_TOPIC_PREFIX, partitions: settings.KAFKA_PARTITIONS }
const [bundle, connection, native] = await Promise.all([
  workflowBundle(fileURLToPath(new URL('../../node_modules/.cache/countermand', import.meta.url)), sdkLogger),
  untilItAnswers(`Temporal at ${address}`, log, () =>
    Connection.connect({ address, connectTimeout: '5s', channelArgs: { 'grpc.max_reconnect_backoff_ms': 5_000 } }),
  ),
  untilItAnswers(`Temporal at ${address}`, log, () => NativeConnection.connect({ address })),
  untilItAnswers(`Kafka at ${brokers.join(', ')}`, log, () => ensureTopics(brokers, topicPlan(), plan)),
])
const kafka = connectKafka(
  { brokers, clientId: 'countermand-orchestrator', prefix: plan.prefix },
  (level, message, details) => log[level]({ kafka: details }, message),
)
await untilItAnswers(`Temporal's namespace ${namespace}`, log, () =>
  connection.workflowService.describeNamespace({ namespace }),
)
const orchestrator = await startOrchestrator({
  kafka,
  connection,
  native,
  namespace,
  sweepIntervalMs: settings.SWEEP_INTERVAL,
  lane: settings.STEP_LANE,
  bundle,
  log,
  metrics,
  onStuck: end,
})
readiness = () => orchestrator.readiness()
notes = () => orchestrator.notes()
log.info({ port: http.port, temporal: address, namespace }, 'orchestrator is up')

const stop = async (signal: string) => {
  readiness = async () => ['stopping']
  log.info({ signal }, 'stopping')
  await orchestrator.stop()
  await native.close()
  await connection.close()
  await http.close()
  await tracing.stop()
  log.info('stopped')
  process.exit(0)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal).catch(end))
orchestrator.ended.catch(end)
