/**
 * `npm run random`: plays random orders until so many are through, and says what they came to. Exit codes: 0 every invariant held; 1 one
 * was broken; 2 it cannot be played; 130 interrupted.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '@countermand/tools/stack/index.ts'
import { aborted, endOnSignal } from '@countermand/tools/system/end.ts'
import { program } from '@countermand/tools/terminal/program.ts'
import { z } from 'zod'
import { createTally, playMany } from './many.ts'
import { openOrchestrator, silenceTemporal } from './orchestrator.ts'

/** The sweep looks at all runs that were lost within a day: each part begins without any. */
const ordersPerPart = 500
/** With so many broken ones it ends: nobody reads more. */
const mostBroken = 20

const wholeNumber = (from: number) => z.coerce.number().int().min(from)
const options = z.object({
  orders: wholeNumber(1).default(10_000),
  seed: wholeNumber(0).default(() => Math.floor(Math.random() * 1_000_000_000)),
  atOnce: wholeNumber(1).default(16),
})

/** Ends the process when they cannot be read. */
const readOptions = (): z.infer<typeof options> => {
  const command = program('random', 'Plays random orders until so many are through, and says what they came to.')
    .option('--orders <count>', 'how many (default 10000)')
    .option('--seed <number>', 'the first of the seeds, any by default')
    .option('--at-once <count>', 'how many side by side (default 16)')
    .addHelpText(
      'after',
      '\nExit codes: 0 every invariant held, 1 one was broken, 2 it cannot be played, 130 interrupted.',
    )
    .parse()
  const read = options.safeParse(command.opts())
  return read.success ? read.data : command.error(`error: ${z.prettifyError(read.error)}`)
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const log = (line: string) => process.stderr.write(`random: ${line}\n`)

const playAll = async (address: string, { orders, seed, atOnce }: z.infer<typeof options>) => {
  const { signal } = endOnSignal()
  silenceTemporal()
  const tally = createTally()
  const isOver = () => signal.aborted || tally.broken.size >= mostBroken
  const started = performance.now()
  let begun = 0
  while (begun < orders && !isOver()) {
    const until = Math.min(orders, begun + ordersPerPart)
    const orchestrator = await openOrchestrator(address)
    const playing = playMany(orchestrator, tally, {
      atOnce: Math.min(atOnce, until - begun),
      next: () => (begun < until && !isOver() ? seed + begun++ : undefined),
    })
    await Promise.race([playing, aborted(signal)])
    if (signal.aborted) break
    await orchestrator.stop()
    const perSecond = (tally.played / (performance.now() - started)) * 1000
    log(`${tally.played} of ${orders} orders, ${tally.broken.size} broken, ${perSecond.toFixed(1)} a second`)
  }
  return { tally, seconds: (performance.now() - started) / 1000, interrupted: signal.aborted }
}

const main = async (wanted: z.infer<typeof options>): Promise<number> => {
  const home = await mkdtemp(join(tmpdir(), 'countermand-random-'))
  log(`${wanted.orders} orders from seed ${wanted.seed} on, ${wanted.atOnce} at once`)
  const stack = await startStack({ home, ports: 'free', env: process.env, log, parts: ['temporal'] })
  try {
    const { tally, seconds, interrupted } = await playAll(stack.temporalAddress, wanted)
    say(`\n${tally.played} orders, of the seeds from ${wanted.seed} on, in ${seconds.toFixed(0)} s:`)
    for (const [end, count] of tally.ends()) say(`  ${String(count).padStart(6)}  ${end}`)
    for (const [seed, found] of tally.broken) for (const what of found) say(`seed ${seed}: ${what}`)
    say(
      tally.broken.size === 0
        ? 'Every invariant held.'
        : `Broken by ${tally.broken.size}; alone: COUNTERMAND_RANDOM_SECONDS=0 COUNTERMAND_SEED=<seed> npx vitest run --project integration tests/failures/random`,
    )
    if (tally.broken.size > 0) return 1
    return interrupted ? 130 : 0
  } finally {
    await stack.stop()
    await rm(home, { recursive: true, force: true })
  }
}

// Connections of a run that was cut short may still be open.
process.exit(
  await main(readOptions()).catch((error: unknown) => {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return 2
  }),
)
