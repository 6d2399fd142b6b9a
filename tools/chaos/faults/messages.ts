import { topics } from '@countermand/contracts'
import { configureTopics, connectKafka, createPublisher, type IncomingMessage, readToEnd } from '@countermand/messaging'
import fc from 'fast-check'
import { databaseOwners } from '../../stack/settings.ts'
import type { Victim } from '../system.ts'
import type { Fault } from './fault.ts'

const live: readonly string[] = Object.values(topics).filter((topic) => topic !== topics.deadLettersLog)

/** Of each partition. */
const latest = 50

/** The messages of each key in their order, and the keys mixed. */
const mixedOverKeys = (messages: readonly IncomingMessage[], seed: number): IncomingMessage[] => {
  const draws = fc.sample(fc.nat(), { seed, numRuns: messages.length })
  const byKey = [...Map.groupBy(messages, ({ topic, key }) => `${topic}/${key}`).values()].map((each) =>
    each.toReversed(),
  )
  return draws.flatMap((draw) => {
    const place = draw % byKey.length
    const next = byKey[place]?.pop()
    if (byKey[place]?.length === 0) byKey.splice(place, 1)
    return next === undefined ? [] : [next]
  })
}

const isReadable = ({ value }: IncomingMessage): boolean => value !== null && value.length > 1

const sendAgain = async ({ where }: Victim, seed: number): Promise<void> => {
  const kafka = connectKafka({ brokers: where.kafkaBrokers, clientId: 'countermand-chaos', prefix: '' })
  const all: IncomingMessage[] = []
  await readToEnd({ kafka, topics: live, onMessages: (messages) => all.push(...messages) })
  const byPartition = Map.groupBy(all.filter(isReadable), ({ topic, partition }) => `${topic}/${partition}`)
  const messages = [...byPartition.values()].flatMap((each) => each.slice(-latest))
  const publisher = createPublisher({ kafka })
  await publisher.publish(
    mixedOverKeys(messages, seed).map(({ topic, key, value, headers, partition }) => ({
      ...{ topic, key, value, headers, partition },
    })),
  )
  await publisher.stop()
}

const fromServices: readonly string[] = [
  topics.sagaReplies,
  topics.sagaFastReplies,
  topics.cancellations,
  topics.refunds,
  topics.shipmentsChanged,
  topics.ordersAccepted,
]

/** A broker takes nothing into a topic that has fewer replicas in sync than it is told to want. There is one. */
const wantReplicas = ({ where }: Victim, count: number): Promise<void> =>
  configureTopics(where.kafkaBrokers, fromServices, { 'min.insync.replicas': String(count) })

export const messageFaults: readonly Fault[] = [
  {
    name: 'rebalance',
    about: 'a second process of each service joins its group; after 3 s one of them is killed, the others leave',
    holdMs: 3_000,
    begin: async ({ system }) => {
      const [victim, ...others] = await Promise.all(databaseOwners.map((name) => system.startAnother(name)))
      return async () => {
        await Promise.all([victim?.kill('SIGKILL'), ...others.map((each) => each.kill('SIGTERM'))])
      }
    },
  },
  {
    name: 'duplicates',
    about: `the latest ${latest} messages of each partition of all topics are sent again, mixed over keys`,
    holdMs: 0,
    begin: async (victim, seed) => {
      await sendAgain(victim, seed)
      return async () => undefined
    },
  },
  {
    name: 'full-outbox',
    about: 'for 10 s the broker takes nothing that a service says; services go on reading and deciding',
    holdMs: 10_000,
    begin: async (victim) => {
      await wantReplicas(victim, 2)
      return () => wantReplicas(victim, 1)
    },
  },
]
