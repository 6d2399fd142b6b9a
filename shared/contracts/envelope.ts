import { z } from 'zod'
import { check } from './explain.ts'
import { hintOnBytes, hintOnJson } from './framing.ts'
import { jsonIn } from './json.ts'
import { isInput, most } from './limits.ts'
import { textOfBytes, timestamp } from './primitives.ts'
import { attributesIn, carriedIn, hintOnMode, isStructured } from './structured.ts'
import { grouped } from './text.ts'

/** CloudEvents 1.0 in Kafka's binary and structured modes (https://github.com/cloudevents/spec, Kafka protocol binding). */

/** A Kafka message, as far as the envelope is concerned. Header values are text. */
export interface WireMessage {
  /** Without the prefix; absent: it does not matter. */
  readonly topic?: string
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  /** It stands for a batch that cannot be read: why, in words. */
  readonly damage?: string
}

/** An event that was read: its attributes, its data not yet checked against a contract. */
export interface Envelope {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: string | undefined
  readonly subject: string | undefined
  readonly data: unknown
}

/** Why a message cannot be read or used: the kinds of dead letter. */
export const deadLetterReason = z.enum([
  'unreadable-batch',
  'unreadable-json',
  'not-an-object',
  'missing-headers',
  'unknown-type',
  'invalid-data',
  'too-old',
  'key-mismatch',
  'reply-topic-not-allowed',
  'order-changed',
  'request-id-reused',
  'unknown-order',
  'processing-failed',
  'cannot-be-sent',
])
export type DeadLetterReason = z.infer<typeof deadLetterReason>

/** A message that cannot be read: a dead letter, with a reason that a stranger understands. */
export class UnreadableMessage extends Error {
  readonly reason: DeadLetterReason
  constructor(reason: DeadLetterReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UnreadableMessage'
    this.reason = reason
  }
}

const attributes = z.object({
  specversion: z.literal('1.0'),
  id: textOfBytes(most.messageIdBytes, 'an event id').min(1),
  source: textOfBytes(512, 'a source').min(1),
  type: textOfBytes(128, 'a type').min(1),
  time: timestamp.optional(),
  subject: z.string().optional(),
})
const { specversion, id, source, type, time, subject } = attributes.shape

const headers = z
  .object({
    ce_specversion: specversion,
    ce_id: id,
    ce_source: source,
    ce_type: type,
    ce_time: time,
    ce_subject: subject,
  })
  .transform((from) => ({
    id: from.ce_id,
    source: from.ce_source,
    type: from.ce_type,
    time: from.ce_time,
    subject: from.ce_subject,
  }))

/** The content type of an event in structured mode: the whole event is one JSON document (CloudEvents’ Kafka binding, 3.3). */
/** Headers of an event in binary mode. */
export const eventHeaders = (event: {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: string
  readonly subject: string
}): Record<string, string> => ({
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ce_id: event.id,
  ce_source: event.source,
  ce_type: event.type,
  ce_time: event.time,
  ce_subject: event.subject,
})

const parseJson = (value: Buffer | null): unknown => {
  if (value === null || value.length === 0)
    throw new UnreadableMessage('unreadable-json', 'expected a JSON object, got no value')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value))
  } catch (cause) {
    const why = hintOnBytes(value) ?? (cause instanceof Error ? cause.message : String(cause))
    throw new UnreadableMessage(
      'unreadable-json',
      `expected a JSON object, got ${value.length} bytes that are no JSON: ${why}`,
      { cause },
    )
  }
}

const dataObject = (data: unknown): Record<string, unknown> => {
  const hint = hintOnJson(data)
  const object = check(z.record(z.string(), z.unknown()), data)
  if (!object.ok)
    throw new UnreadableMessage('not-an-object', object.problems + (hint === undefined ? '' : `: ${hint}`))
  if (hint !== undefined) throw new UnreadableMessage('not-an-object', `expected an object of the data itself: ${hint}`)
  return object.data
}

const unreadableAttributes = (problems: string, hint?: string): UnreadableMessage =>
  new UnreadableMessage(
    'missing-headers',
    `expected the attributes of a CloudEvent 1.0; ${problems}${hint === undefined ? '' : `; ${hint}`}`,
  )

const dataIn = (event: Record<string, unknown>): Record<string, unknown> => {
  const carried = carriedIn(event)
  if ('problem' in carried) throw new UnreadableMessage('not-an-object', carried.problem)
  return dataObject('bytes' in carried ? parseJson(carried.bytes) : carried.json)
}

const readStructured = (event: Record<string, unknown>): Envelope => {
  const found = check(attributes, attributesIn(event))
  if (!found.ok) throw unreadableAttributes(found.problems)
  const { id, source, type, time, subject } = found.data
  return { id, source, type, time, subject, data: dataIn(event) }
}

/** The value as JSON, where it need not be any. */
const jsonOf = ({ value }: WireMessage): unknown => jsonIn(value?.toString() ?? '')

/** Kafka has headers without a value: such an attribute is not set. */
const setIn = (all: Readonly<Record<string, string>>): Record<string, string> => {
  const { ce_time, ...others } = all
  return ce_time === undefined || ce_time === '' ? others : all
}

const readBinary = (message: WireMessage): Envelope => {
  const found = check(headers, setIn(message.headers))
  if (!found.ok) throw unreadableAttributes(found.problems, hintOnMode(message.headers, jsonOf(message)))
  const { id, source, type, time, subject } = found.data
  return { id, source, type, time, subject, data: dataObject(parseJson(message.value)) }
}

/** Reads the envelope of a message in either mode. Throws {@link UnreadableMessage}. */
export const readEnvelope = (message: WireMessage): Envelope => {
  if (message.damage !== undefined) throw new UnreadableMessage('unreadable-batch', message.damage)
  const bytes = message.value?.length ?? 0
  if (message.topic !== undefined && isInput(message.topic) && bytes > most.inputBytes)
    throw new UnreadableMessage(
      'invalid-data',
      `expected a message of at most ${grouped(most.inputBytes)} bytes, got ${grouped(bytes)}`,
    )
  return isStructured(message.headers, () => jsonOf(message))
    ? readStructured(dataObject(parseJson(message.value)))
    : readBinary(message)
}

/** Checks data against its contract. Throws {@link UnreadableMessage}. */
export const readData = <Schema extends z.ZodType>(schema: Schema, data: unknown): z.infer<Schema> => {
  const read = check(schema, data)
  if (!read.ok) throw new UnreadableMessage('invalid-data', read.problems)
  return read.data
}
