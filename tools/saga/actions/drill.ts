import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import { openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { print, printJson, say } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { chosen, named } from '../drill/choose.ts'
import { describeDrills, describeResults, documentOf, type Result } from '../drill/describe.ts'
import type { Drill } from '../drill/drills.ts'
import { type Maker, openMaker } from '../drill/make.ts'
import { type Patience, readPatience } from '../drill/patience.ts'
import { requireSandbox } from '../drill/sandbox.ts'
import { type Eyes, untilStuck } from '../drill/watch.ts'
import type { ExitCode } from '../exit.ts'
import { foundSomething } from '../exit.ts'

export interface Options {
  readonly list?: true
  readonly hint?: boolean
  readonly json?: true
  /** Milliseconds. */
  readonly within: number
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

/** Makes the drills that were asked for, or lists them. */
export const run = async (
  names: readonly string[],
  { list, hint = false, json, within }: Options,
): Promise<ExitCode> => {
  const patience = await readPatience(process.env)
  if (list) {
    const listed = named(names)
    if (json)
      printJson(listed.map(({ name, story, runbook }) => ({ name, story, runbook: `docs/runbooks/${runbook}` })))
    else print(describeDrills(listed, patience))
    return 0
  }
  const where = await readAddresses(process.env)
  const { quick, notMade } = chosen(names, patience, within)
  const results = await runDrills(where, quick, patience, within)
  if (json) printJson(documentOf(results, notMade, { where, hint }))
  else print(describeResults(results, notMade, { where, hint }))
  return results.every(({ stuck }) => stuck) ? 0 : foundSomething
}
