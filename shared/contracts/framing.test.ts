import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { eventHeaders, readEnvelope, UnreadableMessage } from './envelope.ts'
import { exampleOrder } from './examples.ts'

const headers = eventHeaders({
  id: '1',
  source: '/t',
  type: 'order.placed.v1',
  time: '2026-11-20T09:00:00Z',
  subject: 'x',
})
const json = JSON.stringify(exampleOrder)
const framed = (schema: number, rest: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(schema, 1)
  return Buffer.concat([head, rest])
}

const readFailure = (value: Buffer): UnreadableMessage => {
  try {
    readEnvelope({ topic: 'orders.placed.v1', key: 'x', value, headers })
  } catch (error) {
    if (error instanceof UnreadableMessage) return error
  }
  return expect.fail('expected it not to be read')
}

describe('a value that another serializer has wrapped', () => {
  it.each([
    [
      'JSON Schema of a registry',
      framed(12, Buffer.from(json)),
      'unreadable-json',
      /registry's serializer \(schema 12\) come before the JSON/,
    ],
    [
      'Avro of a registry',
      framed(7, Buffer.from([0x0e, 0x6f, 0x72, 0x64, 0x02])),
      'unreadable-json',
      /registry's serializer \(schema 7\), and is Avro or Protobuf/,
    ],
    [
      'Protobuf of a registry',
      framed(3, Buffer.from([0x00, 0x0a, 0x03, 0x6f, 0x72, 0x64])),
      'unreadable-json',
      /Avro or Protobuf/,
    ],
    ['a gzipped value', gzipSync(json), 'unreadable-json', /gzipped by its sender/],
    ['UTF-16', Buffer.from(`\ufeff${json}`, 'utf16le'), 'unreadable-json', /UTF-16/],
    ['a Java object', Buffer.from([0xac, 0xed, 0x00, 0x05, 0x74]), 'unreadable-json', /serialized Java object/],
    [
      "Connect's envelope",
      Buffer.from(JSON.stringify({ schema: { type: 'struct' }, payload: exampleOrder })),
      'not-an-object',
      /the data is in `payload`/,
    ],
    ['a text in a text', Buffer.from(JSON.stringify(json)), 'not-an-object', /serialized twice/],
    [
      'a change event',
      Buffer.from(JSON.stringify({ before: null, after: exampleOrder, op: 'c', source: {} })),
      'not-an-object',
      /change event of Debezium/,
    ],
  ])('is refused with words that lead to the setting: %s', (_, value, reason, words) => {
    const error = readFailure(value)
    expect(error.reason).toBe(reason)
    expect(error.message).toMatch(words)
    expect(error.message).toMatch(/^expected a JSON object, got |^expected an object/)
  })
})
