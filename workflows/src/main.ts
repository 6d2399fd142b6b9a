import { fileURLToPath } from 'node:url'
import { connectKafka, sayWhatDiffers, untilTopicsAreThere } from '@countermand/kafka'
import { beginLife, unlessAborted, untilItAnswers } from '@countermand/process'
import { kafkaSecurity, settingsOrExit, temporalSecurity } from '@countermand/settings'
import { createLogger, createMetrics, startHttpServer, startTracing } from '@countermand/telemetry'
import { DefaultLogger } from '@temporalio/worker'
import { orchestratorEndsWithinMs, startOrchestrator } from './orchestrator.ts'
import { orchestratorSettings } from './settings.ts'
import { createSuspects } from './sweep/failing-watch.ts'
import { workflowBundle } from './temporal/bundle.ts'
import { connectTemporal } from './temporal/connect.ts'
import { installRuntime } from './temporal/metrics.ts'
import { connectNative } from './temporal/native.ts'
import { securedTemporal } from './temporal/security.ts'

const life = beginLife()
const { env, argv } = process
const settings = settingsOrExit({ name: 'orchestrator', env, argv }, orchestratorSettings)
const log = createLogger({ name: 'orchestrator', level: settings.LOG_LEVEL })
const closeWithinMs = 3_000

const end = (error: unknown) => {
  // What is forced to end says so, too.
  if (life.signal.aborted) return
  log.fatal({ err: error }, 'the process ends')
  process.exit(1)
}

const start = async (): Promise<void> => {
  const { signal } = life
  const waiting = { log, signal, waits: new Map<string, string>() }
  const tracing = await startTracing({ service: 'countermand-orchestrator', settings, log })
  life.atEnd('the export of traces', closeWithinMs, tracing.stop)
  const metrics = createMetrics()
  const suspects = createSuspects()
  const sdkLogger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    suspects.hear(meta)
    log[level === 'ERROR' ? 'error' : 'warn']({ temporal: meta }, message)
  })
  const temporalMetrics = await installRuntime(sdkLogger)
  let starting = ['starting']
  let readiness = async () => [...starting, ...waiting.waits.values()]
  let notes = (): string[] => []
  const http = await startHttpServer({
    port: settings.ORCHESTRATOR_HTTP_PORT,
    host: settings.HTTP_HOST,
    registry: metrics.registry,
    moreMetrics: temporalMetrics,
    readiness: async () => (signal.aborted ? ['stopping'] : readiness()),
    notes: () => notes(),
  })
  life.atEnd('the HTTP server', closeWithinMs, http.close)

  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, KAFKA_BROKERS: brokers } = settings
  const kafka = connectKafka(
    {
      ...{ brokers, security: kafkaSecurity.parse(settings) },
      ...{ clientId: 'countermand-orchestrator', prefix: settings.KAFKA_TOPIC_PREFIX },
    },
    (level, message, details) => log[level]({ kafka: details }, message),
  )
  const temporal = `Temporal at ${address}`
  const security = temporalSecurity.parse(settings)
  // Meanwhile: what is away is the better reason for not being up.
  const cache = fileURLToPath(new URL('../../node_modules/.cache/countermand', import.meta.url))
  const bundling = workflowBundle(cache, sdkLogger)
  bundling.catch(() => {})
  const [connection, native] = await Promise.all([
    untilItAnswers(temporal, waiting, () =>
      connectTemporal({
        ...{ address, connectTimeout: '5s', channelArgs: { 'grpc.max_reconnect_backoff_ms': 5_000 } },
        ...securedTemporal(security),
      }),
    ),
    untilItAnswers(temporal, waiting, () => connectNative({ address, security })),
    untilTopicsAreThere({
      ...{ kafka, party: 'orchestrator', brokers, ...waiting },
      onMissing: (reasons) => {
        starting = reasons
      },
    }),
  ])
  life.atEnd('the connection to Temporal', closeWithinMs, () => connection.close())
  life.atEnd('the worker’s connection to Temporal', closeWithinMs, () => native.close())
  const bundle = await unlessAborted(signal, bundling)
  await untilItAnswers(`Temporal's namespace ${namespace}`, waiting, () =>
    connection.workflowService.describeNamespace({ namespace }),
  )
  const orchestrator = await startOrchestrator({
    kafka,
    connection,
    native,
    namespace,
    sweepIntervalMs: settings.SWEEP_INTERVAL,
    lane: settings.STEP_LANE,
    orderPatienceMs: settings.ORDER_PATIENCE,
    sdkMetrics: temporalMetrics,
    suspects,
    bundle,
    log,
    metrics,
    onStuck: end,
  })
  life.atEnd('the orchestrator', orchestratorEndsWithinMs, orchestrator.stop)
  orchestrator.ended.catch(end)
  readiness = () => orchestrator.readiness()
  notes = () => orchestrator.notes()
  log.info({ port: http.port, temporal: address, namespace }, 'orchestrator is up')
  const { KAFKA_PARTITIONS: partitions, KAFKA_REPLICATION: replication } = settings
  void sayWhatDiffers(kafka, 'orchestrator', { partitions, replication }, log)
}

await life.run(log, start)
