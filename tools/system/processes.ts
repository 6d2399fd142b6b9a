import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Part, type StackCrash, startPart } from '../stack/part.ts'
import { freePort } from '../stack/ports.ts'
import { databaseOwners } from '../stack/settings.ts'
import { compiled } from './compiled.ts'
import { untilReady } from './ready.ts'

export const processNames = [...databaseOwners, 'orchestrator', 'operations'] as const
export type ProcessName = (typeof processNames)[number]

/** For people at screens; nobody asks operations for anything without the console. */
const forScreens = ['console', 'operations'] as const
type ForScreens = (typeof forScreens)[number]

/** Those without which there are no sagas; the others are off when their setting says so (`CONSOLE=off`). */
export type CoreName = Exclude<ProcessName, ForScreens>
/** Something of each that is there. */
export type OfProcesses<Value> = Readonly<Record<CoreName, Value> & Partial<Record<ForScreens, Value>>>

/** The processes that are started with these settings. */
export const startedWith = ({ CONSOLE }: NodeJS.ProcessEnv): readonly ProcessName[] =>
  processNames.filter((name) => CONSOLE !== 'off' || !forScreens.some((each) => each === name))

export type Ports = Readonly<Record<ProcessName, number>>

/** One of our processes. Fault tests kill and restart it. */
export type SystemProcess = Part<ProcessName>

/** The setting that moves a process's port, and its port when nothing does. */
export const portSettings = {
  order: ['ORDER_HTTP_PORT', 8081],
  inventory: ['INVENTORY_HTTP_PORT', 8082],
  logistics: ['LOGISTICS_HTTP_PORT', 8083],
  payment: ['PAYMENT_HTTP_PORT', 8084],
  gateway: ['GATEWAY_HTTP_PORT', 8089],
  console: ['CONSOLE_HTTP_PORT', 8086],
  orchestrator: ['ORCHESTRATOR_HTTP_PORT', 8085],
  operations: ['OPERATIONS_HTTP_PORT', 8092],
} as const satisfies Record<ProcessName, readonly [string, number]>

const programs: Readonly<Record<ProcessName, string>> = {
  order: '../../services/order/main.ts',
  inventory: '../../services/inventory/main.ts',
  logistics: '../../services/logistics/main.ts',
  payment: '../../services/payment/main.ts',
  gateway: '../../services/gateway/main.ts',
  console: '../../services/console/main.ts',
  orchestrator: '../../workflows/src/main.ts',
  operations: '../../workflows/operations/main.ts',
}

export const programOf = (name: ProcessName): string => fileURLToPath(new URL(programs[name], import.meta.url))

const port = z.coerce.number().int().min(1).max(65_535)

const read = (setting: string, byDefault: number, env: NodeJS.ProcessEnv): number => {
  const parsed = port.safeParse(env[setting] || byDefault)
  if (parsed.success) return parsed.data
  throw new Error(`${setting}: expected a port number from 1 to 65535, got ${env[setting]}`)
}

/** Where the gateway takes notifications, as the settings say. Throws when that is no port. */
export const notifyPort = (env: NodeJS.ProcessEnv): number => read('GATEWAY_PORT', 8090, env)

/** Where the console serves shops, as the settings say. Throws when that is no port. */
export const shopPort = (env: NodeJS.ProcessEnv): number => read('SHOP_PORT', 8087, env)

/** Where the console serves staff, as the settings say. Throws when that is no port. */
export const staffPort = (env: NodeJS.ProcessEnv): number => read('STAFF_PORT', 8088, env)

const eachName = async <T>(make: (name: ProcessName) => Promise<T>): Promise<Record<ProcessName, T>> => ({
  order: await make('order'),
  inventory: await make('inventory'),
  logistics: await make('logistics'),
  payment: await make('payment'),
  gateway: await make('gateway'),
  console: await make('console'),
  orchestrator: await make('orchestrator'),
  operations: await make('operations'),
})

/** Ports for health and metrics: as the settings say, or free ones. Throws when a setting is no port. */
export const choosePorts = (kind: 'settings' | 'free', env: NodeJS.ProcessEnv): Promise<Ports> =>
  eachName(async (name) => {
    if (kind === 'free') return freePort()
    const [setting, byDefault] = portSettings[name]
    return read(setting, byDefault, env)
  })

/** Starts one process and waits until it is ready. */
export const startProcess = (
  name: ProcessName,
  options: {
    readonly port: number
    readonly env: NodeJS.ProcessEnv
    readonly logFile: string
    readonly onCrash: (error: StackCrash) => void
    readonly signal: AbortSignal
  },
): Promise<SystemProcess> =>
  startPart(
    {
      name,
      address: `127.0.0.1:${options.port}`,
      logFile: options.logFile,
      env: { NODE_COMPILE_CACHE: compiled, ...options.env },
      stopSignal: 'SIGTERM',
      // Under load Node alone takes seconds to load a program; the orchestrator may also have to bundle the workflows.
      readyWithinMs: 120_000,
      // It ends by itself within 55 s, whatever is away.
      stopWithinMs: 60_000,
      command: async () => ({ command: process.execPath, args: [programOf(name)] }),
      ready: (signal) => untilReady(`http://127.0.0.1:${options.port}/readyz`, signal),
    },
    options.onCrash,
    options.signal,
  )
