import { randomUUID } from 'node:crypto'
import { eventHeaders, eventId, events, said, sourceOf } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { Accounts } from '@countermand/providers/accounts.ts'
import type { Logger } from '@countermand/telemetry'
import type { Listed, ListedFee, ListedRefund } from '../channels/channel.ts'
import { accountKinds, type Channels, type Route, routes } from '../channels/index.ts'
import {
  type Asked,
  openReconciliations,
  type Reconciliations,
  type Result,
  withIds,
} from '../store/reconciliations.ts'
import { type Comparison, compare, type Difference, isIn, wider } from './compare.ts'

/** Compares our books with what providers say, as operators ask for it. It reads and posts: no money moves by it. */

interface Place {
  readonly account: string
  readonly route: Route
}

export interface ReconcilerOptions {
  readonly databaseUrl: string
  readonly channels: Channels
  readonly accounts: Pick<Accounts, 'names' | 'find'>
  readonly log: Logger
  /** How long nobody else takes what is being done; it is renewed while a provider is asked. */
  readonly leaseMs?: number
}

/** Every account whose channel can say what it has moved. */
const placesOf = ({ channels, accounts }: Pick<ReconcilerOptions, 'channels' | 'accounts'>): Place[] =>
  routes.flatMap((route) => {
    if (channels[route].list === undefined) return []
    if (!accountKinds.has(route)) return [{ account: route, route }]
    const named = accounts.names().filter((name) => accounts.find(name)?.provider === route)
    return named.map((account) => ({ account, route }))
  })

const chosen = (places: readonly Place[], account: string | undefined): Place[] => {
  const found = places.filter((each) => account === undefined || each.account === account)
  if (found.length > 0) return found
  const known = places.map((each) => each.account).join(', ') || 'none'
  throw new Error(`expected an account whose provider says what it has moved (${known}), got ${account ?? 'none'}`)
}

const source = sourceOf('payment')

/** As the gateway tells it: payment hears it by the same door, whoever was first. */
const notified = (
  { account, route }: Place,
  of: {
    readonly orderId: string
    readonly name: readonly string[]
    readonly kind: 'look' | 'foreign-refund'
    readonly at: string
    readonly data: object
  },
): OutgoingMessage => {
  const type = 'channel.notified.v1'
  const { orderId, name, kind, at, data } = of
  const id = eventId(orderId, type, account, 'reconciliation', ...name)
  const notificationId = `reconciliation/${name.join('/')}`.slice(0, 128)
  const about = { orderId, account, provider: route, notificationId, kind, occurredAt: at }
  return {
    ...{ topic: events[type].topic, key: orderId },
    headers: eventHeaders({ id, source, type, time: at, subject: orderId }),
    value: JSON.stringify({ ...about, ...data }),
  }
}

const claimed = (
  place: Place,
  { orderId, tenderId, providerRef, theirs, at, asClaim }: Difference,
): OutgoingMessage[] => {
  if (!asClaim || orderId === undefined || providerRef === undefined || theirs === undefined) return []
  const { amount, currency } = theirs
  const data = { tenderId, providerRef, amount, currency }
  return [notified(place, { orderId, name: [providerRef], kind: 'foreign-refund', at, data })]
}

const news = (place: Place, { looks, undone }: Comparison, reconciliationId: string, at: string): OutgoingMessage[] => [
  ...looks.map(({ orderId, refundId, tenderId }) =>
    notified(place, { orderId, name: [reconciliationId, refundId], kind: 'look', at, data: { refundId, tenderId } }),
  ),
  ...undone.map(({ paid: { orderId, tenderId }, refund: { providerRef, amount, currency } }) => {
    const data = { tenderId, providerRef, amount, currency, fact: { outcome: 'reversed' } }
    return notified(place, { orderId, name: [providerRef, 'undone'], kind: 'foreign-refund', at, data })
  }),
]

const sums = (fees: readonly ListedFee[]): Result['fees'] =>
  [...Map.groupBy(fees, ({ currency }) => currency)].map(([currency, all]) => ({
    ...{ currency, amount: all.reduce((sum, { amount }) => sum + amount, 0) },
  }))

const reconcile = async (
  { channels }: Pick<ReconcilerOptions, 'channels'>,
  store: Reconciliations,
  asked: Asked,
  place: Place,
): Promise<void> => {
  const { account, route } = place
  const listedAt = new Date().toISOString()
  const listed: Listed[] = []
  for await (const each of channels[route].list?.(account, wider(asked.span)) ?? []) listed.push(each)
  const refunds = listed.filter((each): each is ListedRefund => each.kind === 'refund')
  const fees = listed.filter((each): each is ListedFee => each.kind === 'fee' && isIn(asked.span, each.at))
  const books = await store.readBooks({ ...place, span: asked.span }, refunds)
  const comparison = compare({ account, span: asked.span, listed, listedAt, ...books })
  const { matched, inFlight, others, until, differences } = comparison
  const inSpan = refunds.filter(({ at }) => isIn(asked.span, at)).length
  const result = {
    account,
    listed: inSpan,
    matched,
    inFlight,
    others,
    fees: sums(fees),
    ...(Date.parse(until) < Date.parse(asked.span.to) && { until }),
    differences: withIds(differences),
  }
  await store.save(asked, {
    ...{ result, fees, at: listedAt, until },
    tell: (difference) => claimed(place, difference),
    messages: news(place, comparison, asked.reconciliationId, listedAt),
  })
}

const defaultLeaseMs = 60_000

const wordsOf = (error: unknown): string => said(error instanceof Error ? error.message : String(error))

const work = async (options: ReconcilerOptions, store: Reconciliations, asked: Asked): Promise<void> => {
  const { log, leaseMs = defaultLeaseMs } = options
  const renewing = setInterval(() => {
    store.renew(asked).catch((error: unknown) => log.debug({ err: error }, 'the lease is renewed a little later'))
  }, leaseMs / 4).unref()
  try {
    const places = chosen(placesOf(options), asked.account)
    // What is there of an earlier attempt stays.
    const left = places.filter(({ account }) => !asked.done.includes(account))
    await store.begin(asked, [...asked.done, ...left.map(({ account }) => account)])
    const failed: string[] = []
    for (const place of left)
      await reconcile(options, store, asked, place).catch((error: unknown) =>
        failed.push(`${place.account}: ${wordsOf(error)}`),
      )
    await store.end(asked, failed.length === 0 ? undefined : failed.join('; '))
    log.info({ reconciliationId: asked.reconciliationId, failed }, 'reconciled')
  } catch (error) {
    log.warn({ err: error, reconciliationId: asked.reconciliationId }, 'a reconciliation could not be made to its end')
    await store.end(asked, wordsOf(error))
  } finally {
    clearInterval(renewing)
  }
}

/** How often it is looked for what was asked. */
const everyMs = 1_000

/** Does what operators ask for, one after the other. */
export const startReconciler = (options: ReconcilerOptions): { stop(): Promise<void> } => {
  const { databaseUrl, log, leaseMs = defaultLeaseMs } = options
  const store = openReconciliations(databaseUrl, {
    ...{ token: randomUUID(), leaseMs },
    onError: (error) => log.warn({ err: error }, 'a connection for reconciliations broke'),
  })
  let stopped = false
  let running: Promise<void> | undefined
  const round = async () => {
    for (let asked = await store.take(); asked !== undefined && !stopped; asked = await store.take())
      await work(options, store, asked)
  }
  const timer = setInterval(() => {
    running ??= round()
      // While its tables are made, or its database is away: it looks again.
      .catch((error: unknown) => log.debug({ err: error }, 'what was asked to be reconciled is looked for again'))
      .finally(() => {
        running = undefined
      })
  }, everyMs).unref()
  return {
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
      await store.close()
    },
  }
}
