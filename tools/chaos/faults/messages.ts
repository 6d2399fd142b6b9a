import { serviceName, topics } from '@countermand/contracts'
import { connectKafka, createPublisher, type IncomingMessage, readToEnd } from '@countermand/kafka'
import fc from 'fast-check'
import { unpublished } from '../outboxes.ts'
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

export const messageFaults: readonly Fault[] = [
  {
    name: 'rebalance',
    about: 'a second process of each service joins its group; after 3 s one of them is killed, the others leave',
    holdMs: 3_000,
    begin: async ({ system }) => {
      const [victim, ...others] = await Promise.all(serviceName.options.map((name) => system.startAnother(name)))
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
    about: 'Kafka is away for 15 s while banks and carriers answer: what services have to say waits in their outboxes',
    holdMs: 15_000,
    begin: async (victim) => {
      await victim.roads.kafka.cut()
      return async () => {
        victim.log(`${await unpublished(victim.databases)} messages wait in outboxes`)
        await victim.roads.mend()
      }
    },
  },
]
