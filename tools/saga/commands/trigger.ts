import { type CancelRequested, type ShipmentStatus, shipmentStatus } from '@countermand/contracts'
import { InvalidArgumentError, Option } from 'commander'
import { colours } from '../../colours.ts'
import { type Addresses, readAddresses } from '../addresses.ts'
import { type Databases, openDatabases } from '../databases.ts'
import { requireSandbox } from '../drill/sandbox.ts'
import { type DefineCommand, examples } from '../exit.ts'
import { findSaga } from '../find.ts'
import { columns, print, printJson } from '../print.ts'
import { publish } from '../publish.ts'
import { openTemporal } from '../runs.ts'
import { identifyByPrefix } from '../show/by-prefix.ts'
import { type Given, type Trigger, triggerNamed, triggers } from '../trigger/triggers.ts'

interface Options {
  readonly list?: true
  readonly order?: string
  readonly request?: string
  readonly ref: string
  readonly tracking?: string
  readonly status: ShipmentStatus
  readonly lines?: CancelRequested['lines']
  readonly decision: 'approve' | 'reject'
  readonly by?: string
  readonly outsideASandbox?: true
  readonly json?: true
}

/** `1:2,3:1` → two of line 1 and one of line 3. */
const lines = (text: string): CancelRequested['lines'] =>
  text.split(',').map((part) => {
    const [lineId, quantity = '1', ...rest] = part.split(':')
    if (!lineId || !/^[1-9]\d*$/.test(quantity) || rest.length > 0)
      throw new InvalidArgumentError('expected lines such as 1:2,3:1.')
    return { lineId, quantity: Number(quantity) }
  })

/** The ids that are meant: a request's order follows from it. */
const named = async (
  where: Addresses,
  databases: Databases,
  { order, request }: Options,
  { needs }: Trigger,
): Promise<{ readonly orderId: string | undefined; readonly requestId: string | undefined }> => {
  if (needs === 'request' && request !== undefined && order === undefined) {
    const temporal = await openTemporal(where)
    return findSaga(databases, temporal, request).finally(() => temporal.close())
  }
  // An order that nobody knows may be meant all the same: what comes of it is what is to be seen.
  const known = order === undefined ? undefined : await identifyByPrefix(databases, order)
  return { orderId: known?.orderId ?? order, requestId: request }
}

const describeTriggers = (): string =>
  columns([
    ['scenario', 'what a shop does'].map((each) => colours.bold(each)),
    ...triggers.map(({ name, story }) => [name, story]),
  ])

const run = async (name: string, options: Options): Promise<void> => {
  const trigger = triggerNamed(name)
  const where = await readAddresses(process.env)
  const databases = openDatabases(where.databaseUrls)
  try {
    if (!options.outsideASandbox)
      await requireSandbox(where, databases).catch((cause: unknown) => {
        const words = cause instanceof Error ? cause.message : String(cause)
        throw new Error(`${words}; --outside-a-sandbox publishes all the same`, { cause })
      })
    const { ref, tracking, status, decision, by } = options
    const given: Given = {
      ...(await named(where, databases, options, trigger)),
      ...{ ref, tracking, status, decision, by, lines: options.lines },
    }
    const { orderId, requestId, messages, next } = trigger.make(given)
    await publish(where, messages)
    const published = messages.map(({ topic, headers }) => ({ type: headers?.ce_type ?? null, topic }))
    if (options.json) return printJson({ scenario: name, orderId, requestId, published, next })
    print(
      columns([
        ...published.map(({ type, topic }) => [colours.green('published'), `${type} on ${topic}`]),
        ['order', orderId],
        ...(requestId === null ? [] : [['request', requestId]]),
        ...next.map((command, place) => [place === 0 ? 'next' : '', command]),
      ]),
    )
  } finally {
    await databases.close()
  }
}

const help = `
It publishes what upstream services would, on their topics, and does nothing else. Only in a sandbox on this machine, where nobody
has paid or sent anything in earnest; --outside-a-sandbox takes that back.`

/** `saga trigger`: what a shop would publish. */
export const trigger: DefineCommand = (program, ended) => {
  program
    .command('trigger [scenario]')
    .description('publishes what a shop would: an order, a request to cancel it, a decision, or a scenario of the demo')
    .option('--list', 'says which scenarios there are, and publishes nothing')
    .option('--order <id>', 'the order that it is about')
    .option('--request <id>', 'the request that it is about')
    .option('--ref <paymentRef>', 'how the sandbox treats the refund of a new order', 'pay_ok')
    .option('--tracking <number>', 'how the sandbox treats the parcel, such as OK-1')
    .addOption(new Option('--status <status>', 'of the parcel').choices(shipmentStatus.options).default('in-transit'))
    .option('--lines <lines>', 'with cancel: of which lines how many, such as 1:2,3:1', lines)
    .addOption(new Option('--decision <decision>', 'with decide').choices(['approve', 'reject']).default('approve'))
    .option('--by <who>', 'with decide and withdraw')
    .option('--outside-a-sandbox', 'also in a system that is none')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', help)
    .addHelpText(
      'after',
      examples(
        'saga trigger --list',
        'saga trigger refund-refused',
        'saga trigger placed --tracking OK-1 --ref pay_slow_3000',
        'saga trigger cancel --order ord-1001 --lines 1:1',
        'saga trigger decide --request 3f2b… --decision reject',
      ),
    )
    .action(async (name: string | undefined, options: Options) => {
      if (options.list) print(describeTriggers())
      else if (name === undefined)
        throw new Error('expected a scenario, got none; saga trigger --list says which there are')
      else await run(name, options)
      ended(0)
    })
}
