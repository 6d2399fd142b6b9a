import { type CpuByName, cpuBetween, readCpu } from './cpu.ts'
import type { Driver, Target } from './driver.ts'
import { type Kind, ordersOf } from './orders.ts'
import type { Plan } from './plan.ts'
import type { Stage } from './stage.ts'
import { median, percentile, rounded } from './statistics.ts'
import type { Heard, Moment } from './story.ts'
import { type WorkDone, workPerSaga } from './work-done.ts'

/** What a figure is measured with. */
export interface Bench {
  readonly stage: Stage
  readonly driver: Driver
  readonly plan: Plan
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** Set when the run is profiled. */
  readonly readWork?: () => Promise<WorkDone>
}

/** One round as it was. */
export interface Round {
  readonly target: Target
  readonly sagas: number
  readonly inFlight: number
  readonly seconds: number
  readonly latenciesMs: readonly number[]
  /** Milliseconds on a processor during the round, by process. */
  readonly cpuMs: CpuByName
}

export interface Load {
  readonly sagas: number
  readonly inFlight: number
  readonly kind?: Kind
  /** What is waited for; by default the end. */
  readonly until?: Moment
  /** Asked before each saga: whether to go on. */
  readonly goesOn?: () => boolean
}

/** Sends sagas, so many under way at once, and waits for each. Returns how long each took, in milliseconds. */
const drive = async ({ driver, signal }: Bench, target: Target, orderIds: readonly string[], load: Load) => {
  const latenciesMs: number[] = []
  const waiting = orderIds.values()
  const lane = async () => {
    for (const orderId of waiting) {
      if (load.goesOn?.() === false) return
      signal.throwIfAborted()
      const started = performance.now()
      expectHeard(target, orderId, await driver.cancel(target, orderId, load.until ?? 'end'), load)
      latenciesMs.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: load.inFlight }, lane))
  return latenciesMs
}

/** A saga that ended otherwise did other work: it must not count. */
const expectHeard = (target: Target, orderId: string, { type }: Heard, { until = 'end' }: Load): void => {
  const expected = until === 'merchant' ? 'order.cancellation.awaiting-merchant.v1' : 'order.cancellation.completed.v1'
  if (target !== 'empty' && type !== expected)
    throw new Error(`expected ${expected} of ${orderId} by ${target}, got ${type}`)
}

/** Places the orders first, and then measures the sagas alone. */
export const measure = async (bench: Bench, target: Target, load: Load): Promise<Round> => {
  const { stage, driver } = bench
  const orders = ordersOf(load.sagas, load.kind)
  // An empty workflow has no order to cancel.
  if (target !== 'empty') await driver.place(orders)
  const before = await readCpu(stage.pids())
  const started = performance.now()
  const latenciesMs = await drive(
    bench,
    target,
    orders.map(({ orderId }) => orderId),
    load,
  )
  const seconds = (performance.now() - started) / 1000
  const cpuMs = cpuBetween(before, await readCpu(stage.pids()))
  return { target, sagas: latenciesMs.length, inFlight: load.inFlight, seconds, latenciesMs, cpuMs }
}

/** In a profiled run, says what servers and processes have done for each saga of a round. */
export const counted = async ({ readWork, say }: Bench, round: () => Promise<Round>): Promise<Round> => {
  if (readWork === undefined) return round()
  const before = await readWork()
  const done = await round()
  for (const [name, each] of workPerSaga(before, await readWork(), done.sagas)) say(`${name}: ${rounded(each)} a saga`)
  return done
}

/** Rounds of each kind in turn, A B A B, after a warm-up of each. Returns the rounds by the name of their kind. */
export const alternate = async <Name extends string>(
  { plan, say }: Bench,
  names: readonly Name[],
  round: (name: Name, warmUp: boolean) => Promise<Round>,
): Promise<(name: Name) => readonly Round[]> => {
  const done: { readonly name: Name; readonly round: Round }[] = []
  for (const name of names) {
    const warm = await round(name, true)
    say(`warm-up, ${name}: ${rounded(perSecond(warm), 1)}/s`)
  }
  for (let turn = 1; turn <= plan.rounds; turn += 1)
    for (const name of names) {
      const latest = await round(name, false)
      done.push({ name, round: latest })
      const p50 = rounded(medianLatencyMs(latest), 0)
      say(`round ${turn} of ${plan.rounds}, ${name}: ${rounded(perSecond(latest), 1)}/s, median ${p50} ms`)
    }
  return (name) => done.filter((each) => each.name === name).map((each) => each.round)
}

export const perSecond = ({ sagas, seconds }: Round): number => sagas / seconds
export const medianLatencyMs = ({ latenciesMs }: Round): number => percentile(latenciesMs, 0.5)
export const cpuMsPerSaga =
  (process: string) =>
  ({ cpuMs, sagas }: Round): number =>
    (cpuMs[process] ?? 0) / sagas
/** Of all processes but the bench itself, which is the world outside. */
export const allCpuMsPerSaga = ({ cpuMs, sagas }: Round): number =>
  Object.entries(cpuMs).reduce((sum, [name, used]) => (name === 'bench' ? sum : sum + used), 0) / sagas

/** Rounds of one kind, as `--json` prints them. */
export interface Run {
  readonly name: string
  /** Of all rounds. */
  readonly sagas: number
  readonly inFlight: number
  /** The median of the rounds, and each of them. */
  readonly perSecond: number
  readonly rounds: readonly number[]
  /** `null`: they were not told apart. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null
  readonly cpuMsPerSaga: Readonly<Record<string, number>>
  /** Of one saga; `null`: it is no Temporal workflow. */
  readonly historyEvents: number | null
  readonly billableActions: number | null
}

export const runOf = (
  name: string,
  rounds: readonly Round[],
  history: { readonly events: number; readonly billableActions: number } | null = null,
): Run => {
  const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs)
  const processes = Object.keys(rounds[0]?.cpuMs ?? {})
  const cpu = processes.map((process) => [process, rounded(median(rounds.map(cpuMsPerSaga(process))))] as const)
  return {
    name,
    sagas: rounds.reduce((sum, { sagas }) => sum + sagas, 0),
    inFlight: rounds[0]?.inFlight ?? 0,
    perSecond: rounded(median(rounds.map(perSecond))),
    rounds: rounds.map((round) => rounded(perSecond(round))),
    latencyMs:
      latencies.length === 0
        ? null
        : {
            p50: rounded(percentile(latencies, 0.5), 1),
            p95: rounded(percentile(latencies, 0.95), 1),
            p99: rounded(percentile(latencies, 0.99), 1),
          },
    cpuMsPerSaga: Object.fromEntries(cpu.filter(([, used]) => used > 0)),
    historyEvents: history?.events ?? null,
    billableActions: history?.billableActions ?? null,
  }
}
