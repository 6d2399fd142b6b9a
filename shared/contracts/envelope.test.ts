import { CloudEvent, Kafka } from 'cloudevents'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DeadLetterReason,
  eventHeaders,
  readData,
  readEnvelope,
  UnreadableMessage,
  type WireMessage,
} from './envelope.ts'
import { exampleOrder } from './examples.ts'
import { commandId, eventId } from './message-id.ts'
import { placedOrder } from './order-events.ts'
import { id } from './primitives.ts'

const ours = {
  id: 'ord-1001/order.placed.v1',
  source: '/checkout',
  type: 'order.placed.v1',
  time: '2026-11-20T09:00:00.000Z',
  subject: 'ord-1001',
}
const theirs = new CloudEvent({
  ...ours,
  datacontenttype: 'application/json',
  partitionkey: 'ord-1001',
  data: exampleOrder,
})

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** What the official SDK wrote, as it comes from a broker. */
const fromSdk = ({ headers, value, key }: ReturnType<typeof Kafka.binary>): WireMessage => ({
  key: text(key),
  value: Buffer.from(text(value)),
  headers: Object.fromEntries(
    Object.entries(headers).flatMap(([name, each]) => (each === undefined ? [] : [[name, text(each)]])),
  ),
})

/** What we write, as the official SDK reads it from a broker. */
const toSdk = ({ key, value, headers }: WireMessage) => {
  const message = { key, value: value?.toString(), headers, body: value?.toString() }
  return Kafka.toEvent(message)
}

describe('events of the official CloudEvents SDK', () => {
  it.each([
    ['binary', Kafka.binary(theirs)],
    ['structured', Kafka.structured(theirs)],
  ])('are read in %s mode', (_mode, message) => {
    const envelope = readEnvelope(fromSdk(message))
    expect(envelope).toEqual({ ...ours, data: exampleOrder })
    expect(readData(placedOrder, envelope.data).orderId).toBe('ord-1001')
  })
})

describe('our events', () => {
  it('are read by the official CloudEvents SDK', () => {
    const event = toSdk({
      key: 'ord-1001',
      value: Buffer.from(JSON.stringify(exampleOrder)),
      headers: eventHeaders(ours),
    })
    expect(event).toMatchObject({
      ...ours,
      specversion: '1.0',
      datacontenttype: 'application/json',
      data: exampleOrder,
    })
  })

  it('are read as they were written, whatever the ids', () => {
    const anyId = fc
      .string({ minLength: 1, maxLength: 128, unit: 'grapheme' })
      .filter((each) => id.safeParse(each).success)
    fc.assert(
      fc.property(anyId, anyId, anyId, (orderId, requestId, shipmentId) => {
        for (const each of [
          eventId(orderId, 'order.cancellation.awaiting-merchant.v1', requestId, shipmentId),
          commandId({ orderId, requestId, step: `record.${shipmentId}`, direction: 'undo', round: 1_000 }),
        ]) {
          const headers = eventHeaders({ ...ours, id: each })
          expect(readEnvelope({ key: orderId, value: Buffer.from('{}'), headers }).id).toBe(each)
        }
      }),
    )
  })

  it('are read when the ids are as long as they may be and all of them separators', () => {
    const longest = '/'.repeat(128)
    const headers = eventHeaders({ ...ours, id: eventId(longest, 'refund.succeeded.v1', longest, longest) })
    expect(readEnvelope({ key: longest, value: Buffer.from('{}'), headers }).id.length).toBeGreaterThan(1_024)
  })
})

describe('a structured event', () => {
  const structured = (body: object, contentType = 'application/cloudevents+json; charset=utf-8'): WireMessage => ({
    key: 'ord-1001',
    value: Buffer.from(JSON.stringify(body)),
    headers: { 'content-type': contentType },
  })

  it('is known by its content type, whatever its case and parameters', () => {
    const body = { specversion: '1.0', ...ours, data: { a: 1 } }
    for (const contentType of ['application/cloudevents+json', 'Application/CloudEvents+JSON; charset=UTF-8'])
      expect(readEnvelope(structured(body, contentType)).data).toEqual({ a: 1 })
  })

  it('without its attributes is refused', () => {
    expect(() => readEnvelope(structured({ data: {} }))).toThrow(/specversion: expected 1.0, got nothing; id: /)
  })

  it('whose data is no object is refused', () => {
    const body = { specversion: '1.0', ...ours }
    expect(() => readEnvelope(structured(body))).toThrow('expected an object, got nothing')
    expect(() => readEnvelope(structured({ ...body, data: 'x' }))).toThrow('expected an object, got "x"')
  })
})

const headers = eventHeaders(ours)
const raw = (value: Buffer | string | null, with_: Record<string, string> = headers): WireMessage => ({
  key: 'ord-1001',
  value: value === null ? null : Buffer.from(value),
  headers: with_,
})
const without = (name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name))

const letterOf = (read: () => unknown) => {
  try {
    read()
  } catch (error) {
    if (error instanceof UnreadableMessage) return { reason: error.reason, error: error.message }
    throw error
  }
  return undefined
}

const envelopeTroubles: readonly [string, WireMessage, DeadLetterReason, string | RegExp][] = [
  ['no JSON', raw('{"orderId": '), 'unreadable-json', /^expected a JSON object, got 12 bytes that are no JSON: /],
  [
    'bytes that are no UTF-8',
    raw(Buffer.from([0x22, 0xff, 0x22])),
    'unreadable-json',
    /^expected a JSON object, got 3 bytes/,
  ],
  ['no value', raw(null), 'unreadable-json', 'expected a JSON object, got no value'],
  ['an empty value', raw(''), 'unreadable-json', 'expected a JSON object, got no value'],
  ['a list', raw('[]'), 'not-an-object', 'expected an object, got an empty list'],
  ['a number', raw('7'), 'not-an-object', 'expected an object, got 7'],
  ['null', raw('null'), 'not-an-object', 'expected an object, got null'],
  [
    'no headers',
    raw('{}', {}),
    'missing-headers',
    /ce_specversion: expected 1.0, got nothing; ce_id: .*; ce_source: .*; ce_type: /,
  ],
  ...['ce_specversion', 'ce_id', 'ce_source', 'ce_type'].map(
    (name): [string, WireMessage, DeadLetterReason, RegExp] => [
      `no ${name}`,
      raw('{}', without(name)),
      'missing-headers',
      new RegExp(`^expected the attributes of a CloudEvent 1\\.0; ${name}: expected .*, got nothing$`),
    ],
  ),
  [
    'another version',
    raw('{}', { ...headers, ce_specversion: '0.3' }),
    'missing-headers',
    /ce_specversion: expected 1.0, got "0.3"/,
  ],
  ['an empty id', raw('{}', { ...headers, ce_id: '' }), 'missing-headers', /ce_id: /],
  [
    'a time that is none',
    raw('{}', { ...headers, ce_time: 'noon' }),
    'missing-headers',
    /ce_time: expected an RFC 3339 .*, got "noon"/,
  ],
]

describe('an envelope', () => {
  it.each(envelopeTroubles)('with %s is a dead letter', (_what, message, reason, error) => {
    expect(letterOf(() => readEnvelope(message))).toEqual({
      reason,
      error: typeof error === 'string' ? error : expect.stringMatching(error),
    })
  })
})

it('data that breaks its contract is a dead letter', () => {
  expect(letterOf(() => readData(placedOrder, { ...exampleOrder, currency: 'XXQ' }))).toEqual({
    reason: 'invalid-data',
    error: 'currency: expected a currency of ISO 4217, such as EUR, got "XXQ"',
  })
})
