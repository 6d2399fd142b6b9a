import { allCpuMsPerSaga, type Bench, measure, perSecond, type Round, runOf } from '../measure.ts'
import { type Figure, figureOf, median } from '../statistics.ts'
import type { Finding } from './finding.ts'

/** How many sagas are on their way to the merchant at once: more than are measured, for they only have to get there. */
const openingAtOnce = 256
const batch = 1_000

/** Opens sagas that then wait for their merchant, until so many are open or the time is over. Returns how many came. */
const open = async (bench: Bench, count: number, until: number): Promise<number> => {
  let opened = 0
  while (opened < count && performance.now() < until) {
    const { sagas } = await measure(bench, 'countermand', {
      sagas: Math.min(batch, count - opened),
      inFlight: openingAtOnce,
      kind: { shipped: true },
      until: 'merchant',
      goesOn: () => performance.now() < until,
    })
    opened += sagas
    bench.say(`${opened} of ${count} more sagas wait for their merchant`)
  }
  return opened
}

const rounds = async (bench: Bench): Promise<Round[]> => {
  const { sagas, inFlight, warmUp, rounds: count } = bench.plan
  await measure(bench, 'countermand', { sagas: warmUp, inFlight })
  const done: Round[] = []
  for (let turn = 0; turn < count; turn += 1) done.push(await measure(bench, 'countermand', { sagas, inFlight }))
  return done
}

const nameOf = (count: number): string => (count === 0 ? 'no saga open' : `${count} sagas open`)

/** What a saga costs while others are open. They cannot be closed and opened in turn: none first, then more and more. */
export const openSagas = async (bench: Bench): Promise<Finding> => {
  const until = bench.plan.openUntilMs
  const reference = await rounds(bench)
  const referenceCost = median(reference.map(allCpuMsPerSaga))
  const runs = [runOf(nameOf(0), reference)]
  const ratios: Record<string, Figure> = {}
  const notes: string[] = []
  let openNow = 0
  for (const wanted of bench.plan.open) {
    openNow += await open(bench, wanted - openNow, until)
    if (openNow < wanted) notes.push(`The time for opening was over when ${openNow} of ${wanted} sagas were open.`)
    if (openNow === 0) break
    const done = await rounds(bench)
    bench.say(`${nameOf(openNow)}: ${median(done.map(perSecond)).toFixed(1)}/s`)
    runs.push(runOf(nameOf(openNow), done))
    ratios[`openSagas${openNow}Vs0`] = figureOf(done.map((round) => allCpuMsPerSaga(round) / referenceCost))
    if (openNow < wanted) break
  }
  return { runs, ratios, notes }
}
