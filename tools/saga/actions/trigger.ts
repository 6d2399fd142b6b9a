import type { CancelRequested, ShipmentStatus } from '@countermand/contracts'
import { identifyByPrefix } from '@countermand/workflows/operations/find/by-prefix.ts'
import { findSaga } from '@countermand/workflows/operations/find/find.ts'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import { type Databases, openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { publish } from '@countermand/workflows/operations/reach/publish.ts'
import { openTemporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { colours } from '../../terminal/colours.ts'
import { columns, print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { requireSandbox } from '../drill/sandbox.ts'
import type { ExitCode } from '../exit.ts'
import { type Given, type Trigger, triggerNamed, triggers } from '../trigger/triggers.ts'

export interface Options {
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

const publishOne = async (name: string, options: Options): Promise<void> => {
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

/** Publishes a scenario, or lists them. */
export const run = async (name: string | undefined, options: Options): Promise<ExitCode> => {
  if (options.list) print(describeTriggers())
  else if (name === undefined)
    throw new Error('expected a scenario, got none; saga trigger --list says which there are')
  else await publishOne(name, options)
  return 0
}
