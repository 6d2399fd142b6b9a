import { readFile } from 'node:fs/promises'
import { CloudEvent, Kafka } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readData, readEnvelope, UnreadableMessage, type WireMessage } from './envelope.ts'
import { exampleOrder } from './examples.ts'
import { placedOrder } from './order-events.ts'

/**
 * What the CloudEvents libraries of five languages write into Kafka: each message is read as it was meant, or is a dead letter whose words
 * lead to what its sender has to change.
 */

const headersOf = (all: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )

const message = (headers: object, value: string | null): WireMessage => ({
  ...{ key: 'ord-1001', headers: headersOf(headers), value: value === null ? null : Buffer.from(value) },
})

/** The order of the documentation, sent under this id and type at this second, in whichever time zone. */
const expectOrder = (from: WireMessage): void => {
  const { data, time, ...named } = readEnvelope(from)
  expect(named).toEqual({ id: '1f0e', source: '/shop', type: 'order.placed.v1', subject: 'ord-1001' })
  expect(new Date(time ?? '').toISOString()).toMatch(/^2026-11-20T09:00:00/)
  expect(readData(placedOrder, data)).toEqual(exampleOrder)
}

const letterOf = (from: WireMessage): string => {
  try {
    readEnvelope(from)
  } catch (error) {
    if (error instanceof UnreadableMessage) return `${error.reason}: ${error.message}`
    throw error
  }
  return 'it was read'
}

const texts = z.record(z.string(), z.string())
const recorded = z.object({
  libraries: z.array(
    z.object({
      library: z.string(),
      messages: z.array(z.object({ name: z.string(), key: z.string(), headers: texts, value: z.string().nullable() })),
    }),
  ),
})

const formerVersion = /^missing-headers: .*(ce_)?specversion: expected 1.0, got "0.3"/
const textOfAType =
  /^not-an-object: data: expected an object, got a text, for datacontenttype is text\/plain: set application\/json$/
const serializedTwice = /^not-an-object: .*serialized twice: hand the object itself to the serializer, or its bytes/

/** Those that are no event of ours, by their names: what is said to their sender. All others are read. */
const letters: Readonly<Record<string, RegExp>> = {
  'binary of 0.3': formerVersion,
  'structured of 0.3': formerVersion,
  'binary without data': /^unreadable-json: expected a JSON object, got no value$/,
  'structured with a text': textOfAType,
  'structured with text': textOfAType,
  'binary with a text as JSON': serializedTwice,
  'structured with a text as JSON': serializedTwice,
}

/**
 * As the libraries wrote them, without a broker: `to_binary` and `to_structured` of Python (its classes of today and those before),
 * `CloudEventSerializer` of Java by its settings, `WriteProducerMessage` of Go.
 */
const { libraries } = recorded.parse(
  JSON.parse(await readFile(new URL('recorded-events.json', import.meta.url), 'utf8')),
)

describe.each(libraries)('$library', ({ messages }) => {
  it.each(messages)('is understood: $name', ({ name, headers, value }) => {
    const words = letters[name]
    if (words === undefined) expectOrder(message(headers, value))
    else expect(letterOf(message(headers, value))).toMatch(words)
  })
})

const attributes = {
  ...{ specversion: '1.0', id: '1f0e', source: '/shop', type: 'order.placed.v1' },
  ...{ time: '2026-11-20T09:00:00Z', subject: 'ord-1001' },
}

describe('cloudevents of JavaScript', () => {
  const event = new CloudEvent({ ...attributes, data: exampleOrder, partitionkey: 'ord-1001', sampledrate: 30 })
  it.each([
    ['binary', Kafka.binary(event)],
    ['structured', Kafka.structured(event)],
    ['structured with bytes', Kafka.structured(event.cloneWith({ data: Buffer.from(JSON.stringify(exampleOrder)) }))],
  ])('is understood: %s', (_, { headers, value }) => {
    expectOrder(message(headers, typeof value === 'string' ? value : JSON.stringify(value)))
  })
})

/** No registry of .NET was in reach to record it: this is what the source of its `ToKafkaMessage` says. */
describe('CloudNative.CloudEvents.Kafka of C#', () => {
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce_${name}`, value]))

  it('is understood: binary, with or without a content type', () => {
    const value = JSON.stringify(exampleOrder)
    expectOrder(message({ ...headers, 'content-type': 'application/json' }, value))
    expectOrder(message(headers, value))
  })

  it('is understood: structured, with the headers of the binary mode beside', () => {
    const value = JSON.stringify({ ...attributes, datacontenttype: 'application/json', data: exampleOrder })
    expectOrder(message({ ...headers, 'content-type': 'application/cloudevents+json' }, value))
  })
})
