import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { topicPlan } from '@countermand/contracts'
import { ensureTopics } from '@countermand/kafka'
import type { Fetching } from '../../stack/cache.ts'
import type { Stack } from '../../stack/index.ts'
import { type Part, type StackCrash, startPart } from '../../stack/part.ts'
import { freePort } from '../../stack/ports.ts'
import { ensureNamespace } from '../../stack/temporal-namespace.ts'
import { untilReady } from '../../system/ready.ts'
import { startRestate } from '../rivals/restate-server.ts'
import { type EngineName, engineNames, ownTopics, prefixOf } from './engine.ts'

interface EngineOptions {
  readonly stack: Stack
  readonly home: string
  readonly env: NodeJS.ProcessEnv
  readonly fetching: Fetching
  readonly onCrash: (error: StackCrash) => void
  readonly signal: AbortSignal
}

const emptyNamespace = 'bench-empty'

const startProcess = async (
  name: EngineName,
  { stack, home, env, onCrash, signal }: EngineOptions,
  settings: NodeJS.ProcessEnv,
): Promise<Part<EngineName>> => {
  const port = await freePort()
  const program = fileURLToPath(new URL(`./${name}/main.ts`, import.meta.url))
  return startPart(
    {
      name,
      address: `127.0.0.1:${port}`,
      logFile: join(home, 'logs', `${name}.log`),
      env: { ...env, ...settings, KAFKA_BROKERS: stack.kafkaBrokers, ENGINE_HTTP_PORT: String(port) },
      stopSignal: 'SIGTERM',
      readyWithinMs: 60_000,
      stopWithinMs: 10_000,
      command: async () => ({ command: process.execPath, args: [program] }),
      ready: (until) => untilReady(`http://127.0.0.1:${port}/readyz`, until),
    },
    onCrash,
    signal,
  )
}

/** The topics of all engines; the bench reads some of them before an engine runs. */
export const ensureEngineTopics = async (brokers: readonly string[]): Promise<void> => {
  const own: readonly string[] = ownTopics
  const plan = topicPlan().filter((topic) => own.includes(topic.name))
  for (const name of engineNames)
    await ensureTopics({ brokers }, plan, { prefix: prefixOf(name), partitions: 4, replication: 1 })
}

const starters: Readonly<Record<EngineName, (options: EngineOptions) => Promise<readonly Part<string>[]>>> = {
  empty: async (options) => {
    const { temporalAddress: address } = options.stack
    const { signal } = options
    await ensureNamespace({ address }, emptyNamespace, { retentionDays: 1, timeoutMs: 60_000, signal })
    return [await startProcess('empty', options, { TEMPORAL_ADDRESS: address, EMPTY_NAMESPACE: emptyNamespace })]
  },
  script: async (options) => [await startProcess('script', options, {})],
  restate: async (options) => {
    const { home, fetching, onCrash, signal } = options
    const server = await startRestate({ home, kafkaBrokers: options.stack.kafkaBrokers, fetching, onCrash, signal })
    const port = await freePort()
    const engine = await startProcess('restate', options, {
      ENGINE_PORT: String(port),
      RESTATE_INGRESS: `http://${server.address}`,
      RESTATE_LOGGING: 'WARN',
    })
    await server.serve(port)
    return [server, engine]
  },
  dbos: async (options) => {
    const url = new URL(options.stack.databaseUrls.order)
    url.pathname = '/bench_dbos'
    // Temporal's server here does not wait for the disk at each write, so DBOS need not either.
    url.searchParams.set('options', '-c synchronous_commit=off')
    return [await startProcess('dbos', options, { DBOS_DATABASE_URL: url.href })]
  },
}

/** Starts what an engine is made of: its process, and the server that it has of its own. */
export const startEngine = (name: EngineName, options: EngineOptions): Promise<readonly Part<string>[]> =>
  starters[name](options)
