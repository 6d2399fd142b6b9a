import { setTimeout as sleep } from 'node:timers/promises'
import { brokenBy } from './invariants.ts'
import type { Orchestrator } from './orchestrator.ts'
import { type Played, play } from './play.ts'
import { scenarioOf } from './scenario.ts'

/** What many orders came to. */
export interface Tally {
  played: number
  /** How often each end was told, the most frequent first. */
  ends(): readonly (readonly [string, number])[]
  /** What was broken, in words, by seed. */
  readonly broken: Map<number, readonly string[]>
}

export const createTally = (): Tally & { add(result: Played): void } => {
  const counts = new Map<string, number>()
  const tally = {
    played: 0,
    broken: new Map<number, readonly string[]>(),
    ends: () => [...counts].toSorted(([, some], [, others]) => others - some),
    add: (result: Played) => {
      const { seed } = result.scenario
      tally.played += 1
      const found = brokenBy(result)
      for (const what of found) process.stderr.write(`random: seed ${seed}: ${what}\n`)
      if (found.length > 0) tally.broken.set(seed, found)
      for (const { data } of result.shop.story.values()) {
        if (typeof data.outcome !== 'string') continue
        const end = [data.outcome, data.code].filter((each) => each !== undefined).join(' ')
        counts.set(end, (counts.get(end) ?? 0) + 1)
      }
    },
  }
  return tally
}

/** Plays the order of each seed that `next` gives, `atOnce` at the same time, until it gives none. */
export const playMany = async (
  orchestrator: Orchestrator,
  tally: ReturnType<typeof createTally>,
  { atOnce, next }: { readonly atOnce: number; readonly next: () => number | undefined },
): Promise<void> => {
  const playOn = async () => {
    for (let seed = next(); seed !== undefined; seed = next()) tally.add(await play(orchestrator, scenarioOf(seed)))
  }
  await Promise.all(Array.from({ length: atOnce }, (_, place) => sleep(place * 40).then(playOn)))
}
