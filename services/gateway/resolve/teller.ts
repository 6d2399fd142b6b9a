import { eventHeaders, eventId, events, gatewaySource } from '@countermand/contracts'
import type { Database } from '@countermand/database'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { Publisher } from '@countermand/kafka/publisher.ts'
import type { Logger } from '@countermand/telemetry'
import { claim, know, learn, putOff, type Reference, settle, takeUp, type Waiting } from '../store/store.ts'
import { leaveFor, match, namedAnew, namesIn, type Telling } from './match.ts'

/** Tells the others what providers told, as soon as it is known what it is about. */
export interface Teller {
  /** Something came in. */
  wake(): void
  stop(): Promise<void>
}

const atOnce = 100
/** A process that died with what it had claimed leaves it to the others after this. */
const leaseMs = 10_000
/** It looks this often by itself: for what others have left, and what is due again. */
const sweepMs = 500
/** What is not known yet is looked at again then. */
const againMs = 300

const messageOf = ({ account, notice, traceparent }: Waiting, { type, part, data }: Telling): OutgoingMessage => {
  const { orderId } = data
  const id = eventId(orderId, type, account, notice.eventId, part)
  const about = { source: gatewaySource, type, time: new Date().toISOString(), subject: orderId }
  return {
    topic: events[type].topic,
    key: orderId,
    headers: { ...eventHeaders({ id, ...about }), ...(traceparent === null ? {} : { traceparent }) },
    value: JSON.stringify(data),
  }
}

interface TellerOptions {
  readonly database: Database
  readonly publisher: Publisher
  /** For so long what it is about may be heard of yet, in ms. */
  readonly patienceMs: number
  readonly log: Logger
}

/** What is known by the names in them, and which of the orders found their accounts may speak of. */
const knownOf = async (database: Database, all: readonly Waiting[]): Promise<Reference[]> => {
  const named = await know(database, all.flatMap(namesIn))
  return [
    ...named,
    ...(await know(
      database,
      all.flatMap((each) => leaveFor(each, named)),
    )),
  ]
}

/** What was learned while it was given up did not see that: it is looked for once more. */
const giveUp = async (database: Database, all: readonly Waiting[]): Promise<void> => {
  await settle(database, all, 'unmatched')
  const known = await knownOf(database, all)
  await takeUp(
    database,
    all.filter((each) => match(each, known, true) !== 'nobody'),
  )
}

/** One round; gives back whether there may be more. */
const tellOnce = async ({ database, publisher, patienceMs, log }: TellerOptions): Promise<boolean> => {
  const { due, unreadable } = await claim(database, atOnce, leaseMs)
  if (unreadable > 0) log.warn({ unreadable }, 'notifications were kept by other code: they are left to it')
  if (due.length === 0) return false
  const known = await knownOf(database, due)
  const found = due.map((waiting) => ({ waiting, is: match(waiting, known, waiting.age >= patienceMs) }))
  const of = (which: 'later' | 'nobody'): Waiting[] =>
    found.flatMap(({ waiting, is }) => (is === which ? [waiting] : []))
  const matched = found.flatMap(({ waiting, is }) => (typeof is === 'string' ? [] : [{ waiting, told: is }]))
  // Its id is derived: told twice, by a process that died in between, it is a duplicate for whoever reads it.
  await publisher.publish(matched.flatMap(({ waiting, told }) => told.map((each) => messageOf(waiting, each))))
  // Before it is settled: by a process that dies in between it is told, and learned, again.
  await learn(
    database,
    matched.flatMap(({ waiting }) => namedAnew(waiting, known)),
  )
  await settle(
    database,
    matched.map(({ waiting }) => waiting),
    'published',
  )
  const nobody = of('nobody')
  await giveUp(database, nobody)
  for (const { account, notice } of nobody)
    log.warn(
      { account, eventId: notice.eventId, type: notice.type },
      'a notification is about nothing that is known here',
    )
  await putOff(database, of('later'), againMs)
  return due.length + unreadable === atOnce
}

export const startTeller = (options: TellerOptions): Teller => {
  const { log } = options
  let stopped = false
  let asked = false
  let running: Promise<void> | undefined

  const round = async () => {
    do {
      asked = false
      const more = await tellOnce(options).catch((error: unknown) => {
        if (!stopped) log.warn({ err: error }, 'notifications could not be told, it is tried again')
        return false
      })
      asked ||= more
    } while (asked && !stopped)
    running = undefined
  }
  const wake = () => {
    asked = true
    if (!stopped) running ??= round()
  }
  const timer = setInterval(wake, sweepMs)
  return {
    wake,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
