import { outcomeText, table } from '../terminal/print.ts'
import { doubledOf, lostOf } from './judge.ts'
import type { ChaosResult } from './run.ts'

/** What `--json` prints. */
export const documentOf = (seed: string, { requests, faults, violations }: ChaosResult) => ({
  ok: violations.length === 0,
  seed,
  sagas: requests.length,
  faults: faults.map(({ fault, inFlight, recoveredMs }) => ({
    fault,
    sagas: inFlight.length,
    recoveredMs: recoveredMs ?? null,
  })),
  lost: lostOf(requests),
  duplicated: doubledOf(requests),
  violations,
})

const seconds = (ms: number | undefined): string => (ms === undefined ? 'not in time' : `${(ms / 1000).toFixed(1)} s`)

const outcomes = ({ requests }: ChaosResult): string => {
  const ends = requests.flatMap((request) => request.ends.map(({ data }) => data))
  const kinds = Object.groupBy(ends, (end) => ('code' in end ? `${end.outcome} (${end.code})` : end.outcome))
  return Object.entries(kinds)
    .toSorted(([, some = []], [, others = []]) => others.length - some.length)
    .map(([kind, some = []]) => `${outcomeText(kind)} ${some.length}`)
    .join(', ')
}

/** The table of faults, what the sagas came to, and what is not as it must be. */
export const describeChaos = (seed: string, result: ChaosResult, seconds_: number): string => {
  const { requests, faults, violations, restarts } = result
  const rows = faults.map(({ fault, inFlight, recoveredMs }) => [
    fault,
    `${inFlight.length}`,
    seconds(recoveredMs),
    `${lostOf(inFlight)}`,
    `${doubledOf(inFlight)}`,
  ])
  const parked = requests.filter(({ attention }) => attention.size > 0).length
  return [
    '',
    table(['fault', 'sagas in flight', 'recovered after', 'lost', 'doubled'], rows),
    '',
    `${requests.length} sagas, ${parked} of them needed attention, seed ${seed}: ${outcomes(result)}`,
    ...restarts.map((line) => `started again by its supervisor: ${line}`),
    ...violations.map((line) => `not as it must be: ${line}`),
    '',
    violations.length === 0
      ? `Nothing lost, nothing doubled, every invariant holds, after ${seconds_} s.`
      : `Lost ${lostOf(requests)}, doubled ${doubledOf(requests)}, ${violations.length} violations, after ${seconds_} s.`,
  ].join('\n')
}
