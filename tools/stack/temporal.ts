import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { nativeOrDocker, type PartContext } from './context.ts'
import { container } from './docker.ts'
import { fetchTemporal } from './fetch.ts'
import { type Part, startPart } from './part.ts'
import { ensureNamespace, searchAttributes } from './temporal-namespace.ts'
import { pinned } from './versions.ts'

interface Ports {
  readonly frontend: number
  readonly ui: number
}

/** One partition of a task queue takes more than one machine has to give; with several, tasks wait for seconds where no worker polls. */
const onePartition = ['matching.numTaskqueueReadPartitions=1', 'matching.numTaskqueueWritePartitions=1']

/**
 * The dev server polls its one history shard's queues at most 20 times a second as it comes, which makes every activity wait for a tick
 * of 50 ms; and SQLite waits for the disk at each write unless told that the log is enough.
 */
const often = ['history.transferProcessorMaxPollRPS=2000', 'history.timerProcessorMaxPollRPS=2000']

const tuning = [
  ...[...often, ...onePartition].flatMap((value) => ['--dynamic-config-value', value]),
  ...['journal_mode=WAL', 'synchronous=NORMAL'].flatMap((value) => ['--sqlite-pragma', value]),
]

const serverArgs = (context: PartContext, ports: Ports, listen: string, file: string): string[] => [
  ...['server', 'start-dev', '--ip', listen, '--ui-ip', listen],
  ...['--port', String(ports.frontend), '--ui-port', String(ports.ui)],
  ...['--namespace', context.settings.temporalNamespace, '--db-filename', file, '--log-level', 'warn'],
  ...Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  ...tuning,
]

const dockerContainer = (context: PartContext, ports: Ports) =>
  container({
    part: 'temporal',
    image: `temporalio/temporal:${pinned.temporalCli}`,
    ports: [ports.frontend, ports.ui],
    args: serverArgs(context, ports, '0.0.0.0', '/tmp/temporal.db'),
    home: context.home,
    keep: context.keep,
    env: context.fetching.env,
  })

/** Starts Temporal's dev server with its web UI, the namespace and its search attributes. */
export const startTemporal = async (context: PartContext, ports: Ports): Promise<Part> => {
  const way = await nativeOrDocker(context, () => fetchTemporal(context.fetching))
  const directory = join(context.home, 'temporal')
  await mkdir(directory, { recursive: true })
  const docker = way === 'docker' ? dockerContainer(context, ports) : undefined
  const args = serverArgs(context, ports, '127.0.0.1', join(directory, 'temporal.db'))
  const address = `127.0.0.1:${ports.frontend}`
  return startPart(
    {
      name: 'temporal',
      address,
      logFile: join(context.home, 'logs', 'temporal.log'),
      env: context.fetching.env,
      stopSignal: 'SIGTERM',
      readyWithinMs: docker ? 300_000 : 60_000,
      stopWithinMs: 10_000,
      command: docker ? docker.command : async () => ({ command: way, args }),
      ready: (signal) =>
        ensureNamespace({ address }, context.settings.temporalNamespace, {
          retentionDays: 30,
          ours: true,
          timeoutMs: 300_000,
          signal,
        }),
      signalPart: docker?.kill,
      afterStop: docker?.remove,
    },
    context.onCrash,
    context.signal,
  )
}
