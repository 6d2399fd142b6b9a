import { answers, commands, events, topics } from '@countermand/contracts'
import { inSpan, type OpenSpan, openSpan, type SpanStart } from '@countermand/telemetry'
import type { IncomingMessage, OutgoingMessage } from './message.ts'

/**
 * Spans of messages, by OpenTelemetry's conventions for messaging. A message's `traceparent` is always that of the last span that
 * had it in hand: who reads it next goes on from there.
 */

interface Message {
  readonly topic: string
  readonly partition?: number
  readonly key: Buffer | string | null
  readonly headers: Readonly<Record<string, string>>
}

// Of strangers' messages only the topic is taken: spans are counted and searched by their names.
const names = new Set([...Object.keys(events), ...Object.keys(commands), ...Object.keys(answers)])
const nameOf = ({ topic, headers: { ce_type: type } }: Message): string =>
  type !== undefined && names.has(type) ? type : topic

/** Of commands and answers, the request is the subject. */
const requestOf = ({ headers: { ce_type: type, ce_subject: subject } }: Message): string | undefined =>
  type !== undefined && (Object.hasOwn(commands, type) || Object.hasOwn(answers, type)) ? subject : undefined

const withoutOrder: ReadonlySet<string> = new Set([
  topics.inventoryStock,
  topics.creditUses,
  topics.credits,
  topics.reconciliations,
])

const attributesOf = (message: Message, operation: 'process' | 'send') => {
  const { topic, partition, key, headers } = message
  const requestId = requestOf(message)
  return {
    'messaging.system': 'kafka',
    'messaging.operation.type': operation,
    'messaging.operation.name': operation,
    'messaging.destination.name': topic,
    ...(partition === undefined ? {} : { 'messaging.destination.partition.id': String(partition) }),
    ...(key === null ? {} : { 'messaging.kafka.message.key': key.toString() }),
    ...(headers.ce_id === undefined ? {} : { 'messaging.message.id': headers.ce_id }),
    // What belongs to no order is keyed by what it is about.
    ...(key === null || withoutOrder.has(topic) ? {} : { 'countermand.order.id': key.toString() }),
    ...(requestId === undefined ? {} : { 'countermand.request.id': requestId }),
  }
}

const receiving = (message: IncomingMessage): SpanStart => ({
  name: `process ${nameOf(message)}`,
  kind: 'consumer',
  parent: message.headers.traceparent ?? null,
  attributes: { ...attributesOf(message, 'process'), 'messaging.kafka.offset': Number(message.offset) },
})

const sending = (message: OutgoingMessage): SpanStart => ({
  name: `send ${nameOf(message)}`,
  kind: 'producer',
  ...(message.headers.traceparent === undefined ? {} : { parent: message.headers.traceparent }),
  attributes: attributesOf(message, 'send'),
})

const within = <Each extends Message>(message: Each, { traceparent }: OpenSpan): Each =>
  traceparent === undefined || traceparent === message.headers.traceparent
    ? message
    : { ...message, headers: { ...message.headers, traceparent } }

const together = async <Each extends Message>(
  messages: readonly Each[],
  start: (message: Each) => SpanStart,
  work: (messages: readonly Each[]) => Promise<void>,
): Promise<void> => {
  const open = messages.map((message) => ({ message, span: openSpan(start(message)) }))
  try {
    await work(open.map(({ message, span }) => within(message, span)))
    for (const { span } of open) span.end()
  } catch (error) {
    for (const { span } of open) span.end(error)
    throw error
  }
}

/** Does a message's work in a span of its own, which goes on from where the message came from. */
export const processed = <T>(message: IncomingMessage, work: (message: IncomingMessage) => Promise<T>): Promise<T> =>
  inSpan(receiving(message), (span) => work(within(message, span)))

/** The same for messages that one transaction takes together: each span lasts as long as the batch, and says how large that was. */
export const processedTogether = (
  messages: readonly IncomingMessage[],
  work: (messages: readonly IncomingMessage[]) => Promise<void>,
): Promise<void> => {
  const size = { 'messaging.batch.message_count': messages.length }
  const start = (message: IncomingMessage) => {
    const one = receiving(message)
    return { ...one, attributes: { ...one.attributes, ...size } }
  }
  return together(messages, start, work)
}

/** Sends messages, each in a span that goes on from its `traceparent`, or from what runs now. */
export const sent = (
  messages: readonly OutgoingMessage[],
  send: (messages: readonly OutgoingMessage[]) => Promise<void>,
): Promise<void> => together(messages, sending, send)
