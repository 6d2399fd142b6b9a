import { userInfo } from 'node:os'
import { parseDuration } from '@countermand/settings'
import { InvalidArgumentError, Option } from 'commander'
import { readAddresses } from '../addresses.ts'
import type { Planned } from '../bulk/bulk.ts'
import { type BulkOptions, checkTarget, runBulk, withBulk } from '../bulk/command.ts'
import { openDatabases } from '../databases.ts'
import { doneOf } from '../done.ts'
import { type DefineCommand, type ExitCode, examples, foundSomething, wrongUse } from '../exit.ts'
import { type FoundSaga, findSaga } from '../find.ts'
import { print, printJson, say } from '../print.ts'
import { carryOut, type Parts } from '../retry/carry-out.ts'
import { planRetry, type RetryPlan } from '../retry/plan.ts'
import { planInShort, planInWords } from '../retry/words.ts'
import { openTemporal } from '../runs.ts'

interface Options extends BulkOptions {
  readonly again?: true
  readonly restart?: boolean
  readonly by: string
  readonly reason: string
  readonly wait: number
}

const milliseconds = (text: string): number => {
  const parsed = parseDuration(text)
  if (parsed === undefined) throw new InvalidArgumentError('expected a duration such as 10s.')
  return parsed
}

const refuse = (message: string): ExitCode => {
  say(`error: ${message}`)
  return wrongUse
}

/** An ended saga is never driven on: what it came to is told in public. */
const endedAlready = (saga: FoundSaga, plan: Extract<RetryPlan, { action: 'ask-again' }>, json: boolean): ExitCode => {
  const { ended, request } = plan
  if (json) printJson({ ...saga, ended, wouldPublish: request })
  else print(`--again would publish ${planInWords(plan)}`)
  return refuse(`expected a saga that is not over, ${saga.requestId} has ended: ${ended}`)
}

const retryOne = async (parts: Parts, saga: FoundSaga, options: Options): Promise<ExitCode> => {
  const { by, reason, again = false, restart = false, dryRun = false, json = false } = options
  const plan = await planRetry(parts.databases, parts.temporal, saga, restart)
  if (plan.action === 'ask-again' && !again) return endedAlready(saga, plan, json)
  if (plan.action === 'nothing') return refuse(`expected ${saga.requestId} to need a retry, ${plan.because}`)
  if (dryRun) {
    const done = await doneOf(parts.databases, saga)
    if (json) printJson({ ...saga, plan, dryRun, done })
    else
      print(
        [
          `would send ${planInWords(plan)}`,
          'done already, and not done again:',
          ...done.map((each) => `  ${each}`),
        ].join('\n'),
      )
    return 0
  }
  const effect = await carryOut(parts, saga, plan, { by, reason })
  if (json) printJson({ ...saga, plan, dryRun, effect })
  else
    print(
      `${effect.sent === false ? 'not sent:' : 'sent'} ${planInWords(plan)}\n${effect.changed ? effect.text : `nothing has changed: ${effect.text}`}`,
    )
  return effect.changed ? 0 : foundSomething
}

const planMany =
  (parts: Parts, { by, reason, restart = false }: Options) =>
  async (saga: FoundSaga): Promise<Planned> => {
    const plan = await planRetry(parts.databases, parts.temporal, saga, restart)
    if (plan.action === 'nothing') return { todo: false, refused: false, text: planInWords(plan) }
    if (plan.action === 'ask-again')
      return { todo: false, refused: false, text: `nothing: it has ended: ${plan.ended}` }
    return { todo: true, text: planInShort(plan), send: () => carryOut(parts, saga, plan, { by, reason }) }
  }

const help = `
A parked saga gets the decision retry; one whose run was terminated, failed or is lost is started again under its own id, as
the sweep does. A run whose code fails it is left alone, for the code may come: --restart ends it, and it goes on from its
beginning; what its services have done is not done again. What came of it is looked at for a while (--wait) and told; exit code 1 when nothing has changed.
An ended saga is not driven on: --again publishes a new request that names it (retryOf); asked twice, it is one request.`

/** `saga retry`: drives a saga on that is parked or whose run is gone. */
export const retry: DefineCommand = (program, ended) => {
  withBulk(program.command('retry [requestId]'))
    .description('drives a parked, terminated or compensated saga on')
    .option('--again', 'an ended one: publishes the new request')
    .option('--restart', 'one that no code will follow, or that is none of the saga: ends its run, and starts it again')
    .option('--by <you>', 'who', userInfo().username)
    .option('--reason <why>', 'why, in words', 'no reason given')
    .addOption(
      new Option('--wait <duration>', 'how long to look what comes of it')
        .argParser(milliseconds)
        .default(10_000, '10s'),
    )
    .option('--dry-run', 'only says what would be sent, and what is already done')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga retry 3f2b… --reason "the carrier is back" --dry-run',
        'saga retry 3f2b… --reason "the carrier is back"',
        'saga retry 3f2b… --restart --reason "it was started by hand, without its input"',
        'saga retry 3f2b… --again --reason "the wallet takes refunds again"',
        `saga retry --where "AttentionReason = 'step-failed'" --reason "the carrier is back" --rate 2`,
      ),
    )
    .action(async (id: string | undefined, options: Options) => {
      checkTarget(id, options)
      const where = await readAddresses(process.env)
      const temporal = await openTemporal(where)
      const databases = openDatabases(where.databaseUrls)
      const parts = { where, databases, temporal, waitMs: options.wait }
      try {
        if (id !== undefined) ended(await retryOne(parts, await findSaga(databases, temporal, id), options))
        else if (options.where !== undefined)
          ended(await runBulk(parts, { ...options, where: options.where }, planMany(parts, options)))
      } finally {
        await databases.close()
        await temporal.close()
      }
    })
}
