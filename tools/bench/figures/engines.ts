import type { Target } from '../driver.ts'
import {
  alternate,
  type Bench,
  counted,
  cpuMsPerSaga,
  measure,
  medianLatencyMs,
  perSecond,
  type Round,
  runOf,
} from '../measure.ts'
import { ordersOf } from '../orders.ts'
import { percentile, ratioOf } from '../statistics.ts'
import { costOfLatest } from './billable.ts'
import type { Finding } from './finding.ts'

/** Ours beside an empty workflow, the services in sequence, and the other engines: each in turn, on the same services. */
const targets = ['countermand', 'empty', 'script', 'restate', 'dbos'] as const satisfies readonly Target[]

const names: Readonly<Record<(typeof targets)[number], string>> = {
  countermand: 'Countermand',
  empty: 'empty workflow',
  script: 'services in sequence, no orchestrator',
  restate: 'Restate',
  dbos: 'DBOS',
}

/** An engine counts only if both roads come out right with it: the straight one, and the one back. */
const prove = async ({ driver, say }: Bench, engine: 'restate' | 'dbos'): Promise<void> => {
  for (const [paymentRef, expected] of [
    ['pay_ok', 'cancelled'],
    ['pay_refuse', 'compensated'],
  ] as const) {
    const [order] = ordersOf(1, { paymentRef })
    if (order === undefined) throw new Error('expected an order, got none')
    await driver.place([order])
    const { outcome } = await driver.cancel(engine, order.orderId, 'end')
    if (outcome !== expected) throw new Error(`${engine}: expected ${order.orderId} to end ${expected}, got ${outcome}`)
  }
  say(`${engine}: a straight and a refused saga ended as they should`)
}

const useAll = async (bench: Bench): Promise<void> => {
  for (const target of targets) if (target !== 'countermand') await bench.stage.use(target)
  for (const engine of ['restate', 'dbos'] as const) await prove(bench, engine)
}

const ratioBy = (value: (round: Round) => number, rounds: readonly Round[], references: readonly Round[]) =>
  ratioOf(rounds.map(value), references.map(value))

/** Sagas a second with many in flight, and what each costs Temporal's server. */
export const throughput = async (bench: Bench): Promise<Finding> => {
  await useAll(bench)
  const { sagas, inFlight, warmUp } = bench.plan
  const of = await alternate(bench, targets, (target, warming) => {
    const round = () => measure(bench, target, { sagas: warming ? warmUp : sagas, inFlight })
    return target === 'countermand' && !warming ? counted(bench, round) : round()
  })
  const ours = of('countermand')
  const cost = await costOfLatest(bench)
  const runFor = (target: (typeof targets)[number]) =>
    runOf(`${names[target]}, ${inFlight} in flight`, of(target), target === 'countermand' ? cost : null)
  return {
    runs: targets.map(runFor),
    ratios: {
      throughputVsEmpty: ratioBy(perSecond, ours, of('empty')),
      serverCpuVsEmpty: ratioBy(cpuMsPerSaga('temporal'), ours, of('empty')),
      throughputVsRestate: ratioBy(perSecond, ours, of('restate')),
      throughputVsDbos: ratioBy(perSecond, ours, of('dbos')),
    },
    notes: [],
  }
}

/** One saga alone: from its event to its end. */
export const latency = async (bench: Bench): Promise<Finding> => {
  await useAll(bench)
  const { alone } = bench.plan
  const of = await alternate(bench, targets, (target, warming) =>
    measure(bench, target, { sagas: warming ? 5 : alone, inFlight: 1 }),
  )
  const p95 = ({ latenciesMs }: Round) => percentile(latenciesMs, 0.95)
  const ours = of('countermand')
  return {
    runs: targets.map((target) => runOf(`${names[target]}, alone`, of(target))),
    ratios: {
      latencyVsKafka: ratioBy(medianLatencyMs, ours, of('script')),
      latencyP95VsKafka: ratioBy(p95, ours, of('script')),
      latencyVsRestate: ratioBy(medianLatencyMs, ours, of('restate')),
      latencyVsDbos: ratioBy(medianLatencyMs, ours, of('dbos')),
    },
    notes: [],
  }
}
