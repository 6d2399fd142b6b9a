import { cpus, totalmem } from 'node:os'
import type { Verification } from '@countermand/workflows/operations/verify/verify.ts'
import Table from 'cli-table3'
import type { RoadCost } from './figures/billable.ts'
import type { Finding } from './figures/finding.ts'
import { goals, inWords, isMet } from './goals.ts'
import type { Run } from './measure.ts'
import type { Plan } from './plan.ts'
import { type Figure, rounded } from './statistics.ts'

/** What `--json` prints. */
export interface BenchDocument {
  readonly ok: boolean
  readonly mode: Plan['mode']
  readonly at: string
  readonly seconds: number
  readonly machine: {
    readonly processors: number
    readonly model: string
    readonly memoryGb: number
    readonly system: string
  }
  readonly versions: Readonly<Record<string, string>>
  readonly runs: readonly Run[]
  readonly ratios: Readonly<Record<string, number>>
  /** Least and largest ratio of the rounds. */
  readonly spreads: Readonly<Record<string, readonly [number, number]>>
  readonly roads: readonly RoadCost[]
  readonly notes: readonly string[]
  readonly doubled: number
  readonly violations: Verification['violations']
}

const machine = () => ({
  processors: cpus().length,
  model: cpus()[0]?.model.trim() ?? 'unknown',
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch}`,
})

export const documentOf = (
  findings: readonly (Finding & { readonly roads?: readonly RoadCost[] })[],
  about: {
    readonly mode: Plan['mode']
    readonly seconds: number
    readonly versions: Readonly<Record<string, string>>
    readonly doubled: number
    readonly violations: Verification['violations']
  },
): BenchDocument => {
  const figures: [string, Figure][] = findings.flatMap(({ ratios }) => Object.entries(ratios))
  return {
    ok: about.doubled === 0 && about.violations.length === 0,
    at: new Date().toISOString(),
    machine: machine(),
    ...about,
    runs: findings.flatMap(({ runs }) => runs),
    ratios: Object.fromEntries(figures.map(([name, { median }]) => [name, rounded(median)])),
    spreads: Object.fromEntries(
      figures.map(([name, { least, largest }]) => [name, [rounded(least), rounded(largest)] as const]),
    ),
    roads: findings.flatMap(({ roads = [] }) => roads),
    notes: findings.flatMap(({ notes }) => notes),
  }
}

/** Rows of the table of ratios: those with a goal first, in the order of the goals. */
export const ratioRows = ({ ratios, spreads }: Pick<BenchDocument, 'ratios' | 'spreads'>): string[][] => {
  const order = [...Object.keys(goals), ...Object.keys(ratios).filter((name) => goals[name] === undefined)]
  return order.flatMap((name) => {
    const value = ratios[name]
    if (value === undefined) return []
    const goal = goals[name]
    const [least, largest] = spreads[name] ?? [value, value]
    const figure = { median: value, least, largest }
    const aim = goal === undefined ? '' : `${goal.at === 'least' ? '≥' : '≤'} ${goal.goal}`
    const met = goal === undefined ? '' : isMet(goal, figure) ? 'yes' : 'no'
    return [[inWords(name), String(value), `${least} to ${largest}`, aim, met]]
  })
}

const sumOf = (cpu: Run['cpuMsPerSaga']): number =>
  rounded(
    Object.entries(cpu).reduce((sum, [name, used]) => (name === 'bench' ? sum : sum + used), 0),
    1,
  )

export const runRows = (runs: readonly Run[]): string[][] =>
  runs.map(({ name, sagas, perSecond, latencyMs, cpuMsPerSaga }) => [
    name,
    String(sagas),
    perSecond.toFixed(1),
    latencyMs === null ? '' : [latencyMs.p50, latencyMs.p95, latencyMs.p99].map((each) => each.toFixed(0)).join(' / '),
    String(sumOf(cpuMsPerSaga)),
  ])

/** One row a road: what it costs in each lane. */
export const roadRows = (roads: readonly RoadCost[]): string[][] =>
  [...Map.groupBy(roads, ({ road }) => road)].map(([road, costs]) => {
    const of = (lane: RoadCost['lane']) => {
      const cost = costs.find((each) => each.lane === lane)
      return cost === undefined ? ['', ''] : [String(cost.billableActions), String(cost.historyEvents)]
    }
    return [road, ...of('adaptive'), ...of('slow')]
  })

export const headings = {
  ratios: ['ratio', 'median', 'rounds', 'goal', 'met'],
  runs: ['run', 'sagas', 'a second', 'p50 / p95 / p99 ms', 'CPU ms a saga'],
  roads: ['road', 'actions', 'events', 'actions, slow lane', 'events, slow lane'],
} as const

const table = (head: readonly string[], rows: readonly string[][]): string => {
  const drawn = new Table({ head: [...head], style: { head: [], border: [] } })
  drawn.push(...rows)
  return drawn.toString()
}

export const describe = (document: BenchDocument): string =>
  [
    ['ratios', ratioRows(document)] as const,
    ['runs', runRows(document.runs)] as const,
    ['roads', roadRows(document.roads)] as const,
  ]
    .flatMap(([kind, rows]) => (rows.length === 0 ? [] : [table(headings[kind], rows)]))
    .concat(document.notes)
    .concat(`${document.violations.length} violations of the invariants, ${document.doubled} requests ended twice`)
    .join('\n\n')
