import { type Stack, type StackCrash, startStack } from '../stack/index.ts'
import { freePort, requireFree } from '../stack/ports.ts'
import { readStackSettings } from '../stack/settings.ts'
import { choosePorts, type System, startSystem } from './index.ts'
import { notifyPort, portSettings, shopPort, staffPort, startedWith } from './processes.ts'
import { patienceOf, type Running, removeRunning, writeRunning } from './running.ts'

/** Stack, services and orchestrator, and where they are. */
export interface Whole {
  readonly stack: Stack
  readonly system: System
  readonly running: Running
  /** Ends our processes, then the parts they stand on. May be called again. */
  stop(): Promise<void>
}

export interface WholeOptions {
  readonly home: string
  readonly ports: 'settings' | 'free'
  /** Where the gateway takes notifications, in the place of a port that is free. */
  readonly notifyPort?: number
  readonly env: NodeJS.ProcessEnv
  readonly log: (line: string) => void
  /** A part or process ended by itself: the caller stops the rest. */
  readonly onCrash: (error: StackCrash) => void
  readonly signal: AbortSignal
}

/** How members of staff reach the console with these settings. */
export const staffUrlOf = (env: NodeJS.ProcessEnv): string => env.STAFF_URL || `http://127.0.0.1:${staffPort(env)}`

const addresses = ({ env }: WholeOptions, stack: Stack, system: System, shop: number): Running => {
  const { temporalNamespace, topicPrefix } = readStackSettings(env)
  const { kafkaBrokers, temporalAddress, temporalUiUrl, databaseUrls } = stack
  return {
    kafkaBrokers,
    temporalAddress,
    temporalUiUrl,
    namespace: temporalNamespace,
    topicPrefix,
    databaseUrls,
    http: system.http,
    ...(system.processes.console && { shop: `http://127.0.0.1:${shop}` }),
    ...(system.processes.console && env.OIDC_ISSUER && { staff: staffUrlOf(env) }),
    pids: { ...stack.pids, ...system.pids },
    patience: patienceOf(env),
  }
}

/** Starts everything, and writes `running.json` into the home. What was started is ended when the rest cannot be. */
export const startWhole = async (options: WholeOptions): Promise<Whole> => {
  const { home, env, log, onCrash, signal } = options
  const ports = await choosePorts(options.ports, env)
  const isSet = options.ports === 'settings'
  const wanted = {
    notifyPort: isSet ? notifyPort(env) : (options.notifyPort ?? (await freePort())),
    shopPort: isSet ? shopPort(env) : await freePort(),
  }
  if (isSet) {
    const own = Object.fromEntries(startedWith(env).map((name) => [portSettings[name][0], ports[name]]))
    const staff = env.OIDC_ISSUER ? { STAFF_PORT: staffPort(env) } : {}
    await requireFree({ ...own, ...staff, GATEWAY_PORT: wanted.notifyPort, SHOP_PORT: wanted.shopPort })
  }
  const stack = await startStack({ home, ports: options.ports, env, log, onCrash, signal })
  try {
    const system = await startSystem({ stack, ports, ...wanted, home, env, log, onCrash, signal })
    const running = addresses(options, stack, system, wanted.shopPort)
    await writeRunning(home, running)
    const stop = async () => {
      await removeRunning(home)
      await system.stop()
      await stack.stop()
    }
    return { stack, system, running, stop }
  } catch (error) {
    await stack.stop()
    throw error
  }
}
