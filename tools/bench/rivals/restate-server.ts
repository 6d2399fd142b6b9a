import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { topics } from '@countermand/contracts'
import { cached, type Fetching } from '../../stack/cache.ts'
import { type Part, type StackCrash, startPart } from '../../stack/part.ts'
import { freePort } from '../../stack/ports.ts'
import { findProgram, MissingTool, run } from '../../stack/programs.ts'
import { untilReady } from '../../system/ready.ts'
import { prefixOf } from '../engines/engine.ts'

const lockFiles = ['package.json', 'package-lock.json'] as const
const pinnedIn = fileURLToPath(new URL('./restate-server/', import.meta.url))
/** As in rivals/restate-server/package.json. */
const version = '1.7.12'

/**
 * The server's binary. Its licence is no open-source licence, so it is no dependency of the project: npm installs it into the cache, as
 * the lock file beside this file pins it, and runs none of its scripts.
 */
const fetchRestate = async (fetching: Fetching): Promise<string> => {
  const directory = await cached(fetching, `restate-server-${version}`, async (building) => {
    const npm = await findProgram('npm', fetching.env)
    if (npm === undefined) throw new MissingTool('Restate', 'npm', 'found no npm on the PATH')
    for (const file of lockFiles) await copyFile(join(pinnedIn, file), join(building, file))
    fetching.log('fetching Restate with npm (once; usually about 10 s)')
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await run(npm, args, { env: fetching.env, cwd: building, signal: fetching.signal })
  })
  const platform = `restate-server-${process.platform}-${process.arch}`
  return join(directory, 'node_modules', '@restatedev', platform, 'bin', 'restate-server')
}

interface Ports {
  readonly node: number
  readonly admin: number
  readonly ingress: number
}

/** One node as it comes, but for two things that make it faster: it does not wait for the disk, as Temporal's server here does not either. */
const configuration = (directory: string, brokers: string, ports: Ports): string => `
base-dir = "${directory}"
bind-ip = "127.0.0.1"
bind-port = ${ports.node}
listen-mode = "tcp"
disable-telemetry = true
log-filter = "warn"
log-disable-ansi-codes = true

[admin]
bind-port = ${ports.admin}
disable-web-ui = true

[ingress]
bind-port = ${ports.ingress}

[[ingress.kafka-clusters]]
name = "bench"
brokers = [${brokers
  .split(',')
  .map((broker) => `"PLAINTEXT://${broker}"`)
  .join(', ')}]

[log-server]
rocksdb-disable-wal-fsync = true

[bifrost.local]
rocksdb-disable-wal-fsync = true
`

const post = async (url: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`POST ${url}: expected success, got ${answer.status}: ${await answer.text()}`)
}

export interface RestateServer extends Part<'restate-server'> {
  /** Makes the server call the handler that listens on this port for each request that comes over Kafka. */
  serve(port: number): Promise<void>
}

/** Starts the server, and resolves when it takes handlers. */
export const startRestate = async (options: {
  readonly home: string
  readonly kafkaBrokers: string
  readonly fetching: Fetching
  readonly onCrash: (error: StackCrash) => void
  readonly signal: AbortSignal
}): Promise<RestateServer> => {
  const program = await fetchRestate(options.fetching)
  const directory = join(options.home, 'restate')
  await mkdir(directory, { recursive: true })
  const ports = { node: await freePort(), admin: await freePort(), ingress: await freePort() }
  const file = join(directory, 'restate.toml')
  await writeFile(file, configuration(directory, options.kafkaBrokers, ports))
  const admin = `http://127.0.0.1:${ports.admin}`
  const part = await startPart(
    {
      name: 'restate-server',
      address: `127.0.0.1:${ports.ingress}`,
      logFile: join(options.home, 'logs', 'restate-server.log'),
      env: options.fetching.env,
      stopSignal: 'SIGTERM',
      readyWithinMs: 60_000,
      stopWithinMs: 10_000,
      command: async () => ({ command: program, args: ['--config-file', file] }),
      ready: async (signal) => {
        await untilReady(`${admin}/health`, signal)
        await untilReady(`http://127.0.0.1:${ports.ingress}/restate/health`, signal)
      },
    },
    options.onCrash,
    options.signal,
  )
  return Object.assign(part, {
    serve: async (port: number) => {
      await post(`${admin}/deployments`, { uri: `http://127.0.0.1:${port}` })
      await post(`${admin}/subscriptions`, {
        source: `kafka://bench/${prefixOf('restate')}${topics.cancelRequests}`,
        sink: 'service://orders/cancel',
        options: { 'auto.offset.reset': 'earliest', 'group.id': 'bench-restate' },
      })
    },
  })
}
