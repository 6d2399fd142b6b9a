import { randomBytes } from 'node:crypto'
import { topicPlan } from '@countermand/contracts'
import type { IncomingMessage, OutgoingMessage } from '@countermand/kafka/message.ts'
import { bytesOf, textFromBytes } from '@countermand/kafka/wire-text.ts'
import {
  type Bus,
  createBus,
  createTestDatabase,
  eventually,
  hostileBytes,
  hostileTexts,
  longestId,
  type TestDatabase,
} from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { notYet } from './decision.ts'
import type { RunningService } from './run-service.ts'
import type { ServiceDefinition } from './service.ts'

/** A small service on inventory's contracts that has heard of some orders. */
const definition: ServiceDefinition<'inventory', { readonly heard: boolean }> = {
  name: 'inventory',
  store: {
    migrations: {
      '0001-heard': {
        up: async (db) => {
          await sql`create table heard (order_id text primary key)`.execute(db)
        },
      },
    },
    load: async (tx, { orderIds }) => {
      const { rows } = await sql<{ order_id: string }>`
        select order_id from heard where order_id = any(${[...orderIds]}::text[])`.execute(tx)
      return new Map(rows.map((row) => [row.order_id, { heard: true }]))
    },
    save: async (tx, changes) => {
      for (const { orderId } of changes)
        await sql`insert into heard values (${orderId}) on conflict do nothing`.execute(tx)
    },
    heard: (state) => state.heard,
  },
  commands: {
    SetStockAside: {
      decide: (state, _, at) =>
        state === undefined && !at.patienceOver ? notYet : { answer: { type: 'StockSetAside', lines: [] } },
    },
    ReserveAgain: { decide: () => ({ answer: { type: 'NothingToUndo' } }) },
    ReturnStockToSale: { decide: () => ({ answer: { type: 'StockOnSale', lines: [] } }) },
  },
  queries: {},
  events: { 'order.accepted.v1': { decide: () => ({ state: { heard: true } }) } },
  tasks: {},
}

const topic = 'inventory.commands.v1'
const command = (orderId: string) => ({
  orderId,
  requestId: 'r1',
  round: 1,
  lines: [{ lineId: '1', sku: 'S', quantity: 1 }],
})

const order = (orderId: string) => ({
  ...{ orderId, customerId: 'cus-1', merchantId: 'mer-1', market: 'DE', currency: 'EUR' },
  placedAt: '2026-11-20T09:00:00Z',
  lines: [{ lineId: '1', sku: 'S', quantity: 1, unitAmount: 100, discountAmount: 0, taxAmount: 0 }],
  ...{ shippingAmount: 0, shippingTaxAmount: 0, shipments: [] },
  tenders: [{ tenderId: 't1', channel: 'sandbox-card' as const, amount: 100, paymentRef: 'pay_ok' }],
})

/** Headers of a command that nobody needs an answer to. */
const headersOfCommand = {
  ce_specversion: '1.0',
  ce_id: 'k/r1/x/do/1',
  ce_source: '/test',
  ce_type: 'SetStockAside',
  ce_subject: 'k',
}

let bus: Bus
let db: TestDatabase
let service: RunningService

beforeAll(async () => {
  const stack = inject('stack')
  db = await createTestDatabase(stack.databaseUrls.inventory, 'letters')
  const topics = ['saga.replies.v1', `${topic}.dlq`]
  // One partition: whoever is put aside badly holds up all the others.
  bus = await createBus({ brokers: stack.kafkaBrokers, topics, partitions: 1 })
  service = await startService(definition, { bus, db }, { orderPatience: 500, onStuck: () => {} })
})
afterAll(async () => {
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

const letterWith = (value: string) =>
  eventually(`the dead letter of ${value}`, () =>
    bus.seen.find((each) => each.topic === `${topic}.dlq` && each.value?.toString('latin1').endsWith(value)),
  )

const bytesIn = ({ headers, headerList }: Pick<IncomingMessage, 'headers' | 'headerList'>) =>
  (headerList ?? Object.entries(headers))
    .filter(([name]) => !name.startsWith('dlq-') && name !== 'traceparent')
    .map(([name, value]) => [name.toWellFormed(), bytesOf(value)?.toString('hex')])
    .toSorted()

/** Messages that cannot be used, each with a value that ends in its number. */
const unusable: readonly Omit<OutgoingMessage, 'topic'>[] = [
  ...Object.values(hostileBytes).map((bytes) => ({ key: bytes, headers: {}, value: '' })),
  ...Object.values(hostileBytes).map((bytes) => ({
    key: 'k',
    headers: { 'x-bytes': textFromBytes(bytes) },
    value: '',
  })),
  ...Object.values(hostileBytes).map((bytes) => ({
    key: 'k',
    headers: { ...headersOfCommand, ce_id: textFromBytes(bytes) },
    value: '',
  })),
  // What a schema registry's serializer writes, and what V8 quotes half of a pair of.
  ...['\0\0\0\0\x01{"orderId":"k"}', '{"note": 😀}', '😀'].map((value) => ({
    key: 'k',
    headers: headersOfCommand,
    value,
  })),
  ...Object.values(hostileTexts).map((text) => ({
    key: 'k',
    headers: headersOfCommand,
    value: `{"orderId":${JSON.stringify(text)}}`,
  })),
  ...Object.values(hostileTexts).map((text) => ({
    key: text,
    headers: { [text]: text, ce_type: text },
    value: '{"orderId":7}',
  })),
  {
    key: 'k',
    headers: {},
    headerList: [
      ['X-Upper', 'a'],
      ['x-upper', 'b'],
      ['X-Upper', '\0'],
      ['', 'empty name'],
      ['traceparent-of', textFromBytes(Buffer.from([0xff]))],
    ],
    value: '{}',
  },
]
const bad: readonly OutgoingMessage[] = unusable.map((message, at) => ({
  ...message,
  topic,
  value: `${message.value} ${at}|`,
}))

describe('a message that cannot be used', () => {
  it('becomes a dead letter byte for byte, whatever is in it, and holds up nobody behind it', async () => {
    await bus.send(bad)
    await bus.send([
      bus.event('order.accepted.v1', 'good', order('good')),
      bus.command('SetStockAside', command('good'), 'good'),
    ])
    expect((await bus.answer('good')).type).toBe('StockSetAside')
    for (const [at, message] of bad.entries()) {
      const letter = await letterWith(` ${at}|`)
      expect(letter.headers['dlq-reason'], String(message.value)).toBeTruthy()
      expect(bytesOf(letter.key)?.toString('hex')).toBe(bytesOf(message.key)?.toString('hex'))
      expect(bytesIn(letter)).toEqual(bytesIn(message))
    }
  })

  it('is a dead letter with all of it at its largest: a value as large as a topic takes, long ids, and the longest reason', async () => {
    const taken = Number(topicPlan().find(({ name }) => name === topic)?.config['max.message.bytes'])
    // Nothing makes it smaller, neither a producer nor a broker.
    const headers = {
      ...headersOfCommand,
      ce_id: longestId('id'),
      ce_source: longestId('source'),
      'x-other': longestId('x'),
    }
    const value = `${randomBytes(taken - 4_096).toString('latin1')} largest|`
    const large = { topic, key: longestId('key'), headers, value: Buffer.from(value, 'latin1') }
    await bus.send([large, bus.command('SetStockAside', command('good'), 'behind')])
    expect((await bus.answer('behind')).type).toBe('StockSetAside')
    const letter = await letterWith(' largest|')
    expect(letter.value?.equals(large.value)).toBe(true)
    expect(bytesIn(letter)).toEqual(bytesIn({ headers }))
    expect(letter.headers['dlq-error']).toBeTruthy()
  })

  it('waits for its order with any header, and is answered to an address of any bytes', async () => {
    const address = textFromBytes(Buffer.from([0, 0xff, 0x41]))
    const asked = bus.command('SetStockAside', command('late'), address)
    const headers = { ...asked.headers, 'x-bytes': textFromBytes(Buffer.from([0, 0xfe])), traceparent: '\0' }
    await bus.send([{ ...asked, headers }])
    await eventually(
      'the command to wait',
      async () => (await sql`select 1 from waiting where order_id = 'late'`.execute(db.database)).rows.length === 1,
    )
    await bus.send([bus.event('order.accepted.v1', 'late', order('late'))])
    expect((await bus.answer(address)).type).toBe('StockSetAside')
    await bus.send([bus.command('SetStockAside', command('late'), `${address}2`)])
    expect((await bus.answer(`${address}2`)).type).toBe('StockSetAside')
  })
})
