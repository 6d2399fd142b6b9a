import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { brokenBy } from './invariants.ts'
import { type Orchestrator, openOrchestrator } from './orchestrator.ts'
import { play } from './play.ts'
import { scenarioOf } from './scenario.ts'

const wholeNumber = (name: string) => z.coerce.number(`expected ${name} to be a whole number`).int().nonnegative()

const asked = process.env.COUNTERMAND_RANDOM_SECONDS
/** How long new orders come; 0: the first seed's alone. */
const seconds = wholeNumber('COUNTERMAND_RANDOM_SECONDS').parse(asked || '25')
/** The first seed; the others follow it. Whoever asks for more time looks for what is new: any seed. */
const seed = wholeNumber('COUNTERMAND_SEED').parse(
  process.env.COUNTERMAND_SEED || (asked ? Math.floor(Math.random() * 1_000_000_000) : 1),
)
/** More of them starve the worker, whose tasks then time out. */
const atOnce = 8

let orchestrator: Orchestrator
beforeAll(async () => {
  orchestrator = await openOrchestrator(inject('stack').temporalAddress)
})
afterAll(() => orchestrator?.stop())

it(
  `keeps every invariant, whatever is asked, said, lost and interrupted (COUNTERMAND_SEED=${seed})`,
  async () => {
    const until = Date.now() + seconds * 1000
    const broken: string[] = []
    const ends = new Map<string, number>()
    let next = seed
    let played = 0
    const playOn = async () => {
      do {
        const scenario = scenarioOf(next++)
        const result = await play(orchestrator, scenario)
        played += 1
        const found = brokenBy(result).map((what) => `seed ${scenario.seed}: ${what}`)
        for (const each of found) process.stderr.write(`random: ${each}\n`)
        broken.push(...found)
        for (const { data } of result.shop.story.values())
          if (typeof data.outcome === 'string') {
            const end = [data.outcome, data.code].filter((each) => each !== undefined).join(' ')
            ends.set(end, (ends.get(end) ?? 0) + 1)
          }
      } while (Date.now() < until && broken.length < 20)
    }
    await Promise.all(Array.from({ length: seconds === 0 ? 1 : atOnce }, (_, place) => sleep(place * 40).then(playOn)))
    process.stderr.write(`random: ${played} orders; ${[...ends].map(([end, count]) => `${end} ${count}`).join(', ')}\n`)
    expect(broken).toEqual([])
  },
  (seconds + 240) * 1000,
)
