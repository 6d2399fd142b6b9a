import { type Remedy, remedy } from '@countermand/contracts'
import { Option } from 'commander'
import { z } from 'zod'
import { readAddresses } from '../addresses.ts'
import type { Planned } from '../bulk/bulk.ts'
import { type BulkOptions, checkTarget, runBulk, withBulk } from '../bulk/command.ts'
import { type Databases, openDatabases } from '../databases.ts'
import { doneOf } from '../done.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { type FoundSaga, findSaga } from '../find.ts'
import { print, printJson } from '../print.ts'
import { parkedAfterTheEnd } from '../resolve/after-the-end.ts'
import { type Attention, NotParked, readParked } from '../resolve/parked.ts'
import { about, checkDecision, type Resolution, sendResolution } from '../resolve/resolution.ts'
import { openTemporal, type Temporal } from '../runs.ts'

interface Options extends BulkOptions {
  readonly decision: Remedy
  readonly to?: 'store-credit' | 'bank-transfer'
  readonly step?: string
  readonly settled?: readonly string[]
  readonly by: string
  readonly reason: string
}

interface Parts {
  readonly databases: Databases
  readonly temporal: Temporal
}

const ended = z.object({ outcome: z.string().nullable() })

const outcomeOf = async ({ order }: Databases, requestId: string): Promise<string | null> => {
  const [row] = await order.rows(ended, 'select outcome from requests where request_id = $1', [requestId])
  return row?.outcome ?? null
}

/** The run of a request that may need a decision: after its end that of a refund or parcel. */
const runToResolve = async ({ databases, temporal }: Parts, saga: FoundSaga) => {
  const outcome = await outcomeOf(databases, saga.requestId)
  const later = outcome === null ? undefined : await parkedAfterTheEnd(temporal, saga)
  return later === undefined ? { ...saga, outcome } : { ...saga, workflowId: later, outcome: null }
}

const resolutionOf = ({ decision, to, settled, by, reason }: Options): Resolution => ({
  ...{ decision, by, reason },
  ...(to === undefined ? {} : { to }),
  ...(settled === undefined ? {} : { settled }),
})

const describeTo = (workflowId: string, { decision, to, settled, by, reason }: Resolution): string => {
  const where = to === undefined ? '' : ` to ${to}`
  const byHand = settled === undefined ? '' : `, settled by hand: ${settled.join(', ')},`
  return `${decision}${where}${byHand} to ${workflowId}, by ${by}: ${reason}`
}

const describe = (
  workflowId: string,
  parked: Attention,
  resolution: Resolution,
  done: readonly string[] | undefined,
): string =>
  [
    `${parked.direction} ${parked.step}, round ${parked.round}, has needed attention since ${parked.since} (${parked.reason}): ${parked.error}`,
    `${done === undefined ? 'sent' : 'would send'} ${describeTo(workflowId, resolution)}`,
    ...(done === undefined
      ? ['it took effect']
      : ['done already, and not done again:', ...done.map((each) => `  ${each}`)]),
  ].join('\n')

const resolveOne = async (parts: Parts, saga: FoundSaga, options: Options): Promise<void> => {
  const { dryRun = false, json = false } = options
  const run = await runToResolve(parts, saga)
  const parked = await readParked(parts.temporal, run, options.step)
  const resolution = about(parked, resolutionOf(options))
  checkDecision(resolution, parked)
  const done = await doneOf(parts.databases, saga)
  if (!dryRun) await sendResolution(parts.temporal, run.workflowId, resolution)
  const { orderId, requestId, workflowId } = run
  if (json) printJson({ requestId, orderId, workflowId, parked, resolution, dryRun, accepted: !dryRun, done })
  else print(describe(workflowId, parked, resolution, dryRun ? done : undefined))
}

const planMany =
  (parts: Parts, options: Options) =>
  async (saga: FoundSaga): Promise<Planned> => {
    const run = await runToResolve(parts, saga)
    if (run.outcome !== null) return { todo: false, refused: false, text: `nothing: it has ended: ${run.outcome}` }
    const parked = await readParked(parts.temporal, run, options.step).catch((error: unknown) => {
      if (error instanceof NotParked) return undefined
      throw error
    })
    if (parked === undefined) return { todo: false, refused: false, text: 'nothing: it goes on' }
    const resolution = about(parked, resolutionOf(options))
    checkDecision(resolution, parked)
    const send = async () => {
      await sendResolution(parts.temporal, run.workflowId, resolution)
      return { changed: true, text: 'it took effect' }
    }
    return { todo: true, text: describeTo(run.workflowId, resolution), send }
  }

/** `saga resolve`: a person's decision about a saga that needs attention. It is recorded by who and why before it is acted on. */
export const resolve: DefineCommand = (program, end) => {
  withBulk(program.command('resolve [requestId]'))
    .description('decides how a saga goes on that needs attention')
    .addOption(new Option('--decision <decision>', 'what to do').choices(remedy.options).makeOptionMandatory())
    .addOption(new Option('--to <destination>', 'with refund-elsewhere').choices(['store-credit', 'bank-transfer']))
    .option('--step <step>', 'which step, where several need attention')
    .option(
      '--settled <tenders...>',
      'with a skip of the refund: the tenders that were given back by hand, where not all are',
    )
    .requiredOption('--by <you>', 'who decides')
    .requiredOption('--reason <why>', 'why, in words')
    .option('--dry-run', 'only says what would be sent, and what is already done')
    .option('--json', 'prints one JSON document')
    .addHelpText(
      'after',
      examples(
        'saga resolve 3f2b… --decision retry --by ann --reason "the carrier is back"',
        'saga resolve 3f2b… --decision refund-elsewhere --to store-credit --by ann --reason "the card is closed"',
        `saga resolve --where "AttentionReason = 'refund-overdue'" --decision retry --by ann --reason "asked the bank" --dry-run`,
      ),
    )
    .action(async (id: string | undefined, options: Options) => {
      checkTarget(id, options)
      const where = await readAddresses(process.env)
      const temporal = await openTemporal(where)
      const databases = openDatabases(where.databaseUrls)
      const parts = { databases, temporal }
      try {
        if (id !== undefined) await resolveOne(parts, await findSaga(databases, temporal, id), options)
        end(
          options.where === undefined
            ? 0
            : await runBulk(parts, { ...options, where: options.where }, planMany(parts, options)),
        )
      } finally {
        await databases.close()
        await temporal.close()
      }
    })
}
