import { parseDuration } from '@countermand/settings'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { readAddresses } from '../addresses.ts'
import { openDatabases } from '../databases.ts'
import { doneOf } from '../done.ts'
import { type ExitCode, foundSomething } from '../exit.ts'
import { type FoundSaga, findSaga } from '../find.ts'
import { print, printJson } from '../print.ts'
import { effectOf } from '../retry/effect.ts'
import { openTemporal, type Temporal } from '../runs.ts'
import { standingInWords } from './possible.ts'
import { type Standing, standingOf } from './standing.ts'

export interface TellOptions {
  readonly by: string
  readonly onBehalfOf?: string
  readonly dryRun?: true
  readonly json?: true
  readonly wait: number
}

/** What a command tells a saga. */
export interface Told {
  /** In words, such as `approve`. */
  readonly what: string
  /** Who and why, and whatever else is sent: kept for the record. */
  readonly input: { readonly by: string; readonly onBehalfOf?: string; readonly [more: string]: string }
  /** Throws unless it would change something. */
  check(requestId: string, standing: Standing): Extract<Standing, { readonly is: 'running' }>
  send(temporal: Temporal, workflowId: string): Promise<{ readonly kept: boolean }>
  /** Whether it came to what was asked for; absent: the saga has said so by taking it. */
  worked?(after: Standing): boolean
}

const milliseconds = (text: string): number => {
  const parsed = parseDuration(text)
  if (parsed === undefined) throw new InvalidArgumentError('expected a duration such as 10s.')
  return parsed
}

/** The options that all of them have. */
export const withTelling = (command: Command): Command =>
  command
    .requiredOption('--by <you>', 'who does it')
    .addOption(
      new Option('--wait <duration>', 'how long to look what comes of it')
        .argParser(milliseconds)
        .default(10_000, '10s'),
    )
    .option('--dry-run', 'only says what would be sent, and whether it would change anything')
    .option('--json', 'prints one JSON document')

const signed = ({ what, input }: Told, { workflowId }: FoundSaga): string => {
  const { by, onBehalfOf, ...rest } = input
  const words = Object.values<unknown>(rest).filter((each) => typeof each === 'string' && each !== what)
  const forWhom = onBehalfOf === undefined ? '' : ` for ${onBehalfOf}`
  return `${what} to ${workflowId}, by ${by}${forWhom}${words.length === 0 ? '' : `: ${words.join(', ')}`}`
}

const preview = (
  told: Told,
  found: FoundSaga,
  { done, state }: { readonly done: readonly string[]; readonly state: string },
): string =>
  [`would send ${signed(told, found)}`, `it is ${state}`, 'done already:', ...done.map((each) => `  ${each}`)].join(
    '\n',
  )

const tellOne = async (
  parts: Parameters<typeof standingOf>[0],
  found: FoundSaga,
  told: Told,
  options: TellOptions,
): Promise<ExitCode> => {
  const { dryRun = false, json = false, wait } = options
  const { requestId, workflowId } = found
  const standing = told.check(requestId, await standingOf(parts, found))
  const document = { ...found, ...told.input, dryRun, standing }
  if (dryRun) {
    const done = await doneOf(parts.databases, found)
    if (json) printJson({ ...document, done })
    else print(preview(told, found, { done, state: standingInWords(standing) }))
    return 0
  }
  const { kept } = await told.send(parts.temporal, workflowId)
  const parked = standing.attention === undefined ? {} : { parked: standing.attention }
  const effect = await effectOf({ ...parts, saga: found, workflowId, waitMs: wait, ...parked })
  const worked = kept || told.worked === undefined || told.worked(await standingOf(parts, found))
  if (json) printJson({ ...document, accepted: true, kept, effect: { ...effect, changed: worked } })
  else
    print(
      [
        `sent ${signed(told, found)}`,
        ...(kept ? ['it is kept until the saga comes to it'] : []),
        worked ? effect.text : `nothing has changed: ${effect.text}`,
      ].join('\n'),
    )
  return worked ? 0 : foundSomething
}

/** Finds the saga, looks whether it can be told this, tells it, and says what came of it. */
export const tell = async (id: string, told: Told, options: TellOptions): Promise<ExitCode> => {
  const where = await readAddresses(process.env)
  const temporal = await openTemporal(where)
  const databases = openDatabases(where.databaseUrls)
  const parts = { databases, temporal }
  try {
    return await tellOne(parts, await findSaga(databases, temporal, id), told, options)
  } finally {
    await databases.close()
    await temporal.close()
  }
}
