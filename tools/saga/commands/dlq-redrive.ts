import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { Option } from 'commander'
import { readAddresses } from '../addresses.ts'
import { ago } from '../ago.ts'
import { type LetterBox, redrivesOf } from '../dlq/box.ts'
import { edit } from '../dlq/check.ts'
import { chosen, letterNamed, topicNamed } from '../dlq/choose.ts'
import { withClosed } from '../dlq/closed.ts'
import { handleLetters, type Operator } from '../dlq/handle.ts'
import { type Letter, messageOf, topicOfId } from '../dlq/letter.ts'
import { openKafka, readBoxAloud } from '../dlq/open.ts'
import type { Task } from '../dlq/plan.ts'
import { exitOf, preview, previewReport, report, warn } from '../dlq/report.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { print } from '../print.ts'
import { startProgress } from '../progress.ts'

interface Options {
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

const taskOf = (box: LetterBox, letter: Letter, value: Buffer | undefined): Task => {
  const changed = value === undefined ? { message: messageOf(letter) } : edit(letter, value)
  return { letter, redrive: { ...changed, redrives: redrivesOf(box.log, letter.id) + 1 } }
}

const readValue = (file: string): Promise<Buffer> =>
  readFile(file).catch((cause: unknown) => {
    throw new Error(`expected a file with the new value, got ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  })

const redrive = async (ids: readonly string[], options: Options) => {
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
    letters.map((letter) => taskOf(box, letter, value)),
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

/** `saga dlq redrive`: sends the messages of dead letters to their topics again, each once. */
export const dlqRedrive: DefineCommand = (group, ended) => {
  group
    .command('redrive [id...]')
    .description('sends the messages of dead letters to their topics again, each once')
    .option('--cause <cause>', 'all open ones with this cause, instead of ids')
    .option('--topic <topic>', 'of these only those of this topic')
    .option('--since <duration>', 'of these only those that failed so long ago or less, such as 2d', ago)
    .option(
      '--edit <file>',
      'send this value instead: key and headers stay, the event id is new; checked before it is sent',
    )
    .option('--force', 'also one that was redriven 3 times, or discarded')
    .option('--dry-run', 'only says what would be sent, and whether it can be read')
    .option('--by <you>', 'who', userInfo().username)
    .option('--reason <why>', 'why, in words')
    .addOption(new Option('--why <why>').hideHelp())
    .option('--json', 'prints one JSON document')
    .addHelpText(
      'after',
      examples(
        'saga dlq redrive orders.placed.v1:0:12 --reason "payment is well again"',
        'saga dlq redrive orders.placed.v1:0:12 --edit fixed.json --reason "the amount was wrong"',
        'saga dlq redrive --cause processing-failed --since 2h --dry-run',
      ),
    )
    .action(async (ids: string[], options: Options) => ended(await redrive(ids, options)))
}
