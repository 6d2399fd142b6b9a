import {
  type CommandName,
  commandId,
  commands,
  commandTopic,
  type Direction,
  type Envelope,
  type EventType,
  events,
  isCommandName,
  type KitName,
  readData,
  readEnvelope,
  type ServiceName,
  serviceOf,
  stepOf,
  takersOf,
  takesCommands,
  UnreadableMessage,
} from '@countermand/contracts'
import { z } from 'zod'
import type { IncomingMessage } from './message.ts'

/** Where a command's asker waits for the answer. */
export interface ReplyAddress {
  readonly topic: string
  readonly partition: number | undefined
  /** Opaque: given back as it came. */
  readonly replyTo: string
}

/** A message that was read and checked. */
export type ReadMessage = ReadCommand | ReadEvent

export interface ReadCommand {
  readonly kind: 'command'
  readonly name: CommandName
  readonly orderId: string
  readonly requestId: string
  readonly step: string
  readonly direction: Direction
  readonly round: number
  readonly messageId: string
  readonly data: object
  readonly reply: ReplyAddress | null
  readonly traceparent: string | null
  readonly raw: IncomingMessage
}

export interface ReadEvent {
  readonly kind: 'event'
  readonly type: EventType
  readonly source: string
  readonly id: string
  /** `undefined`: it belongs to no order. */
  readonly orderId: string | undefined
  readonly data: object
  readonly traceparent: string | null
  readonly raw: IncomingMessage
}

const isEventType = (name: string): name is EventType => Object.hasOwn(events, name)

const keyed = z.object({
  orderId: z.string().optional(),
  sku: z.string().optional(),
  letterId: z.string().optional(),
  accountId: z.string().optional(),
  giftCardId: z.string().optional(),
  reconciliationId: z.string().optional(),
  differenceId: z.string().optional(),
  operationId: z.string().optional(),
})
const numbered = z.object({ requestId: z.string(), round: z.number(), key: z.string().optional() })

/** What Kafka takes as a topic's name. */
const topicName = /^[\w.-]{1,249}$/
const partitionNumber = z.coerce.number().pipe(z.int32().nonnegative()).optional()

/** The address that a command's headers give, as far as they can be read. */
export const replyAddress = (headers: Readonly<Record<string, string>>): ReplyAddress | null => {
  const topic = headers['reply-topic']
  const replyTo = headers['reply-to']
  if (topic === undefined || replyTo === undefined || !topicName.test(topic)) return null
  const partition = partitionNumber.safeParse(headers['reply-partition'])
  return { topic, partition: partition.data, replyTo }
}

/** A trace to go on from: what is none (text of many sizes and kinds) says nothing. */
export const traceparentOf = ({ traceparent }: Readonly<Record<string, string>>): string | null =>
  traceparent !== undefined && /^[\x20-\x7e]{1,256}$/.test(traceparent) ? traceparent : null

/** Of most libraries for events, the record is given its key beside the event. */
const withoutKey =
  "none: give it to the record, not only to the event (Java: ProducerRecord, Go: WithMessageKey, C#: the extension partitionkey, JavaScript: the producer's key)"

// Data is keyed by its order, or, for what belongs to none, by its SKU, dead letter, credit account, gift card, reconciliation, difference or operation: whoever reads a partition relies on it.
const checkKey = (message: IncomingMessage, data: object): string | undefined => {
  const keys = keyed.parse(data)
  const [name, expected] = Object.entries(keys).find(([, value]) => value !== undefined) ?? []
  if (message.key !== expected) {
    throw new UnreadableMessage(
      'key-mismatch',
      `expected the data's ${name} ${expected} as the message's key, got ${message.key ?? withoutKey}`,
    )
  }
  return keys.orderId
}

const readCommand = (service: ServiceName, envelope: Envelope, message: IncomingMessage): ReadCommand => {
  const name = envelope.type
  if (!isCommandName(name) || !takersOf(name).includes(service))
    throw new UnreadableMessage('unknown-type', `expected a command of the ${service} service, got type ${name}`)
  const data = readData(commands[name].data, envelope.data)
  checkKey(message, data)
  if (serviceOf(name, data) !== service)
    throw new UnreadableMessage('invalid-data', `expected a step of the ${service} service in ${name}, got another`)
  const { orderId } = data
  const { requestId, round, key } = numbered.parse(data)
  const step = stepOf(name, key === undefined ? {} : { key })
  const { direction } = commands[name]
  return {
    kind: 'command',
    name,
    orderId,
    requestId,
    step,
    direction,
    round,
    messageId: commandId({ orderId, requestId, step, direction, round }),
    data,
    reply: replyAddress(message.headers),
    traceparent: traceparentOf(message.headers),
    raw: message,
  }
}

/** Checks an event of a topic against its contract. Throws {@link UnreadableMessage}. */
export const readEvent = (envelope: Envelope, message: IncomingMessage): ReadEvent => {
  const type = envelope.type
  if (!isEventType(type) || events[type].topic !== message.topic) {
    const known = Object.entries(events).flatMap(([name, event]) => (event.topic === message.topic ? [name] : []))
    throw new UnreadableMessage(
      'unknown-type',
      `expected one of ${known.join(', ')} on ${message.topic}, got type ${type}`,
    )
  }
  const data = readData(events[type].data, envelope.data)
  return {
    kind: 'event',
    type,
    source: envelope.source,
    id: envelope.id,
    orderId: checkKey(message, data),
    data,
    traceparent: traceparentOf(message.headers),
    raw: message,
  }
}

/** Reads a message that came to a service, or to the console. Throws {@link UnreadableMessage}. */
export const readMessage = (reader: KitName, message: IncomingMessage): ReadMessage => {
  const envelope = readEnvelope(message)
  return takesCommands(reader) && message.topic === commandTopic(reader)
    ? readCommand(reader, envelope, message)
    : readEvent(envelope, message)
}
