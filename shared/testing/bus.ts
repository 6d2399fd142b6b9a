import { randomUUID } from 'node:crypto'
import {
  type Answer,
  type CommandData,
  type CommandName,
  commandId,
  commands,
  commandTopic,
  type EventData,
  type EventType,
  eventHeaders,
  events,
  serviceOf,
  stepOf,
  topicPlan,
  topics,
} from '@countermand/contracts'
import {
  connectKafka,
  createPublisher,
  ensureTopics,
  type IncomingMessage,
  type KafkaConnection,
  type OutgoingMessage,
  startConsumer,
} from '@countermand/kafka'
import { createLogger } from '@countermand/telemetry'
import { eventually } from './eventually.ts'

/** The outside world of a service under test: real Kafka, with topics of its own by a prefix. */
export interface Bus {
  readonly kafka: KafkaConnection
  /** Everything read so far on the topics it listens to, in order of arrival. */
  readonly seen: readonly IncomingMessage[]
  send(messages: readonly OutgoingMessage[]): Promise<void>
  event<Type extends EventType>(type: Type, key: string, data: EventData<Type>, id?: string): OutgoingMessage
  /** A command that is answered to `replyTo` on `saga.replies.v1`. */
  command<Name extends CommandName>(name: Name, data: CommandData<Name>, replyTo?: string): OutgoingMessage
  /** All answers to `replyTo` so far. */
  answers(replyTo: string): Answer['type'][]
  /** Awaits the first final answer to `replyTo`, or the first of any kind. */
  answer(replyTo: string, withinMs?: number): Promise<{ readonly type: string; readonly data: Record<string, unknown> }>
  stop(): Promise<void>
}

const isAnswerTo = (replyTo: string) => (message: IncomingMessage) =>
  message.topic === topics.sagaReplies && message.headers['reply-to'] === replyTo

/** Creates the topics under a fresh prefix and listens to `topics`. */
export const createBus = async (options: {
  readonly brokers: string
  readonly topics: readonly string[]
  readonly partitions?: number
  /** An existing system's prefix; by default a fresh one, whose topics are created. */
  readonly prefix?: string
}): Promise<Bus> => {
  const prefix = options.prefix ?? `t${randomUUID().slice(0, 8)}.`
  const brokers = options.brokers.split(',')
  if (options.prefix === undefined)
    await ensureTopics({ brokers }, topicPlan(), { prefix, partitions: options.partitions ?? 2, replication: 1 })
  const kafka = connectKafka({ brokers, clientId: 'countermand-test', prefix })
  const publisher = createPublisher({ kafka })
  const seen: IncomingMessage[] = []
  const consumer = await startConsumer({
    kafka,
    groupId: `test-${randomUUID()}`,
    topics: options.topics,
    log: createLogger({ name: 'test-bus', level: 'silent' }),
    onBatch: async (messages) => {
      seen.push(...messages)
    },
  })
  const bus: Bus = {
    kafka,
    seen,
    send: (messages) => publisher.publish(messages),
    event: (type, key, data, id = randomUUID()) => ({
      topic: events[type].topic,
      key,
      headers: eventHeaders({ id, source: '/test', type, time: new Date().toISOString(), subject: key }),
      value: JSON.stringify(data),
    }),
    command: (name, data, replyTo = randomUUID()) => {
      const { direction } = commands[name]
      const service = serviceOf(name, data)
      if (service === undefined) throw new Error(`expected a service that takes ${name}, got none`)
      const id = commandId({ ...data, step: stepOf(name, 'key' in data ? { key: data.key } : {}), direction })
      return {
        topic: commandTopic(service),
        key: data.orderId,
        headers: {
          ...eventHeaders({ id, source: '/test', type: name, time: new Date().toISOString(), subject: data.orderId }),
          'reply-topic': topics.sagaReplies,
          'reply-to': replyTo,
        },
        value: JSON.stringify(data),
      }
    },
    answers: (replyTo) => seen.filter(isAnswerTo(replyTo)).map((message) => message.headers.ce_type as Answer['type']),
    answer: (replyTo, withinMs) =>
      eventually(
        `an answer to ${replyTo}`,
        () => {
          const message = seen.find(isAnswerTo(replyTo))
          return message && { type: message.headers.ce_type ?? '', data: JSON.parse(message.value?.toString() ?? '{}') }
        },
        withinMs,
      ),
    stop: async () => {
      await consumer.stop()
      await publisher.stop()
    },
  }
  await eventually('the bus to join its group', () => consumer.joined())
  return bus
}
