import { readFile } from 'node:fs/promises'
import { chosen, letterNamed, topicNamed } from '@countermand/workflows/operations/dead-letters/choose.ts'
import { withClosed } from '@countermand/workflows/operations/dead-letters/closed.ts'
import { handleLetters, type Operator } from '@countermand/workflows/operations/dead-letters/handle.ts'
import { topicOfId } from '@countermand/workflows/operations/dead-letters/letter.ts'
import { openKafka } from '@countermand/workflows/operations/dead-letters/open.ts'
import { preview } from '@countermand/workflows/operations/dead-letters/preview.ts'
import { redriveTask } from '@countermand/workflows/operations/dead-letters/redrive.ts'
import { print } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { readBoxAloud } from '../dlq/read-aloud.ts'
import { exitOf, previewReport, report, warn } from '../dlq/report.ts'
import type { ExitCode } from '../exit.ts'
import { startProgress } from '../progress.ts'

export interface Options {
  readonly cause?: string
  readonly reason?: string
  readonly topic?: string
  readonly since?: Date
  readonly edit?: string
  readonly force?: true
  readonly dryRun?: true
  readonly by: string
  readonly why?: string
  readonly json?: true
}

/** `--reason` is why, as everywhere; where no letters are named in another way it names their cause, as it always did. */
export const meaningOf = (
  ids: readonly string[],
  { cause, reason, why }: Pick<Options, 'cause' | 'reason' | 'why'>,
): { readonly cause: string | undefined; readonly why: string | undefined } =>
  ids.length > 0 || cause !== undefined ? { cause, why: why ?? reason } : { cause: reason, why }

const checkUse = (ids: readonly string[], cause: string | undefined, options: Options): void => {
  const { topic, since: from, edit: file } = options
  if ((ids.length === 0) === (cause === undefined))
    throw new Error('expected ids of dead letters, or --cause for all open ones with that cause; see saga dlq list')
  if (ids.length > 0 && (topic !== undefined || from !== undefined))
    throw new Error('expected --topic and --since only together with --cause')
  if (file !== undefined && ids.length !== 1) throw new Error(`expected one id with --edit, got ${ids.length}`)
}

const readValue = (file: string): Promise<Buffer> =>
  readFile(file).catch((cause: unknown) => {
    throw new Error(`expected a file with the new value, got ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  })

/** Sends letters again, or says what would be sent. */
export const run = async (ids: readonly string[], options: Options): Promise<ExitCode> => {
  const { cause, why } = meaningOf(ids, options)
  checkUse(ids, cause, options)
  const { topic, since: from, by, force = false, json = false } = options
  const value = options.edit === undefined ? undefined : await readValue(options.edit)
  const named = topic === undefined ? undefined : [topicNamed(topic)]
  const topics = ids.length > 0 ? [...new Set(ids.map(topicOfId))] : named
  const where = await readAddresses(process.env)
  const kafka = await openKafka(where)
  const box = await readBoxAloud(kafka, topics)
  const choice = {
    open: true,
    ...(cause === undefined ? {} : { reason: cause }),
    ...(from === undefined ? {} : { since: from }),
  }
  const letters = ids.length > 0 ? [...new Set(ids)].map((id) => letterNamed(box, id)) : chosen(box, choice)
  const tasks = await withClosed(
    where,
    letters.map((letter) => redriveTask(box, letter, value)),
  )
  if (options.dryRun) {
    const found = preview(box, tasks, force)
    previewReport(found, json)
    return exitOf(found)
  }
  warn(box, tasks, force)
  const operator: Operator = { by, ...(why === undefined ? {} : { why }) }
  const progress = startProgress('dead letters', tasks.length)
  const results = await handleLetters({ kafka, tasks, operator, force, onResult: progress.step }).finally(progress.end)
  if (tasks.length === 0 && !json) print('nothing to redrive')
  else report(results, json)
  return exitOf(results)
}
