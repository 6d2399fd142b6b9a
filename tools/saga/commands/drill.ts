import { parseDuration } from '@countermand/settings'
import { InvalidArgumentError } from 'commander'
import { type Addresses, readAddresses } from '../addresses.ts'
import { openDatabases } from '../databases.ts'
import { describeDrills, describeResults, documentOf, type NotMade, type Result, tooSlow } from '../drill/describe.ts'
import { type Drill, drills } from '../drill/drills.ts'
import { type Maker, openMaker } from '../drill/make.ts'
import { type Patience, readPatience } from '../drill/patience.ts'
import { requireSandbox } from '../drill/sandbox.ts'
import { type Eyes, untilStuck } from '../drill/watch.ts'
import { type DefineCommand, examples, foundSomething } from '../exit.ts'
import { print, printJson, say } from '../print.ts'

interface Options {
  readonly list?: true
  readonly hint?: boolean
  readonly json?: true
  /** Milliseconds. */
  readonly within: number
}

const milliseconds = (text: string): number => {
  const parsed = parseDuration(text)
  if (parsed === undefined) throw new InvalidArgumentError('expected a duration such as 60s or 15m.')
  return parsed
}

const named = (name: string): Drill => {
  const drill = drills.find((each) => each.name === name)
  if (drill === undefined)
    throw new Error(`expected a drill of ${drills.map((each) => each.name).join(', ')}, got ${name}`)
  return drill
}

/** Those that get stuck in time; a slow one that was asked for by its name is an error. */
const choose = (name: string | undefined, patience: Patience, within: number) => {
  const asked = name === undefined ? drills : [named(name)]
  const quick = asked.filter((drill) => drill.afterMs(patience) <= within)
  const notMade: NotMade[] = asked
    .filter((drill) => !quick.includes(drill))
    .map((drill) => ({ drill, because: tooSlow(drill, patience) }))
  const [slow] = notMade
  if (name !== undefined && slow !== undefined) throw new Error(`${name} would be ${slow.because}`)
  return { quick, notMade }
}

const progress = (line: string): void => void say(`[drill] ${line}`)

const runDrill = async (
  drill: Drill,
  maker: Maker,
  eyes: Eyes,
  patience: Patience,
  within: number,
): Promise<Result> => {
  const started = performance.now()
  const made = await drill.make(maker, patience)
  progress(`${drill.name}: made ${made.orderId}, waiting until it is stuck`)
  const { stuck, is } = await untilStuck(eyes, made, drill.found, within)
  const ms = Math.round(performance.now() - started)
  progress(`${drill.name}: ${is} (after ${(ms / 1000).toFixed(1)} s)`)
  return { drill, made, stuck, is, ms }
}

/** Side by side, but for those that keep all others from starting: they come last. */
const runDrills = async (where: Addresses, asked: readonly Drill[], patience: Patience, within: number) => {
  const databases = openDatabases(where.databaseUrls)
  try {
    await requireSandbox(where, databases)
    const maker = await openMaker(where)
    const eyes = { temporal: maker.temporal, databases, where }
    const run = (drill: Drill) => runDrill(drill, maker, eyes, patience, within)
    try {
      const results = await Promise.all(asked.filter(({ holdsOthers }) => !holdsOthers).map(run))
      for (const drill of asked.filter(({ holdsOthers }) => holdsOthers)) results.push(await run(drill))
      return results
    } finally {
      await maker.close()
    }
  } finally {
    await databases.close()
  }
}

const about = `
Only for sandboxes: all of the system is on this machine, and nobody paid or sent anything but by the sandbox's channels
and carrier. Without a name, every drill is made that gets stuck within --within; patience is read from the environment,
then from what \`npm start\` was started with. For all of them at once:
  STEP_ATTEMPTS=3 UNDO_ATTEMPTS=3 STEP_BACKOFF=500ms REFUND_PATIENCE=20s npm start
What to do about each is in docs/runbooks; --hint tells it here.
Exit codes: 0 all are stuck, 1 one is not, 2 wrong use or no sandbox.`

/** `saga drill`: makes stuck sagas to practise on. */
export const drill: DefineCommand = (program, ended) => {
  program
    .command('drill [name]')
    .description('makes one of each kind of stuck saga in a sandbox system, to practise on')
    .option('--list', 'says which there are, and makes none')
    .option('--within <duration>', 'how long one may take to get stuck', milliseconds, 60_000)
    .option('--hint', 'says how to repair what it makes')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', about)
    .addHelpText('after', examples('saga drill --list', 'saga drill', 'saga drill refund-reversed --hint'))
    .action(async (name: string | undefined, { list, hint = false, json, within }: Options) => {
      const patience = await readPatience(process.env)
      if (list) {
        const listed = name === undefined ? drills : [named(name)]
        if (json)
          printJson(listed.map(({ name, story, runbook }) => ({ name, story, runbook: `docs/runbooks/${runbook}` })))
        else print(describeDrills(listed, patience))
        return ended(0)
      }
      const where = await readAddresses(process.env)
      const { quick, notMade } = choose(name, patience, within)
      const results = await runDrills(where, quick, patience, within)
      if (json) printJson(documentOf(results, notMade, { where, hint }))
      else print(describeResults(results, notMade, { where, hint }))
      ended(results.every(({ stuck }) => stuck) ? 0 : foundSomething)
    })
}
