import { setTimeout as sleep } from 'node:timers/promises'
import { aborted } from '../system/end.ts'
import { untilReady } from '../system/ready.ts'
import { type Crowd, gatherCrowd } from './crowd.ts'
import type { Fault } from './faults/index.ts'
import { judge } from './judge.ts'
import { createLoad, type Load, type Pace, type Tracked } from './load.ts'
import { mixedOrders, seedOf } from './mix.ts'
import { operate } from './operator.ts'
import { createSupervisor } from './supervisor.ts'
import { startVictim, type Victim } from './system.ts'

/** How a fault went. */
export interface FaultResult {
  readonly fault: string
  /** Open when it began. */
  readonly inFlight: readonly Tracked[]
  /** From its end until every process is ready and a saga that was asked for then has ended; `undefined`: not in time. */
  readonly recoveredMs: number | undefined
}

export interface ChaosResult {
  readonly requests: readonly Tracked[]
  readonly faults: readonly FaultResult[]
  /** What is not as it must be, one line each. */
  readonly violations: readonly string[]
  /** Processes that ended by themselves, and were started again as a supervisor does. */
  readonly restarts: readonly string[]
}

export interface ChaosPlan {
  readonly seed: string
  readonly faults: readonly Fault[]
  readonly pace: Pace
  /** How many sagas wait for their merchant all the while. */
  readonly crowd: number
  /** How long patient merchants, banks and carriers take, in milliseconds. */
  readonly waitMs: number
  /** Between a recovery and the next fault, in milliseconds. */
  readonly breatheMs: number
  /** No fault begins later than this after the start, in milliseconds. */
  readonly faultsWithinMs: number
  /** Once nothing is published any more: so many milliseconds without an end, and what is open still counts as lost. */
  readonly drainPatienceMs: number
}

const recoverWithinMs = 120_000

/** Rejects when the signal aborts. */
const cutShort = (signal: AbortSignal): Promise<never> => aborted(signal).then(() => Promise.reject(signal.reason))

const play = async (fault: Fault, scene: Scene): Promise<FaultResult> => {
  const { victim, load, crowd, seed, signal } = scene
  const inFlight = [...load.open()]
  await crowd.stir()
  const mend = await fault.begin(victim, seed)
  await sleep(fault.holdMs, undefined, { signal })
  const over = performance.now()
  const late = AbortSignal.timeout(recoverWithinMs)
  const ready = async () => {
    await mend()
    await Promise.all(victim.processes.map(({ address }) => untilReady(`http://${address}/readyz`, late)))
  }
  const recovered = Promise.all([ready(), load.probe()]).then(() => Math.round(performance.now() - over))
  const recoveredMs = await Promise.race([recovered, cutShort(AbortSignal.any([late, signal]))]).catch(
    (error: unknown) => {
      if (late.aborted && !signal.aborted) return undefined
      throw error
    },
  )
  return { fault: fault.name, inFlight, recoveredMs }
}

interface Scene {
  readonly victim: Victim
  readonly load: Load
  readonly crowd: Crowd
  readonly seed: number
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** One after the other, as far as there is time. */
const playAll = async (plan: ChaosPlan, scene: Scene, until: number): Promise<FaultResult[]> => {
  const { load, log, signal } = scene
  const results: FaultResult[] = []
  for (const [place, fault] of plan.faults.entries()) {
    signal.throwIfAborted()
    if (performance.now() > until) break
    log(`${place + 1} of ${plan.faults.length}: ${fault.name}: ${fault.about}; ${load.open().length} sagas in flight`)
    const result = await play(fault, scene)
    results.push(result)
    log(`${fault.name}: ${recoveryInWords(result)}`)
    await sleep(plan.breatheMs, undefined, { signal })
  }
  return results
}

export const recoveryInWords = ({ recoveredMs }: FaultResult): string =>
  recoveredMs === undefined
    ? `not recovered within ${recoverWithinMs / 1000} s`
    : `recovered after ${(recoveredMs / 1000).toFixed(1)} s`

/** Waits until everything has ended, however long that takes on this machine, as long as something does. */
const drain = async (
  load: Load,
  patienceMs: number,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  let fewest = Number.POSITIVE_INFINITY
  let until = 0
  for (let ticks = 0; ; ticks += 1) {
    const open = load.open().length
    if (open < fewest) until = performance.now() + patienceMs
    fewest = Math.min(fewest, open)
    if (open === 0 || performance.now() > until) return
    const few = open > 5 ? '' : `: ${load.open().map(({ workflowId }) => workflowId)}`
    if (ticks % 20 === 0) log(`${open} sagas are still open${few}`)
    await sleep(500, undefined, { signal })
  }
}

/** What comes after the last public end: the orchestrator closes runs, and channels are asked a last time. */
const settleMs = 3_000

const lateOnes = (plan: ChaosPlan, results: readonly FaultResult[]): string[] => [
  ...results
    .filter(({ recoveredMs }) => recoveredMs === undefined)
    .map(({ fault }) => `${fault}: expected to recover within ${recoverWithinMs / 1000} s`),
  ...plan.faults
    .filter(({ name }) => !results.some(({ fault }) => fault === name))
    .map(({ name }) => `${name}: expected to be played within ${plan.faultsWithinMs / 1000} s, there was no time left`),
]

/** Runs the faults one after the other while sagas go on, lets all of them end, and looks at everything. */
export const runChaos = async (
  plan: ChaosPlan,
  options: {
    readonly home: string
    readonly env: NodeJS.ProcessEnv
    readonly log: (line: string) => void
    readonly signal: AbortSignal
  },
): Promise<ChaosResult> => {
  const { log, signal } = options
  const until = performance.now() + plan.faultsWithinMs
  const seed = seedOf(plan.seed)
  const [quiet, over] = [new AbortController(), new AbortController()]
  const whileOpen = AbortSignal.any([over.signal, signal])
  const supervisor = createSupervisor(log, whileOpen)
  const victim = await startVictim({ ...options, seed, waitMs: plan.waitMs, onCrash: supervisor.onCrash })
  try {
    const load = createLoad(victim.outside)
    const company = [supervisor.watch(victim), operate(victim.temporal, load, whileOpen)]
    const publishing = load.run(mixedOrders(seed, plan.waitMs), plan.pace, AbortSignal.any([quiet.signal, whileOpen]))
    // Awaited once nothing is to be published any more; until then, its failure ends nothing.
    publishing.catch(() => undefined)
    await Promise.race([load.probe(), cutShort(signal)])
    const crowd = await gatherCrowd(load, plan.crowd)
    await sleep(plan.waitMs, undefined, { signal })
    const faults = await playAll(plan, { victim, load, crowd, seed, log, signal }, until)
    quiet.abort()
    await publishing
    await crowd.disperse()
    await drain(load, plan.drainPatienceMs, log, signal)
    await sleep(settleMs, undefined, { signal })
    over.abort()
    await Promise.all(company)
    log('looking at everything')
    const violations = [...lateOnes(plan, faults), ...(await judge(victim, load))]
    return { requests: load.requests, faults, violations, restarts: supervisor.restarts }
  } finally {
    over.abort()
    log('ending')
    await victim.stop()
  }
}
