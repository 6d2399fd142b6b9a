import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Proxy as ToxiProxy, Toxiproxy } from 'toxiproxy-node-client'
import { fetchToxiproxy } from './fetch.ts'
import { type Part, type PartName, type StackCrash, startPart } from './part.ts'
import { freePort } from './ports.ts'

/** From where to where a proxy leads; both on this machine. */
export interface Route {
  /** Where clients connect. */
  readonly port: number
  /** Where they come out. */
  readonly to: number
}

/** A way to one part of the stack that can be made bad. */
export interface Road {
  /** Breaks every connection, and refuses new ones. */
  cut(): Promise<void>
  /** Keeps connections, and lets nothing through: nobody is told that nobody listens. */
  hang(): Promise<void>
  /** Both ways each, in milliseconds. */
  delay(ms: number, jitterMs: number): Promise<void>
  /** Kilobytes a second, of each connection and way. */
  slow(rate: number): Promise<void>
}

const ways = ['upstream', 'downstream'] as const

const roadOf = (proxy: ToxiProxy): Road => {
  const both = async (type: 'timeout' | 'latency' | 'bandwidth', attributes: object) => {
    for (const stream of ways) await proxy.addToxic({ type, stream, name: stream, toxicity: 1, attributes })
  }
  return {
    cut: async () => {
      await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream })
    },
    hang: () => both('timeout', { timeout: 0 }),
    delay: (latency, jitter) => both('latency', { latency, jitter }),
    slow: (rate) => both('bandwidth', { rate }),
  }
}

/** toxiproxy in front of the stack. */
export interface Roads extends Readonly<Record<PartName, Road>> {
  readonly part: Part<'toxiproxy'>
  /** Makes all roads good again. */
  mend(): Promise<void>
}

const untilItAnswers = async (client: Toxiproxy, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted()
    const version = await client.getVersion().catch(() => undefined)
    if (version !== undefined) return
    await sleep(50, undefined, { signal })
  }
}

/** Starts toxiproxy with these proxies, for faults of connections on purpose. Throws when it cannot be had on this machine. */
export const startToxiproxy = async (
  routes: Readonly<Record<PartName, Route>>,
  options: {
    /** Its log is `logs/toxiproxy.log` in it. */
    readonly home: string
    readonly env: NodeJS.ProcessEnv
    readonly log: (line: string) => void
    readonly onCrash: (error: StackCrash) => void
    readonly signal: AbortSignal
  },
): Promise<Roads> => {
  const { home, env, log, onCrash, signal } = options
  const program = await fetchToxiproxy({ env, log, signal })
  const port = await freePort()
  const client = new Toxiproxy(`http://127.0.0.1:${port}`)
  const part = await startPart(
    {
      name: 'toxiproxy' as const,
      address: `127.0.0.1:${port}`,
      logFile: join(home, 'logs', 'toxiproxy.log'),
      env,
      stopSignal: 'SIGTERM',
      readyWithinMs: 30_000,
      stopWithinMs: 5_000,
      command: async () => ({ command: program, args: ['-host', '127.0.0.1', '-port', String(port)] }),
      ready: (until) => untilItAnswers(client, until),
    },
    onCrash,
    signal,
  )
  const lay = async (name: PartName): Promise<Road> => {
    const { port: from, to } = routes[name]
    return roadOf(await client.createProxy({ name, listen: `127.0.0.1:${from}`, upstream: `127.0.0.1:${to}` }))
  }
  try {
    const [kafka, temporal, postgres] = await Promise.all([lay('kafka'), lay('temporal'), lay('postgres')])
    return { part, kafka, temporal, postgres, mend: () => client.reset() }
  } catch (error) {
    await part.stop()
    throw error
  }
}
