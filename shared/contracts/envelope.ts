import { z } from 'zod'
import { id, timestamp } from './primitives.ts'

/** CloudEvents 1.0 in Kafka's binary and structured modes (https://github.com/cloudevents/spec, Kafka protocol binding). */

/** A Kafka message, as far as the envelope is concerned. Header values are text. */
export interface WireMessage {
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
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
export type DeadLetterReason =
  | 'unreadable-json'
  | 'not-an-object'
  | 'missing-headers'
  | 'unknown-type'
  | 'invalid-data'
  | 'key-mismatch'
  | 'order-changed'
  | 'request-id-reused'
  | 'unknown-order'
  | 'processing-failed'

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
  specversion: z.literal('1.0', 'expected ce_specversion 1.0'),
  id: z.string().min(1).max(1024),
  source: z.string().min(1).max(1024),
  type: id,
  time: timestamp.optional(),
  subject: z.string().optional(),
})

export const structuredContentType = 'application/cloudevents+json'

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

/** Lists what zod found, one clause per problem, with its place: `tenders.0.amount: expected …`. */
export const explain = (error: z.ZodError): string =>
  error.issues
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
    .join('; ')

const parseJson = (value: Buffer | null): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value ?? Buffer.alloc(0)))
  } catch (cause) {
    throw new UnreadableMessage(
      'unreadable-json',
      `expected a JSON value, got ${value?.length ?? 0} bytes that are not: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  }
}

const parseObject = (value: Buffer | null): Record<string, unknown> => {
  const parsed = z.record(z.string(), z.unknown()).safeParse(parseJson(value))
  if (!parsed.success) throw new UnreadableMessage('not-an-object', 'expected a JSON object')
  return parsed.data
}

/** Reads the envelope of a message in either mode. Throws {@link UnreadableMessage}. */
export const readEnvelope = (message: WireMessage): Envelope => {
  const structured = message.headers['content-type']?.startsWith(structuredContentType) ?? false
  const body = structured ? parseObject(message.value) : undefined
  const found = attributes.safeParse(
    body ?? {
      specversion: message.headers.ce_specversion,
      id: message.headers.ce_id,
      source: message.headers.ce_source,
      type: message.headers.ce_type,
      time: message.headers.ce_time,
      subject: message.headers.ce_subject,
    },
  )
  if (!found.success) {
    const where = structured ? 'structured CloudEvent' : 'ce_* headers'
    throw new UnreadableMessage(
      'missing-headers',
      `expected the attributes of a CloudEvent 1.0 (${where}): ${explain(found.error)}`,
    )
  }
  const { id, source, type, time, subject } = found.data
  return { id, source, type, time, subject, data: body === undefined ? parseObject(message.value) : body.data }
}

/** Checks data against its contract. Throws {@link UnreadableMessage}. */
export const readData = <Schema extends z.ZodType>(schema: Schema, data: unknown): z.infer<Schema> => {
  const parsed = schema.safeParse(data)
  if (!parsed.success) throw new UnreadableMessage('invalid-data', explain(parsed.error))
  return parsed.data
}
