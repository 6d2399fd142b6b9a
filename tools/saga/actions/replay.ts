import { differenceInWords, hintsOf } from '@countermand/workflows/operations/replay/difference.ts'
import type { Replayed } from '@countermand/workflows/operations/replay/replay.ts'
import type { Source } from '@countermand/workflows/operations/replay/sources.ts'
import { withSources } from '@countermand/workflows/operations/replay/sources.ts'
import { colours } from '../../terminal/colours.ts'
import { print, printJson, table } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import type { ExitCode } from '../exit.ts'
import { foundSomething } from '../exit.ts'
import { startProgress } from '../progress.ts'

export interface Options {
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
  const { openReplay } = await import('@countermand/workflows/operations/replay/replay.ts')
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

/** Replays what was named, or all. */
export const run = async (named: readonly string[], { all, since, json }: Options): Promise<ExitCode> => {
  let code: ExitCode = 0
  await withSources(
    { named, all: all === true, since },
    () => readAddresses(process.env),
    async (sources) => {
      const found = await replayAll(sources)
      if (json) printJson(found)
      else print(found.length === 0 ? 'no histories' : describe(found))
      if (count(found, 'differs') > 0) code = foundSomething
    },
  )
  return code
}
