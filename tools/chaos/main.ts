/** `npm run chaos`: breaks everything that the system stands on, one after the other, while sagas go on, and counts what is lost. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ended, endOnSignal } from '../system/end.ts'
import { program } from '../terminal/program.ts'
import { faults, faultsNamed, quickFaults } from './faults/index.ts'
import { anySeed } from './mix.ts'
import { describeChaos, documentOf } from './report.ts'
import { type ChaosPlan, runChaos } from './run.ts'

const started = performance.now()
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const log = (line: string) => process.stderr.write(`[chaos] ${line}\n`)

interface Options {
  readonly seed: string
  readonly json?: boolean
  readonly quick?: boolean
  readonly list?: boolean
  readonly fault?: readonly string[]
}

const command = program(
  'chaos',
  'Starts everything real on free ports, keeps hundreds of mixed sagas in flight, and breaks one thing after the other. At the end every request must have one end, and every invariant must hold. Takes about 11 minutes on 2 cores.',
)
  .option('--seed <text>', 'repeats the orders of a run', anySeed())
  .option('--json', 'print one JSON document')
  .option('--quick', 'fewer sagas, and one fault of each kind: about 4 minutes')
  .option('--fault <name...>', 'only these faults')
  .option('--list', 'say which faults there are, and end')
  .addHelpText('after', '\nExit codes: 0 nothing lost, doubled or broken; 1 something was; 130 interrupted.')
const options = command.parse().opts<Options>()

const full = { pace: { everyMs: 300, atMost: 350 }, crowd: 200, waitMs: 25_000, breatheMs: 3_000 }
const small = { pace: { everyMs: 700, atMost: 24 }, crowd: 6, waitMs: 4_000, breatheMs: 1_000 }

const plan = (): ChaosPlan => ({
  seed: options.seed,
  faults: options.fault === undefined ? (options.quick ? quickFaults : faults) : faultsNamed(options.fault),
  ...(options.quick ? small : full),
  faultsWithinMs: 1_500_000,
  drainPatienceMs: 90_000,
})

type Ending = 'as-promised' | 'broken' | 'interrupted'
const exitCodes = { 'as-promised': 0, broken: 1, interrupted: 130 } as const

const run = async (chaos: ChaosPlan, home: string, signal: AbortSignal): Promise<Ending> => {
  log(`seed ${chaos.seed}, ${chaos.faults.length} faults`)
  const result = await runChaos(chaos, { home, env: process.env, log, signal })
  const seconds = Math.round((performance.now() - started) / 1000)
  const document = documentOf(chaos.seed, result)
  const text = options.json ? JSON.stringify(document, null, 2) : describeChaos(chaos.seed, result, seconds)
  process.stdout.write(`${text}\n`)
  return document.ok ? 'as-promised' : 'broken'
}

const main = async (): Promise<number> => {
  if (options.list) {
    process.stdout.write(faults.map(({ name, about }) => `${name.padEnd(24)}${about}\n`).join(''))
    return 0
  }
  const chaos = plan()
  const home = await mkdtemp(join(tmpdir(), 'countermand-chaos-'))
  const { signal } = endOnSignal()
  const ending = await run(chaos, home, signal).catch((error: unknown): Ending => {
    const ended = signal.aborted && signal.reason instanceof Ended
    log(messageOf(ended ? signal.reason : error))
    return ended ? 'interrupted' : 'broken'
  })
  if (ending === 'broken') log(`logs are in ${join(home, 'logs')}`)
  else await rm(home, { recursive: true, force: true })
  return exitCodes[ending]
}

// Connections of a run that was cut short may still be open.
process.exit(
  await main().catch((error: unknown) => {
    log(messageOf(error))
    return 2
  }),
)
