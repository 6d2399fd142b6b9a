import { colours } from '../../colours.ts'
import { readAddresses } from '../addresses.ts'
import { ago } from '../ago.ts'
import { type DefineCommand, examples, foundSomething } from '../exit.ts'
import { print, printJson, table } from '../print.ts'
import { startProgress } from '../progress.ts'
import { differenceInWords, hintsOf } from '../replay/difference.ts'
import type { Replayed } from '../replay/replay.ts'
import type { Source } from '../replay/sources.ts'

interface Options {
  readonly all?: true
  readonly since?: Date
  readonly json?: true
}

type Named = Replayed & { readonly source: string }

const resultText = (replayed: Replayed): string => {
  switch (replayed.result) {
    case 'good':
      return colours.green('good')
    case 'incomplete':
      return replayed.failure === undefined
        ? `${colours.yellow('incomplete')}: the run is open, the code follows it so far`
        : `${colours.yellow('incomplete')}: the run is open, and its code failed: ${replayed.failure}`
    case 'differs':
      return colours.red(`differs at event ${replayed.difference.eventId}`)
  }
}

const replayAll = async (sources: readonly Source[]): Promise<Named[]> => {
  // Temporal's worker is much to load, and no other command needs it.
  const { openReplay } = await import('../replay/replay.ts')
  const replay = await openReplay()
  const progress = startProgress('replayed', sources.length)
  const found: Named[] = []
  try {
    for (const { name, read } of sources) {
      found.push({ source: name, ...(await replay.run(await read())) })
      progress.step()
    }
    return found
  } finally {
    progress.end()
    await replay.close()
  }
}

const count = (found: readonly Named[], result: Replayed['result']): number =>
  found.filter((each) => each.result === result).length

const describe = (found: readonly Named[]): string => {
  // Of many, what is good is only counted.
  const told = found.length > 20 ? found.filter(({ result }) => result === 'differs') : found
  const rows = told.map((each) => [each.source, String(each.events), resultText(each)])
  const sum = `${count(found, 'good')} good, ${count(found, 'incomplete')} incomplete, ${count(found, 'differs')} differ`
  const drawn = rows.length === 0 ? [] : [table(['history', 'events', 'the code of today'], rows)]
  const differences = found.flatMap((each) =>
    each.result === 'differs'
      ? [
          `${each.source}: ${differenceInWords(each.difference)}`,
          ...hintsOf(each.difference).map((hint) => `  ${hint}`),
        ]
      : [],
  )
  return [...drawn, ...differences, sum].join('\n')
}

/** `saga replay`: runs recorded histories against the code of today; exit code 1 when it would not follow one. */
export const replay: DefineCommand = (program, ended) => {
  program
    .command('replay [ids...]')
    .description('runs recorded histories of requests or files (*.json) against the code of today')
    .option('--all', 'every saga that Temporal keeps, open ones too')
    .option('--since <duration>', 'with --all: only those started so long ago or less, such as 7d', ago)
    .option('--json', 'prints one JSON array')
    .addHelpText('after', '\nExit code 1: the code would not follow a history, and the first differing event is named.')
    .addHelpText('after', 'An open run is called incomplete, not good: what it will ask next is not recorded yet.')
    .addHelpText(
      'after',
      examples('saga replay 3f2b…', 'saga replay workflows/histories/cancelled.json', 'saga replay --all --since 7d'),
    )
    .action(async (named: string[], { all, since, json }: Options) => {
      const { withSources } = await import('../replay/sources.ts')
      await withSources(
        { named, all: all === true, since },
        () => readAddresses(process.env),
        async (sources) => {
          const found = await replayAll(sources)
          if (json) printJson(found)
          else print(found.length === 0 ? 'no histories' : describe(found))
          ended(count(found, 'differs') > 0 ? foundSomething : 0)
        },
      )
    })
}
