import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { createTally, playMany } from './many.ts'
import { type Orchestrator, openOrchestrator, silenceTemporal } from './orchestrator.ts'

const wholeNumber = (name: string) => z.coerce.number(`expected ${name} to be a whole number`).int().nonnegative()

const asked = process.env.COUNTERMAND_RANDOM_SECONDS
/** How long new orders come; 0: the first seed's alone. Many more are played by `npm run random`. */
const seconds = wholeNumber('COUNTERMAND_RANDOM_SECONDS').parse(asked || '12')
/** The first seed; the others follow it. Whoever asks for more time looks for what is new: any seed. */
const seed = wholeNumber('COUNTERMAND_SEED').parse(
  process.env.COUNTERMAND_SEED || (asked ? Math.floor(Math.random() * 1_000_000_000) : 1),
)
/** More of them starve the worker, whose tasks then time out. */
const atOnce = 8

let orchestrator: Orchestrator
beforeAll(async () => {
  silenceTemporal()
  orchestrator = await openOrchestrator(inject('stack').temporalAddress)
})
afterAll(() => orchestrator?.stop())

it(
  `keeps every invariant, whatever is asked, said, lost and interrupted (COUNTERMAND_SEED=${seed})`,
  async () => {
    const until = Date.now() + seconds * 1000
    const tally = createTally()
    let begun = 0
    const isOver = () => begun > 0 && (Date.now() >= until || tally.broken.size >= 20)
    await playMany(orchestrator, tally, {
      atOnce: seconds === 0 ? 1 : atOnce,
      next: () => (isOver() ? undefined : seed + begun++),
    })
    const ends = tally.ends().map(([end, count]) => `${end} ${count}`)
    process.stderr.write(`random: ${tally.played} orders; ${ends.join(', ')}\n`)
    expect([...tally.broken]).toEqual([])
  },
  (seconds + 240) * 1000,
)
