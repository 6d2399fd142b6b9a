import { type Remedy, remedy, sagaId } from '@countermand/contracts'
import { Option } from 'commander'
import { readAddresses } from '../addresses.ts'
import { type Databases, openDatabases } from '../databases.ts'
import type { DefineCommand } from '../exit.ts'
import { print, printJson } from '../print.ts'
import { parkedAfterTheEnd } from '../resolve/after-the-end.ts'
import { type Attention, readParked } from '../resolve/parked.ts'
import { checkDecision, type Resolution, sendResolution } from '../resolve/resolution.ts'
import { openTemporal, type Temporal } from '../runs.ts'
import { identify } from '../show/identify.ts'
import { requestFacts } from '../show/order.ts'
import { timelineOf } from '../show/timeline.ts'

interface Options {
  readonly decision: Remedy
  readonly to?: 'store-credit' | 'bank-transfer'
  readonly by: string
  readonly reason: string
  readonly dryRun?: true
  readonly json?: true
}

interface Found {
  readonly requestId: string
  readonly orderId: string
  readonly workflowId: string
  readonly outcome: string | null
  /** What the services have answered so far, oldest first: none of it is done again. */
  readonly done: readonly string[]
}

const find = async (databases: Databases, id: string): Promise<Found> => {
  const known = await identify(databases, id)
  if (known === undefined) throw new Error(`expected a request, got ${id}, which no service has heard of`)
  const { orderId, requestIds } = known
  if (orderId === id) throw new Error(`expected a request, got order ${id}; its requests: ${requestIds.join(', ')}`)
  const [facts] = await requestFacts(databases.order, [id])
  const timeline = await timelineOf(databases, orderId, [id])
  const answers = timeline.filter(({ kind, step }) => kind === 'answer' && !step?.startsWith('record.'))
  const done = answers.map(({ step, direction, name }) => `${direction} ${step}: ${name}`)
  return { requestId: id, orderId, workflowId: sagaId(orderId, id), outcome: facts?.outcome ?? null, done }
}

const describe = (found: Found, parked: Attention, { decision, to, by, reason }: Resolution, dryRun: boolean): string =>
  [
    `${parked.direction} ${parked.step}, round ${parked.round}, has needed attention since ${parked.since} (${parked.reason}): ${parked.error}`,
    `${dryRun ? 'would send' : 'sent'} to ${found.workflowId}: ${decision}${to === undefined ? '' : ` to ${to}`}, by ${by}: ${reason}`,
    ...(dryRun ? ['done already, and not done again:', ...found.done.map((each) => `  ${each}`)] : ['it took effect']),
  ].join('\n')

const resolveWith = async (temporal: Temporal, asked: Found, options: Options): Promise<void> => {
  const later = asked.outcome === null ? undefined : await parkedAfterTheEnd(temporal, asked)
  const found = later === undefined ? asked : { ...asked, workflowId: later, outcome: null }
  const { dryRun = false, json = false, ...resolution } = options
  const parked = await readParked(temporal, found)
  checkDecision(resolution, parked)
  if (!dryRun) await sendResolution(temporal, found.workflowId, resolution)
  const { requestId, orderId, workflowId, done } = found
  if (json) printJson({ requestId, orderId, workflowId, parked, resolution, dryRun, accepted: !dryRun, done })
  else print(describe(found, parked, resolution, dryRun))
}

/** `saga resolve`: a person's decision about a saga that needs attention. It is recorded by who and why before it is acted on. */
export const resolve: DefineCommand = (program, ended) => {
  program
    .command('resolve <requestId>')
    .description('decides how a saga goes on that needs attention')
    .addOption(new Option('--decision <decision>', 'what to do').choices(remedy.options).makeOptionMandatory())
    .addOption(new Option('--to <destination>', 'with refund-elsewhere').choices(['store-credit', 'bank-transfer']))
    .requiredOption('--by <you>', 'who decides')
    .requiredOption('--reason <why>', 'why, in words')
    .option('--dry-run', 'only says what would be sent, and what is already done')
    .option('--json', 'prints one JSON document')
    .action(async (id: string, options: Options) => {
      const where = await readAddresses(process.env)
      const databases = openDatabases(where.databaseUrls)
      try {
        const found = await find(databases, id)
        const temporal = await openTemporal(where)
        await resolveWith(temporal, found, options).finally(() => temporal.close())
        ended(0)
      } finally {
        await databases.close()
      }
    })
}
