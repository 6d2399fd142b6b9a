import type { Figure } from './statistics.ts'

export interface Goal {
  /** What is compared with what, in words. */
  readonly what: string
  readonly at: 'least' | 'most'
  readonly goal: number
}

/** The ratios that have a goal, in the order in which people read them. */
export const goals: Readonly<Record<string, Goal>> = {
  throughputVsEmpty: { what: 'sagas a second / empty workflows a second', at: 'least', goal: 0.8 },
  latencyVsKafka: { what: 'latency alone, median / its services in sequence', at: 'most', goal: 1.5 },
  latencyP95VsKafka: { what: 'latency alone, p95 / its services in sequence', at: 'most', goal: 1.5 },
  serverCpuVsEmpty: { what: "Temporal server's CPU per saga / per empty workflow", at: 'most', goal: 1.25 },
  billableActions: { what: 'billable actions of the straight road', at: 'most', goal: 3 },
  throughputVsRestate: { what: 'sagas a second / with Restate', at: 'least', goal: 1 },
  latencyVsRestate: { what: 'latency alone, median / with Restate', at: 'most', goal: 1 },
  throughputVsDbos: { what: 'sagas a second / with DBOS', at: 'least', goal: 1 },
  latencyVsDbos: { what: 'latency alone, median / with DBOS', at: 'most', goal: 1 },
  hotSkuVsMany: { what: 'cost per saga, one SKU in all orders / 100 SKUs', at: 'most', goal: 1.2 },
  openSagas1000Vs0: { what: 'cost per saga, 1,000 open / none', at: 'most', goal: 1.1 },
  openSagas10000Vs0: { what: 'cost per saga, 10,000 open / none', at: 'most', goal: 1.1 },
}

/** Ratios without a goal. */
export const others: Readonly<Record<string, string>> = {
  hotSkuCpuVsMany: 'processor time per saga, one SKU in all orders / 100 SKUs',
  twoOfEachVsOne: 'sagas a second, two of each process / one',
}

/** What a ratio compares, in words. How many sagas were open when the time for opening was over, only the run knows. */
export const inWords = (name: string): string => {
  const [, open] = /^openSagas(\d+)Vs0$/.exec(name) ?? []
  return goals[name]?.what ?? others[name] ?? (open === undefined ? name : `cost per saga, ${open} open / none`)
}

export const isMet = ({ at, goal }: Goal, { median }: Figure): boolean =>
  at === 'least' ? median >= goal : median <= goal
