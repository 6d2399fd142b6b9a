import { pauseInWords } from '@countermand/workflows/src/runs/read-pause.ts'
import { colours } from '../../colours.ts'
import { readAddresses } from '../addresses.ts'
import { ago } from '../ago.ts'
import { type Databases, openDatabases } from '../databases.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { listFailingRuns } from '../failing-runs.ts'
import { currentPause } from '../intake/pause.ts'
import { print, printJson } from '../print.ts'
import { listRuns, openTemporal, type RunQuery, type Temporal } from '../runs.ts'
import { describeTriaged, documentOf } from '../triage/describe.ts'
import { listTriaged, type Triaged, withFacts, worstFirst } from '../triage/troubled.ts'

interface Options {
  readonly attention?: true
  readonly stage?: string
  readonly outcome?: string
  readonly order?: string
  readonly since?: Date
  readonly json?: true
}

interface Parts {
  readonly temporal: Temporal
  readonly databases: Databases
}

/** Those that need somebody, what hurts most first: they are looked at one by one, for a failing code tells nobody. */
const inNeed = async (parts: Parts, query: RunQuery): Promise<Triaged[]> => {
  const [parked, failing] = await Promise.all([listRuns(parts.temporal, query), listFailingRuns(parts.temporal, query)])
  return worstFirst(await withFacts(parts.databases, [...parked, ...failing]))
}

/** `saga list`: the sagas that Temporal keeps, newest first; those that need somebody, what hurts most first. */
export const list: DefineCommand = (program, ended) => {
  program
    .command('list')
    .description('lists sagas, newest first; with --attention what hurts most first')
    .option('--attention', 'only those that wait for a person, or whose workflow task keeps failing')
    .option('--stage <stage>', 'only those in this stage')
    .option('--outcome <outcome>', 'only those that ended so')
    .option('--order <id>', 'only those of this order')
    .option('--since <duration>', 'only those started so long ago or less, such as 2d', ago)
    .option('--json', 'prints one JSON array')
    .addHelpText(
      'after',
      examples(
        'saga list --attention',
        'saga list --since 2d --outcome compensated',
        'saga list --order ord-1001 --json',
      ),
    )
    .action(async ({ json, ...query }: Options) => {
      const where = await readAddresses(process.env)
      const temporal = await openTemporal(where)
      const databases = openDatabases(where.databaseUrls)
      const parts = { temporal, databases }
      try {
        const [found, pause] = await Promise.all([
          query.attention ? inNeed(parts, query) : listTriaged(parts, query),
          json ? undefined : currentPause(temporal),
        ])
        if (pause !== undefined) print(colours.red(pauseInWords(pause)))
        if (json) printJson(found.map(documentOf))
        else if (found.length === 0) print('no sagas')
        else print(describeTriaged(found, { now: Date.now(), width: process.stdout.columns }))
        ended(0)
      } finally {
        await databases.close()
        await temporal.close()
      }
    })
}
