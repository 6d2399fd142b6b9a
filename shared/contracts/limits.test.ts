import { describe, expect, it } from 'vitest'
import { cancelRequested } from './cancel-requests.ts'
import { commands } from './commands.ts'
import { eventHeaders, readEnvelope } from './envelope.ts'
import { exampleOrder } from './examples.ts'
import { check } from './explain.ts'
import { most } from './limits.ts'
import { placedOrder } from './order-events.ts'
import { topics } from './topics.ts'

/** A list of so many empty objects that tells how many of them were looked at. */
const counted = (length: number) => {
  let read = 0
  const list = new Proxy(
    Array.from({ length }, () => ({})),
    {
      get: (target, name, receiver) => {
        if (typeof name === 'string' && /^\d+$/.test(name)) read += 1
        return Reflect.get(target, name, receiver)
      },
    },
  )
  return { list, read: () => read }
}

const problems = (schema: Parameters<typeof check>[0], data: unknown): string => {
  const checked = check(schema, data)
  return checked.ok ? '' : checked.problems
}

describe('a list of 300,000 entries', () => {
  it.each([
    ['lines of an order', placedOrder, exampleOrder, 'lines', '500'],
    ['tenders', placedOrder, exampleOrder, 'tenders', '50'],
    ['shipments', placedOrder, exampleOrder, 'shipments', '200'],
    ['lines to cancel', cancelRequested, {}, 'lines', '500'],
    ['lines of a command', commands.SetStockAside.data, {}, 'lines', '20,000'],
    ['refunds', commands.ConfirmCancellation.data, {}, 'refunds', '100'],
    [
      'parcels of a record',
      commands.RecordCancellation.data,
      { record: { what: 'awaiting-merchant' } },
      'record.shipments',
      '200',
    ],
  ] as const)('is refused before anybody looks into it: %s', (_, schema, sound, path, limit) => {
    const { list, read } = counted(300_000)
    const data = path.startsWith('record.')
      ? { record: { what: 'awaiting-merchant', shipments: list } }
      : { ...sound, [path]: list }
    expect(problems(schema, data)).toBe(`${path}: expected at most ${limit} entries, got 300,000`)
    expect(read()).toBe(0)
  })

  it('inside a list is found as well', () => {
    const { list, read } = counted(300_000)
    const [shipment] = exampleOrder.shipments
    const data = { ...exampleOrder, shipments: [shipment, { ...shipment, lineIds: list }] }
    expect(problems(placedOrder, data)).toBe('shipments.1.lineIds: expected at most 500 entries, got 300,000')
    expect(read()).toBe(0)
  })

  it('is nobody’s business in a field that the contract does not know', () => {
    expect(problems(placedOrder, { ...exampleOrder, extra: counted(300_000).list })).toBe('')
  })
})

/** An order as large as one may be, in lines, parcels, tenders and bytes, of which as much as possible is filled in. */
const largest = () => {
  const lines = Array.from({ length: most.lines }, (_, line) => ({
    lineId: `${line}${'取'.repeat(50)}`,
    sku: `${line}${'消'.repeat(60)}`,
    quantity: 1,
    unitAmount: 1_000_000_000_000,
  }))
  const share = (most.lines * 1_000_000_000_000) / most.tenders
  return {
    ...exampleOrder,
    lines,
    shippingAmount: undefined,
    shippingTaxAmount: undefined,
    tenders: Array.from({ length: most.tenders }, (_, tender) => ({
      ...{ tenderId: `t${tender}`, channel: 'sandbox-card', amount: share, paymentRef: 'pay_ok' },
    })),
    shipments: Array.from({ length: most.shipments }, (_, parcel) => ({
      ...{ shipmentId: `shp-${parcel}`, carrier: 'sandbox', trackingNumber: 'OK-1', status: 'label-created' },
    })),
  }
}

/** What a broker takes as it comes, less what its own fields and our headers take. */
const brokerTakes = 1_000_000

describe('the largest order', () => {
  it('is taken, and what is made of it fits into messages', () => {
    // Amounts may be written with fewer letters than they have once they are read.
    const written = JSON.stringify(largest()).replaceAll(/\b1000000000000\b/g, '1e12')
    expect(Buffer.byteLength(written)).toBeLessThanOrEqual(most.inputBytes)
    const order = placedOrder.parse(JSON.parse(written))
    const perLine = Buffer.byteLength(',"discountAmount":0,"taxAmount":0') + 5 * 'xxxxxxxxxxxxxxxx'.length
    const grown = Buffer.byteLength(JSON.stringify(order)) - Buffer.byteLength(written)
    // Nothing of a message grows by more than its defaults, and its numbers to sixteen digits each.
    expect(grown).toBeLessThanOrEqual(most.lines * perLine + most.tenders * 16 + 100)
    expect(most.inputBytes + most.lines * perLine + most.tenders * 16 + 100).toBeLessThan(brokerTakes / 2)
  })

  it.each([
    [
      'one line more',
      { lines: Array.from({ length: 501 }, (_, line) => ({ ...exampleOrder.lines[0], lineId: `${line}` })) },
      /^lines: expected at most 500 entries, got 501$/,
    ],
    [
      'one tender more',
      { tenders: Array.from({ length: 51 }, () => exampleOrder.tenders[0]) },
      /^tenders: expected at most 50 entries, got 51$/,
    ],
    [
      'one parcel more',
      { shipments: Array.from({ length: 201 }, () => exampleOrder.shipments[0]) },
      /^shipments: expected at most 200 entries, got 201$/,
    ],
  ])('is not one with %s', (_, more, words) => {
    expect(problems(placedOrder, { ...exampleOrder, ...more })).toMatch(words)
  })
})

describe('a message of somebody else', () => {
  const headers = eventHeaders({
    id: '1',
    source: '/test',
    type: 'order.placed.v1',
    time: '2026-11-20T09:00:00Z',
    subject: 'x',
  })
  const message = (topic: string) => ({
    topic,
    key: 'x',
    value: Buffer.from(`{"a":"${'x'.repeat(most.inputBytes)}"}`),
    headers,
  })

  it('is refused when it is too large to be passed on, before it is read', () => {
    expect(() => readEnvelope(message(topics.ordersPlaced))).toThrow(
      'expected a message of at most 262,144 bytes, got 262,152',
    )
    expect(readEnvelope(message(topics.ordersAccepted)).id).toBe('1')
  })
})
