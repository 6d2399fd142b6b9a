import { resolve } from 'node:path'
import { topics } from '@countermand/contracts'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import type { StackCrash } from '../stack/part.ts'
import type { ProcessName } from '../system/processes.ts'
import { startWhole } from '../system/whole.ts'
import { type EngineName, engineNames, prefixOf } from './engines/engine.ts'
import { ensureEngineTopics, startEngine } from './engines/start.ts'

export type Lane = 'adaptive' | 'slow'

/** The system that is measured, and the engines that are measured beside it, on one stack. */
export interface Stage {
  readonly where: Addresses
  /** Where our processes answer, by their name. */
  readonly http: Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, string>>
  /** Of everything that runs, by its name. */
  pids(): Readonly<Record<string, readonly number[]>>
  /** Starts an engine the first time that it is asked for. */
  use(engine: EngineName): Promise<void>
  /** Ends the orchestrators, each when its work at hand is done. */
  stopOrchestrator(): Promise<void>
  startOrchestrator(lane: Lane): Promise<void>
  /** Starts a second process of each kind; the function ends them. */
  double(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

export interface StageOptions {
  readonly home: string
  readonly env: NodeJS.ProcessEnv
  readonly log: (line: string) => void
  readonly onCrash: (error: StackCrash) => void
  readonly signal: AbortSignal
  /** Where each process leaves a processor profile when it ends. */
  readonly profile?: string | undefined
}

interface RunningPart {
  readonly name: string
  readonly pid: number | undefined
  stop(): Promise<void>
}

/** Starts stack, services and orchestrator on free ports; engines come when they are needed. */
export const startStage = async ({ home, log, onCrash, signal, ...options }: StageOptions): Promise<Stage> => {
  // Warnings only, for every process alike: a line of log for each message is not what is compared.
  const profiling =
    options.profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(options.profile)}` }
  const replyTopics = engineNames.map((engine) => `${prefixOf(engine)}${topics.sagaReplies}`)
  const env = {
    ...options.env,
    ...{ LOG_LEVEL: 'warn', NODE_ENV: 'production', REPLY_TOPICS: replyTopics.join(',') },
    // What a saga costs is what it needs; the console only listens.
    CONSOLE: 'off',
    ...profiling,
  }
  const whole = await startWhole({ home, ports: 'free', env, log, onCrash, signal })
  const { stack, system, running } = whole
  await ensureEngineTopics(stack.kafkaBrokers.split(','))
  const parts: RunningPart[] = [stack.kafka, stack.temporal, stack.postgres, ...Object.values(system.processes)]
  const engines = new Map<EngineName, Promise<void>>()

  const begin = async (engine: EngineName): Promise<void> => {
    log(`starting ${engine}`)
    const fetching = { env, log, signal }
    parts.push(...(await startEngine(engine, { stack, home, env, fetching, onCrash, signal })))
  }
  const startAnother = async (name: ProcessName, settings: NodeJS.ProcessEnv): Promise<RunningPart> => {
    const another = await system.startAnother(name, settings)
    parts.push(another)
    return another
  }
  const enginesOf = () => parts.filter(({ name }) => !['kafka', 'temporal', 'postgres'].includes(name))
  return {
    where: { ...running, kafkaBrokers: running.kafkaBrokers.split(',') },
    http: running.http,
    versions: stack.versions,
    pids: () => {
      const alive = parts.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]))
      const byName = Object.groupBy(alive, ({ name }) => name)
      const named = Object.entries(byName).map(([name, some = []]) => [name, some.map(({ pid }) => pid)] as const)
      return Object.fromEntries(named)
    },
    use: (engine) => {
      const started = engines.get(engine) ?? begin(engine)
      engines.set(engine, started)
      return started
    },
    stopOrchestrator: async () => {
      await Promise.all(parts.filter(({ name }) => name === 'orchestrator').map((each) => each.stop()))
    },
    startOrchestrator: async (lane) => {
      await startAnother('orchestrator', { STEP_LANE: lane })
    },
    double: async () => {
      const more = await Promise.all(Object.values(system.processes).map(({ name }) => startAnother(name, {})))
      return async () => {
        await Promise.all(more.map((each) => each.stop()))
      }
    },
    stop: async () => {
      await Promise.all(enginesOf().map((each) => each.stop()))
      await whole.stop()
    },
  }
}
