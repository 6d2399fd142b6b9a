import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { StackCrash } from '../stack/part.ts'
import { freePort } from '../stack/ports.ts'
import type { DatabaseOwner } from '../stack/settings.ts'
import {
  type OfProcesses,
  type Ports,
  type ProcessName,
  portSettings,
  type SystemProcess,
  startedWith,
  startProcess,
} from './processes.ts'

export { choosePorts, type Ports, type ProcessName, processNames, type SystemProcess } from './processes.ts'

export interface SystemOptions {
  /** Where the real parts are. */
  readonly stack: {
    readonly kafkaBrokers: string
    /** Copies of each partition; by default as the environment says. */
    readonly kafkaReplication?: number
    readonly temporalAddress: string
    readonly databaseUrls: Readonly<Record<DatabaseOwner, string>>
  }
  /** Of health and metrics; see `choosePorts`. */
  readonly ports: Ports
  /** Where the gateway takes notifications; by default any free port. */
  readonly notifyPort?: number
  /** Where the console serves shops; by default any free port. */
  readonly shopPort?: number
  /** Holds the logs, in `logs/<name>.log`. */
  readonly home: string
  /** Passed on to every process: policies, `KAFKA_TOPIC_PREFIX`, `TEMPORAL_NAMESPACE`, `LOG_LEVEL`, … */
  readonly env: NodeJS.ProcessEnv
  /** Settings of one process alone, beside these. */
  readonly envOf?: (name: ProcessName) => NodeJS.ProcessEnv
  readonly log: (line: string) => void
  /** A process ended by itself; nothing else is done about it. */
  readonly onCrash: (error: StackCrash) => void
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
}

/** Our processes, ready. */
export interface System {
  /** `pid`, `kill(signal)` and `restart()` of each, for faults on purpose. */
  readonly processes: OfProcesses<SystemProcess>
  /** Base addresses of health and metrics. */
  readonly http: OfProcesses<string>
  /** Of those that run. */
  readonly pids: Readonly<Partial<Record<ProcessName, number>>>
  /** Starts a second process of a kind, ready; it shares the work with the first, and `stop` ends it too. `env`: settings of its own. */
  startAnother(name: ProcessName, env?: NodeJS.ProcessEnv): Promise<SystemProcess>
  /** Ends the orchestrators, then the others, each when its work at hand is done. May be called again. */
  stop(): Promise<void>
}

const environment = ({ stack, env, notifyPort = 0, shopPort = 0 }: SystemOptions): NodeJS.ProcessEnv => ({
  ...env,
  NODE_ENV: 'production',
  KAFKA_BROKERS: stack.kafkaBrokers,
  ...(stack.kafkaReplication === undefined ? {} : { KAFKA_REPLICATION: String(stack.kafkaReplication) }),
  TEMPORAL_ADDRESS: stack.temporalAddress,
  ORDER_DATABASE_URL: stack.databaseUrls.order,
  INVENTORY_DATABASE_URL: stack.databaseUrls.inventory,
  LOGISTICS_DATABASE_URL: stack.databaseUrls.logistics,
  PAYMENT_DATABASE_URL: stack.databaseUrls.payment,
  GATEWAY_DATABASE_URL: stack.databaseUrls.gateway,
  CONSOLE_DATABASE_URL: stack.databaseUrls.console,
  GATEWAY_PORT: String(notifyPort),
  SHOP_PORT: String(shopPort),
})

const stopAll = async (running: readonly SystemProcess[]): Promise<void> => {
  // Orchestrators first: what they asked for last is still answered into the topics, and nothing new is asked.
  await Promise.all(running.filter(({ name }) => name === 'orchestrator').map((each) => each.stop()))
  await Promise.all(running.map((each) => each.stop()))
}

/**
 * Starts the four services, the gateway, the console, the orchestrator and operations side by side, and resolves when `/readyz` of each answers 200. When one cannot be
 * started, the others are ended and its error is thrown, with the last lines of its log. No process outlives this one.
 */
export const startSystem = async (options: SystemOptions): Promise<System> => {
  const logs = join(resolve(options.home), 'logs')
  await mkdir(logs, { recursive: true })
  const failed = new AbortController()
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal])
  const env = environment(options)
  const running: SystemProcess[] = []

  const launch = async (
    name: ProcessName,
    port: number,
    logName: string,
    settings: NodeJS.ProcessEnv = {},
  ): Promise<SystemProcess> => {
    const started = performance.now()
    const own = { ...env, ...options.envOf?.(name), ...settings, [portSettings[name][0]]: String(port) }
    const logFile = join(logs, `${logName}.log`)
    const begun = await startProcess(name, { port, env: own, logFile, onCrash: options.onCrash, signal })
    running.push(begun)
    options.log(`${logName}: ready on ${begun.address} after ${((performance.now() - started) / 1000).toFixed(1)} s`)
    return begun
  }
  const begin = (name: ProcessName): Promise<SystemProcess> =>
    launch(name, options.ports[name], name).catch((error: unknown) => {
      failed.abort(error)
      throw error
    })

  const names = startedWith(env)
  options.log(`starting ${names.join(', ')}`)
  await Promise.allSettled(names.map(begin))
  const found = (name: ProcessName) => running.find((each) => each.name === name)
  const [order, inventory, logistics] = [found('order'), found('inventory'), found('logistics')]
  const [payment, gateway, orchestrator] = [found('payment'), found('gateway'), found('orchestrator')]
  const [console, operations] = [found('console'), found('operations')]
  const isWhole = running.length === names.length
  if (!isWhole || !order || !inventory || !logistics || !payment || !gateway || !orchestrator) {
    await stopAll(running)
    throw options.signal?.aborted ? options.signal.reason : failed.signal.reason
  }
  const processes = {
    order,
    inventory,
    logistics,
    payment,
    gateway,
    ...(console && { console }),
    orchestrator,
    ...(operations && { operations }),
  }
  const at = ({ address }: SystemProcess) => `http://${address}`
  return {
    processes,
    http: {
      ...{ order: at(order), inventory: at(inventory), logistics: at(logistics), payment: at(payment) },
      ...{ gateway: at(gateway), ...(console && { console: at(console) }), orchestrator: at(orchestrator) },
      ...(operations && { operations: at(operations) }),
    },
    get pids() {
      return Object.fromEntries(
        Object.values(processes).flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid]])),
      )
    },
    startAnother: async (name, settings) => {
      const port = await freePort()
      return launch(name, port, `${name}-${port}`, { GATEWAY_PORT: '0', SHOP_PORT: '0', STAFF_PORT: '0', ...settings })
    },
    stop: () => stopAll(running),
  }
}
