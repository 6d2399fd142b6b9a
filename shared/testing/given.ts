import {
  type CommandData,
  type CommandName,
  commandId,
  commands,
  commandTopic,
  type EventData,
  type EventType,
  events,
  serviceOf,
  stepOf,
  topics,
} from '@countermand/contracts'
import type { ReadCommand, ReadEvent } from '@countermand/kafka/reading.ts'

/** Messages as a service has read them, for tests. */

const raw = (topic: string, key: string) => ({ ...{ topic, key, partition: 0, offset: '0' }, value: null, headers: {} })

/** `replyTo` comes back with the answers. */
export const givenCommand = <Name extends CommandName>(
  name: Name,
  data: CommandData<Name>,
  replyTo = 'whoever-asks',
): ReadCommand => {
  const { orderId, requestId, round } = data
  const service = serviceOf(name, data)
  if (service === undefined) throw new Error(`expected a command of a service, got ${name}`)
  const { direction } = commands[name]
  const about = { orderId, requestId, step: stepOf(name, 'key' in data ? { key: data.key } : {}), direction, round }
  return {
    ...{ kind: 'command', name, ...about, messageId: commandId(about), data },
    reply: { topic: topics.sagaReplies, partition: undefined, replyTo },
    traceparent: null,
    raw: raw(commandTopic(service), orderId),
  }
}

export const givenEvent = <Type extends EventType>(type: Type, orderId: string, data: EventData<Type>): ReadEvent => ({
  ...{ kind: 'event', type, source: '/test', id: 'e', orderId, data, traceparent: null },
  raw: raw(events[type].topic, orderId),
})
