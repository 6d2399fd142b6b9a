import { type Bench, measure, perSecond, type Round, runOf } from '../measure.ts'
import { ratioOf } from '../statistics.ts'
import type { Finding } from './finding.ts'

/** One orchestrator and one of each service, then two of each: rounds of both in turn. */
export const replicas = async (bench: Bench): Promise<Finding> => {
  const { stage, plan, say } = bench
  const { sagas, inFlight, warmUp } = plan
  const rounds: { one: Round[]; two: Round[] } = { one: [], two: [] }
  const round = async (count: 'one' | 'two') => {
    // Who has just joined its group has cold code and empty caches.
    await measure(bench, 'countermand', { sagas: warmUp, inFlight })
    const done = await measure(bench, 'countermand', { sagas, inFlight })
    rounds[count].push(done)
    say(`${count} of each: ${perSecond(done).toFixed(1)}/s`)
  }
  for (let turn = 0; turn < plan.rounds - 1; turn += 1) {
    await round('one')
    const single = await stage.double()
    await round('two')
    await single()
  }
  return {
    runs: [runOf('one of each process', rounds.one), runOf('two of each process', rounds.two)],
    ratios: { twoOfEachVsOne: ratioOf(rounds.two.map(perSecond), rounds.one.map(perSecond)) },
    notes: [],
  }
}
