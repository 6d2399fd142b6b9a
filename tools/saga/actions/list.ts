import { listInNeed, listTriaged } from '@countermand/workflows/operations/find/troubled.ts'
import { currentPause, pauseInWords } from '@countermand/workflows/operations/intake/pause.ts'
import { onSystem } from '@countermand/workflows/operations/reach/system.ts'
import { colours } from '../../terminal/colours.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import type { ExitCode } from '../exit.ts'
import { startProgress } from '../progress.ts'
import { describeTriaged, documentOf } from '../triage/describe.ts'

export interface Options {
  readonly attention?: true
  readonly stage?: string
  readonly outcome?: string
  readonly order?: string
  readonly since?: Date
  readonly json?: true
}

/** Lists what was asked for. */
export const run = async ({ json, ...query }: Options): Promise<ExitCode> => {
  await onSystem(await readAddresses(process.env), async ({ temporal, databases }) => {
    const parts = { temporal, databases, watch: startProgress }
    const [found, pause] = await Promise.all([
      query.attention ? listInNeed(parts, query) : listTriaged(parts, query),
      json ? undefined : currentPause(temporal),
    ])
    if (pause !== undefined) print(colours.red(pauseInWords(pause)))
    if (json) printJson(found.map(documentOf))
    else if (found.length === 0) print('no sagas')
    else print(describeTriaged(found, { now: Date.now(), width: process.stdout.columns }))
  })
  return 0
}
