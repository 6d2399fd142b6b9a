import { createLogger } from '@countermand/telemetry'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { notYet } from './decision.ts'
import type { RunningService } from './run-service.ts'
import { type ServiceDefinition, task } from './service.ts'

/** A small service on inventory's contracts: it counts what it did, so that doing twice shows. */
interface Counter {
  readonly heard: boolean
  readonly done: number
}

/** Customers whose orders become dead letters. */
const refused = new Set<string>()

const definition: ServiceDefinition<'inventory', Counter> = {
  name: 'inventory',
  store: {
    migrations: {
      '0001-counter': {
        up: async (db) => {
          await sql`create table counters (order_id text primary key, heard boolean not null, done integer not null)`.execute(
            db,
          )
        },
      },
    },
    load: async (tx, { orderIds }) => {
      const { rows } = await sql<{ order_id: string; heard: boolean; done: number }>`
        select * from counters where order_id = any(${[...orderIds]}::text[])`.execute(tx)
      return new Map(rows.map((row) => [row.order_id, { heard: row.heard, done: row.done }]))
    },
    save: async (tx, changes) => {
      for (const { orderId, after } of changes)
        await sql`insert into counters values (${orderId}, ${after.heard}, ${after.done})
          on conflict (order_id) do update set heard = excluded.heard, done = excluded.done`.execute(tx)
    },
    heard: (state) => state.heard,
  },
  commands: {
    SetStockAside: {
      decide: (state, command, at) => {
        if (state === undefined)
          return at.patienceOver ? { answer: { type: 'ReservationNotFound', message: 'never heard of it' } } : notYet
        if (command.lines[0]?.sku === 'BUG') throw new Error('a bug')
        return { state: { ...state, done: state.done + 1 }, answer: { type: 'StockSetAside', lines: [] } }
      },
    },
    ReserveAgain: { decide: () => ({ answer: { type: 'NothingToUndo' } }) },
    ReturnStockToSale: {
      decide: (_, command, at) => ({
        schedule: [
          { id: `later/${command.requestId}`, kind: 'later', dueAt: at.now, payload: { requestId: command.requestId } },
        ],
      }),
    },
  },
  queries: {},
  events: {
    'order.accepted.v1': {
      decide: (_, { customerId }) =>
        refused.has(customerId ?? '')
          ? { deadLetter: { reason: 'order-changed', error: 'expected another customer' } }
          : { state: { heard: true, done: 0 } },
    },
  },
  tasks: {
    later: task<Counter, { requestId: string }, string>({
      payload: z.object({ requestId: z.string() }),
      perform: async () => 'called',
      decide: (_, { requestId }, result, at) =>
        at.attempt < 3
          ? { schedule: [{ id: `later/${requestId}`, kind: 'later', dueAt: at.now, payload: { requestId } }] }
          : {
              settle: [
                { requestId, step: 'return-stock', direction: 'do', answer: { type: 'StockOnSale', lines: [] } },
              ],
              ...(result.ok ? {} : {}),
            },
    }),
  },
}

const order = (orderId: string) => ({
  orderId,
  customerId: 'cus-1',
  merchantId: 'mer-1',
  market: 'DE',
  currency: 'EUR',
  placedAt: '2026-11-20T09:00:00Z',
  lines: [{ lineId: '1', sku: 'SKU', quantity: 1, unitAmount: 100, discountAmount: 0, taxAmount: 0 }],
  shippingAmount: 0,
  shippingTaxAmount: 0,
  tenders: [{ tenderId: 't1', channel: 'sandbox-card' as const, amount: 100, paymentRef: 'pay_ok' }],
  shipments: [],
})
const setAside = (orderId: string, requestId = 'r1', sku = 'SKU') => ({
  orderId,
  requestId,
  round: 1,
  lines: [{ lineId: '1', sku, quantity: 1 }],
})

let bus: Bus
let db: TestDatabase
let service: RunningService<Counter>
const lines: string[] = []

beforeAll(async () => {
  const stack = inject('stack')
  db = await createTestDatabase(stack.databaseUrls.inventory, 'kit')
  bus = await createBus({
    brokers: stack.kafkaBrokers,
    topics: ['saga.replies.v1', 'inventory.commands.v1.dlq', 'orders.accepted.v1.dlq', 'orders.cancellations.v1'],
  })
  const log = createLogger({ name: 'kit-test', level: 'info', stream: { write: (line) => void lines.push(line) } })
  service = await startService(definition, { bus, db }, { orderPatience: 1_000, log })
})
afterAll(async () => {
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

const count = async (orderId: string) =>
  (await sql<{ done: number }>`select done from counters where order_id = ${orderId}`.execute(db.database)).rows[0]
    ?.done

describe('a service run by the kit', () => {
  it('does a command once and gives its duplicates the stored answer, each to its own address', async () => {
    await bus.send([bus.event('order.accepted.v1', 'o1', order('o1'))])
    await bus.send([1, 2, 3].map((n) => bus.command('SetStockAside', setAside('o1'), `a${n}`)))
    for (const n of [1, 2, 3]) expect((await bus.answer(`a${n}`)).type).toBe('StockSetAside')
    expect(await count('o1')).toBe(1)
    const said = lines.map((line) => JSON.parse(line)).filter((line) => line.orderId === 'o1')
    expect(said.map(({ sagaId, requestId, commandId, answer }) => [sagaId, requestId, commandId, answer])).toEqual(
      Array(3).fill(['cancel-o1-r1', 'r1', 'o1/r1/set-stock-aside/do/1', 'StockSetAside']),
    )
  })

  it('answers Undone to a do that comes after its undo', async () => {
    await bus.send([bus.event('order.accepted.v1', 'o2', order('o2'))])
    await bus.send([bus.command('ReserveAgain', { orderId: 'o2', requestId: 'r1', round: 1 }, 'undo')])
    expect((await bus.answer('undo')).type).toBe('NothingToUndo')
    await bus.send([bus.command('SetStockAside', setAside('o2'), 'late')])
    expect((await bus.answer('late')).type).toBe('Undone')
    expect(await count('o2')).toBe(0)
  })

  it('keeps a command that overtakes its order, and takes it up when the order comes', async () => {
    await bus.send([bus.command('SetStockAside', setAside('o3'), 'early')])
    await eventually(
      'the command to wait',
      async () => (await sql`select 1 from waiting where order_id = 'o3'`.execute(db.database)).rows.length === 1,
    )
    await bus.send([bus.event('order.accepted.v1', 'o3', order('o3'))])
    expect((await bus.answer('early')).type).toBe('StockSetAside')
  })

  it('answers a command whose order never comes once patience is over', async () => {
    await bus.send([bus.command('SetStockAside', setAside('o4'), 'never')])
    expect((await bus.answer('never')).type).toBe('ReservationNotFound')
  })

  it('runs a task until it settles its command, also for the latest asker', async () => {
    await bus.send([bus.command('ReturnStockToSale', { orderId: 'o5', requestId: 'r1', round: 1 }, 'task')])
    expect((await bus.answer('task')).type).toBe('StockOnSale')
  })

  it('makes a dead letter of what cannot be read and of what it cannot process, tells the asker, and goes on', async () => {
    await bus.send([
      bus.event('order.accepted.v1', 'o6', order('o6')),
      { topic: 'inventory.commands.v1', key: 'o6', headers: {}, value: '{ not json' },
      { ...bus.command('SetStockAside', setAside('o6'), 'broken'), value: '{"orderId":"o6"}' },
      bus.command('SetStockAside', setAside('o6', 'r2', 'BUG'), 'bug'),
      bus.command('SetStockAside', setAside('o6'), 'good'),
    ])
    expect((await bus.answer('good')).type).toBe('StockSetAside')
    expect((await bus.answer('broken')).type).toBe('CommandRejected')
    expect((await bus.answer('bug')).type).toBe('CommandRejected')
    const letters = await eventually('three dead letters', () => {
      const found = bus.seen.filter((message) => message.topic === 'inventory.commands.v1.dlq')
      return found.length === 3 && found
    })
    expect(letters.map((letter) => letter.headers['dlq-reason']).sort()).toEqual([
      'invalid-data',
      'missing-headers',
      'processing-failed',
    ])
  })

  it('takes an event that became a dead letter when it is sent again, and that one once', async () => {
    const event = bus.event('order.accepted.v1', 'o7', order('o7'))
    refused.add('cus-1')
    await bus.send([event])
    await eventually('its dead letter', () => bus.seen.some(({ topic, key }) => topic.endsWith('.dlq') && key === 'o7'))
    refused.clear()
    await bus.send([event])
    await eventually('the order', async () => (await count('o7')) === 0)
    await bus.send([bus.command('SetStockAside', setAside('o7'), 'after'), event])
    expect((await bus.answer('after')).type).toBe('StockSetAside')
    await bus.send([bus.command('SetStockAside', setAside('o7', 'r2'), 'later')])
    expect((await bus.answer('later')).type).toBe('StockSetAside')
    expect(await count('o7')).toBe(2)
  })

  it('decides what came as no message on what is known by then, publishes it, and tells whoever asked', async () => {
    const said = (message: string) => ({
      ...{ type: 'order.change.refused.v1' as const, id: ['deed'] },
      data: { orderId: 'o8', changeId: 'c1', code: 'lines' as const, message, at: '2026-11-20T09:00:00Z' },
    })
    const ask = () =>
      service.decide('o8', (state, { now }) => ({
        decision: { state: { heard: true, done: (state?.done ?? 0) + 1 }, publish: [said(now)] },
        value: state?.done ?? 'nothing',
      }))
    expect(await ask()).toBe('nothing')
    expect(await ask()).toBe(1)
    expect(await count('o8')).toBe(2)
    const sent = () => bus.seen.filter(({ topic, key }) => topic === 'orders.cancellations.v1' && key === 'o8')
    await eventually('both to be published', () => sent().length === 2)
  })

  it('throws a deed that cannot be decided at whoever asked, and does what was asked beside it', async () => {
    const broken = service.decide('o9', () => {
      throw new Error('a bug')
    })
    const good = service.decide('o9', () => ({ decision: { state: { heard: true, done: 7 } }, value: 'done' }))
    await expect(broken).rejects.toThrow('a bug')
    expect(await good).toBe('done')
    expect(await count('o9')).toBe(7)
  })

  it('publishes every answer exactly once to the outbox and marks it', async () => {
    await eventually(
      'the outbox to be empty',
      async () => (await sql`select 1 from outbox where published_at is null`.execute(db.database)).rows.length === 0,
    )
    expect(await service.readiness()).toEqual([])
  })
})
