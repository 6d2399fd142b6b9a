import { Kafka } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import { eventHeaders, readData, readEnvelope, UnreadableMessage, type WireMessage } from './envelope.ts'
import { exampleOrder } from './examples.ts'
import { placedOrder } from './order-events.ts'

/**
 * What CloudEvents 1.0.2 demands of a reader: its JSON format (§ 2 and 3) and its Kafka protocol binding (§ 3), one by one. What
 * libraries write is beside.
 */

const attributes = {
  ...{ specversion: '1.0', id: '1f0e', source: '/shop', type: 'order.placed.v1' },
  ...{ time: '2026-11-20T09:00:00Z', subject: 'ord-1001' },
}
const { specversion: _, ...told } = attributes

const message = (headers: Record<string, string>, value: unknown): WireMessage => ({
  ...{ key: 'ord-1001', headers },
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
})
const json = 'application/cloudevents+json'
const structured = (event: object, contentType = json) => message({ 'content-type': contentType }, event)
const binary = (more: Record<string, string> = {}, value: unknown = exampleOrder) =>
  message(
    {
      'content-type': 'application/json',
      ...Object.fromEntries(Object.entries(attributes).map(([name, each]) => [`ce_${name}`, each])),
      ...more,
    },
    value,
  )

const letterOf = (from: WireMessage): string => {
  try {
    readEnvelope(from)
  } catch (error) {
    if (error instanceof UnreadableMessage) return `${error.reason}: ${error.message}`
    throw error
  }
  return 'it was read'
}

const expectOrder = (from: WireMessage, changes: object = {}): void => {
  const envelope = readEnvelope(from)
  expect({ ...envelope, data: undefined }).toEqual({ ...told, ...changes, data: undefined })
  expect(readData(placedOrder, envelope.data).orderId).toBe('ord-1001')
}

describe('the JSON format', () => {
  it('§ 2.2: an attribute that is null is not set', () => {
    const nothing = { time: null, subject: null, dataschema: null, datacontenttype: null, shop: null }
    expectOrder(structured({ ...attributes, ...nothing, data: exampleOrder }), { time: undefined, subject: undefined })
    expect(letterOf(structured({ ...attributes, id: null, data: {} }))).toMatch(/^missing-headers: .*; id: /)
  })

  it('§ 2.2: attributes are texts; another type is refused', () => {
    for (const wrong of [{ id: 7 }, { source: {} }, { type: ['x'] }, { time: 1_763_629_200 }, { specversion: 1 }])
      expect(letterOf(structured({ ...attributes, ...wrong, data: exampleOrder }))).toMatch(/^missing-headers: /)
  })

  it('§ 2: extensions of any type are taken along, and change nothing', () => {
    const extensions = { partitionkey: 'ord-1001', sampledrate: 30, priority: true, dataref: 'https://x/y' }
    expectOrder(structured({ ...attributes, ...extensions, data: exampleOrder }))
  })

  it('§ 3.1: data is JSON where its content type says so, or none is told', () => {
    for (const datacontenttype of [
      undefined,
      'application/json',
      'application/json; charset=utf-8',
      'text/json',
      'application/x+json',
    ])
      expectOrder(structured({ ...attributes, datacontenttype, data: exampleOrder }))
  })

  it('§ 3.1: data that is a text stays a text, and is none of ours', () => {
    const event = { ...attributes, datacontenttype: 'application/json', data: JSON.stringify(exampleOrder) }
    expect(letterOf(structured(event))).toMatch(/^not-an-object: .*serialized twice/)
  })

  it('§ 3.1.2: a text is named as such, where its content type made it one', () => {
    const event = { ...attributes, datacontenttype: 'text/plain; charset=utf-8', data: JSON.stringify(exampleOrder) }
    expect(letterOf(structured(event))).toBe(
      'not-an-object: data: expected an object, got a text, for datacontenttype is text/plain; charset=utf-8: set application/json',
    )
  })

  it('§ 3.1.1: an event without data, or with null, has none of ours', () => {
    expect(letterOf(structured(attributes))).toBe('not-an-object: expected an object, got nothing')
    expect(letterOf(structured({ ...attributes, data: null }))).toMatch(/^not-an-object: expected an object, got /)
  })

  it('§ 3.1.1: bytes are read from data_base64', () => {
    const encoded = Buffer.from(JSON.stringify(exampleOrder)).toString('base64')
    expectOrder(structured({ ...attributes, datacontenttype: 'application/octet-stream', data_base64: encoded }))
    expectOrder(structured({ ...attributes, data: null, data_base64: encoded }))
    expect(letterOf(structured({ ...attributes, data_base64: 'no base 64' }))).toContain('expected a text of base64')
    expect(letterOf(structured({ ...attributes, data_base64: 7 }))).toContain('expected a text of base64')
    expect(letterOf(structured({ ...attributes, data_base64: 'AAAA' }))).toMatch(/^unreadable-json: /)
  })

  it('§ 3.1.1: data and data_base64 exclude each other', () => {
    expect(letterOf(structured({ ...attributes, data: {}, data_base64: 'e30=' }))).toBe(
      'not-an-object: expected data or data_base64, got both',
    )
  })

  it('§ 3.2: an event is one object', () => {
    expect(letterOf(structured([{ ...attributes, data: {} }]))).toMatch(
      /^not-an-object: expected an object, got a list/,
    )
  })
})

describe('the Kafka binding', () => {
  it('§ 3: the mode follows the content type, whatever its case and parameters', () => {
    for (const contentType of [
      json,
      'Application/CloudEvents+JSON',
      `${json}; charset=UTF-8`,
      `${json} ;charset=utf-8`,
    ])
      expectOrder(structured({ ...attributes, data: exampleOrder }, contentType))
  })

  it('§ 3: a format that is not read is said, with what to send', () => {
    const event = { ...attributes, data: exampleOrder }
    expect(letterOf(message({ 'content-type': 'application/cloudevents+avro' }, 'Obj\u0001'))).toMatch(
      /^missing-headers: .*it is in structured mode as application\/cloudevents\+avro: send application\/cloudevents\+json$/,
    )
    expect(letterOf(message({ 'content-type': 'application/cloudevents-batch+json' }, [event]))).toMatch(
      /^missing-headers: .*it is a batch of events: send each as a message of its own$/,
    )
  })

  it('§ 3.1: the key is the record’s, whatever the event says of one, and the event is left as it is', () => {
    const event = structured({
      ...attributes,
      partitionkey: 'another',
      data: { ...exampleOrder, partitionkey: 'kept' },
    })
    expect(readEnvelope(event).data).toMatchObject({ orderId: 'ord-1001', partitionkey: 'kept' })
    expectOrder(binary({ ce_partitionkey: 'another' }))
  })

  it('§ 3.2.2: an event without data is a message without a value, which is none of ours', () => {
    for (const value of [null, Buffer.alloc(0)])
      expect(letterOf({ ...binary(), value })).toBe('unreadable-json: expected a JSON object, got no value')
  })

  it('§ 3.2.3: headers are UTF-8, of any characters', () => {
    expectOrder(binary({ ce_id: 'Bücher-☕-🍵', ce_subject: '注文' }), { id: 'Bücher-☕-🍵', subject: '注文' })
  })

  it('§ 3.2.1: in binary mode the value is the data, as it is, and the content type its own', () => {
    for (const contentType of ['application/json', 'application/json; charset=utf-8', 'application/vnd.shop+json'])
      expectOrder(binary({ 'content-type': contentType }))
    const { 'content-type': _, ...without } = binary().headers
    expectOrder({ ...binary(), headers: without })
  })

  it('§ 3.2.3: attributes are headers with ce_, extensions as well', () => {
    expectOrder(binary({ ce_partitionkey: 'ord-1001', ce_sampledrate: '30' }))
  })

  it('§ 3.2.3: a header without a value sets nothing', () => {
    expectOrder(binary({ ce_time: '' }), { time: undefined })
    expect(letterOf(binary({ ce_id: '' }))).toMatch(/^missing-headers: .*; ce_id: /)
  })

  it('§ 3.3: in structured mode the value says it all, whatever headers are beside', () => {
    const event = structured({ ...attributes, data: exampleOrder })
    expectOrder({ ...event, headers: { ...event.headers, ce_id: 'another', ce_type: 'another.type', ce_time: 'noon' } })
  })

  it('1.0.1 § 3: an event as a whole without any header, or with the content type of its data, is read', () => {
    const event = { ...attributes, data: exampleOrder }
    expectOrder(message({}, event))
    for (const contentType of ['application/json', 'application/cloudevents', 'text/plain'])
      expectOrder(structured(event, contentType))
  })

  it('a message in neither mode is told of both', () => {
    expect(letterOf(message({}, exampleOrder))).toMatch(
      /^missing-headers: .*neither headers of the binary mode .* nor an event as a whole .*content-type application\/cloudevents\+json$/,
    )
  })
})

describe('an event of ours', () => {
  it('is one for the library of JavaScript, with all its attributes in headers and its data as the value', () => {
    const { time, subject, ...named } = { ...told, id: 'ord-☕/order.accepted.v1' }
    const value = JSON.stringify(exampleOrder)
    const headers = eventHeaders({ ...named, time, subject })
    expect(Object.keys(headers).toSorted()).toEqual(
      ['content-type', ...Object.keys(attributes).map((name) => `ce_${name}`)].toSorted(),
    )
    const sent = { headers, key: 'ord-1001', value, body: value }
    const event = Kafka.toEvent(sent)
    expect(event).toMatchObject({ ...named, specversion: '1.0', datacontenttype: 'application/json', subject })
    expect(event).toMatchObject({ data: exampleOrder })
  })
})
