import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { lastLines } from './log-file.ts'
import { type Exit, spawnTied, type TiedProcess } from './tied-process.ts'

export type PartName = 'kafka' | 'temporal' | 'postgres'

/** One running part of the stack, or another process that is started and ended like one. */
export interface Part<Name extends string = PartName> {
  readonly name: Name
  /** The server's process, undefined when it runs elsewhere or is not running. */
  readonly pid: number | undefined
  /** host:port */
  readonly address: string
  readonly logFile: string
  /** Sends a signal on purpose: nothing is reported as a crash. Waits for the end, except for SIGSTOP and SIGCONT. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port with the same data, and waits until it is ready. Ends it first when it still runs. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A part ended that nobody asked to end. */
export class StackCrash extends Error {
  override readonly name = 'StackCrash'
  readonly part: string
  readonly logFile: string
  /** The last lines of its log. */
  readonly lastLines: string

  constructor(part: string, what: string, logFile: string, lastLines: string) {
    super(`${part} ${what}. The last lines of ${logFile}:\n${lastLines || '(it logged nothing)'}`)
    this.part = part
    this.logFile = logFile
    this.lastLines = lastLines
  }
}

export interface PartSpec<Name extends string = PartName> {
  readonly name: Name
  readonly address: string
  readonly logFile: string
  readonly env: NodeJS.ProcessEnv
  readonly stopSignal: NodeJS.Signals
  /** How long it may take to be ready, and to end when asked; then it is killed. */
  readonly readyWithinMs: number
  readonly stopWithinMs: number
  readonly command: () => Promise<{ readonly command: string; readonly args: readonly string[] }>
  /** Resolves when it really answers. Ends with an error when the signal aborts. */
  readonly ready: (signal: AbortSignal) => Promise<void>
  /** Replaces the plain signal to the process, for a part that runs in a container. */
  readonly signalPart?: ((signal: NodeJS.Signals) => Promise<void>) | undefined
  readonly afterStop?: (() => Promise<void>) | undefined
}

const describeExit = ({ code, signal }: Exit): string => (signal === null ? `exit code ${code}` : `signal ${signal}`)

interface Running {
  readonly child: TiedProcess
  /** Its end was asked for. */
  expected: boolean
}

/** Starts a part and waits until it is ready; `onCrash` hears when it ends by itself later. */
export const startPart = async <Name extends string>(
  spec: PartSpec<Name>,
  onCrash: (error: StackCrash) => void,
  signal: AbortSignal,
): Promise<Part<Name>> => {
  let running: Running | undefined
  const crash = async (what: string) => new StackCrash(spec.name, what, spec.logFile, await lastLines(spec.logFile))

  const launch = async (): Promise<void> => {
    const { command, args } = await spec.command()
    const output = openSync(spec.logFile, 'a')
    const child = spawnTied({ command, args, env: spec.env, stopSignal: spec.stopSignal, output })
    closeSync(output)
    const mine: Running = { child, expected: false }
    running = mine
    let isReady = false
    const aborted = new AbortController()
    const ended = child.exited.then(async (exit) => {
      if (running === mine) running = undefined
      aborted.abort()
      if (isReady && !mine.expected) onCrash(await crash(`ended (${describeExit(exit)})`))
      return exit
    })
    const early = ended.then(async (exit) => {
      throw await crash(`ended while it was starting (${describeExit(exit)})`)
    })
    const late = AbortSignal.timeout(spec.readyWithinMs)
    const until = AbortSignal.any([signal, aborted.signal, late])
    try {
      await Promise.race([spec.ready(until), early])
      isReady = true
    } catch (error) {
      // When it ended, its log says more than whatever the check for readiness met.
      if (aborted.signal.aborted) await early
      signal.throwIfAborted()
      if (late.aborted) throw await crash(`was not ready within ${spec.readyWithinMs / 1000} s`)
      throw error
    } finally {
      early.catch(() => undefined)
    }
  }

  const send = async (target: Running, name: NodeJS.Signals): Promise<void> => {
    if (spec.signalPart !== undefined) await spec.signalPart(name)
    else target.child.kill(name)
  }

  const end = async (name: NodeJS.Signals): Promise<void> => {
    const target = running
    if (target === undefined) return
    target.expected = true
    await send(target, name)
    const gone = new AbortController()
    const kill = sleep(spec.stopWithinMs, undefined, { signal: gone.signal })
      .then(() => send(target, 'SIGKILL'))
      .catch(() => undefined)
    // A stopped process takes no other signal than SIGKILL until it goes on.
    if (name !== 'SIGKILL') await send(target, 'SIGCONT').catch(() => undefined)
    await target.child.exited
    gone.abort()
    await kill
  }

  const part: Part<Name> = {
    name: spec.name,
    address: spec.address,
    logFile: spec.logFile,
    get pid() {
      return running?.child.pid
    },
    kill: async (name) => {
      if (running === undefined) throw new Error(`${spec.name}: expected it to be running, it has ended`)
      if (name === 'SIGSTOP' || name === 'SIGCONT') await send(running, name)
      else await end(name)
    },
    restart: async () => {
      await end(spec.stopSignal)
      await launch()
    },
    stop: async () => {
      await end(spec.stopSignal)
      await spec.afterStop?.()
    },
  }

  try {
    await launch()
    return part
  } catch (error) {
    await part.stop()
    throw error
  }
}

/** A part that runs elsewhere, or was not asked for: it has an address, and nobody here can end it. */
export const foreignPart = (name: PartName, address: string, why: string): Part => {
  const refuse = async () => {
    throw new Error(`${name} cannot be killed or restarted from here: ${why}`)
  }
  return { name, address, pid: undefined, logFile: '', kill: refuse, restart: refuse, stop: async () => undefined }
}
