import { randomUUID } from 'node:crypto'
import { type Answer, eventHeaders } from '@countermand/contracts'
import { type Database, migrate } from '@countermand/database'
import { readMessage } from '@countermand/kafka/reading.ts'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { answersAtOnce } from '@countermand/testing/service.ts'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { notYet } from './decision.ts'
import { createExecutor } from './executor.ts'
import { kitMigrations } from './migrations.ts'
import { createOutbox } from './outbox.ts'
import type { ServiceDefinition } from './service.ts'
import { createTransactor } from './transactor.ts'
import type { TaskWork, Work } from './work.ts'

/** So long a statement may take here, in ms; a service's has 15 s. */
const statementMs = 500

/** What an order's row costs to be saved, in ms, is part of its state. */
interface Slow {
  readonly savesInMs: number
}

const atOnce = answersAtOnce<Slow>()
const definition: ServiceDefinition<'inventory', Slow> = {
  ...atOnce,
  store: {
    ...atOnce.store,
    save: async (tx, changes) => {
      const seconds = changes.reduce((sum, { after }) => sum + after.savesInMs, 0) / 1_000
      await sql`select pg_sleep(${seconds}::float8)`.execute(tx)
    },
  },
  commands: {
    ...atOnce.commands,
    SetStockAside: {
      decide: (_, { lines }) => ({
        state: { savesInMs: lines[0]?.quantity ?? 0 },
        answer: { type: 'StockSetAside', lines: [] },
      }),
    },
  },
}

let test: TestDatabase
let database: Database
beforeEach(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.inventory, 'transactor')
  await migrate(test.database, kitMigrations)
  const pool = new pg.Pool({ connectionString: test.url, statement_timeout: statementMs })
  // Cut when its database is dropped.
  pool.on('error', () => {})
  database = new Kysely({ dialect: new PostgresDialect({ pool }) })
})
afterEach(async () => {
  await database.destroy()
  await test.drop()
})

const transactor = (of = definition) => {
  const answers: Answer['type'][] = []
  const onTasks: ((due: number) => void)[] = []
  const log = createLogger({ name: 'test', level: 'silent' })
  const publisher = { publish: async () => {} }
  const outbox = createOutbox({ database, publisher, service: 'inventory', writer: 'me', onReduced: () => {}, log })
  const { transact } = createTransactor<Slow>({
    ...{ definition: of, database, outbox, orderPatience: 60_000, log },
    onTasks: (due) => {
      for (const told of onTasks) told(due)
    },
    ...{ onReduced: () => {}, onAnswer: (answer: Answer['type']) => answers.push(answer) },
  })
  return { transact, answers, onTasks }
}

/** A command whose order takes so long to be saved. */
const command = (orderId: string, savesInMs: number): Work<Slow> =>
  readMessage('inventory', {
    ...{ topic: 'inventory.commands.v1', partition: 0, offset: orderId, key: orderId },
    headers: {
      ...eventHeaders({
        ...{ id: `r1/${orderId}`, source: '/test', type: 'SetStockAside', subject: 'r1' },
        time: new Date().toISOString(),
      }),
      ...{ 'reply-topic': 'saga.replies.v1', 'reply-to': orderId },
    },
    value: Buffer.from(
      JSON.stringify({
        ...{ orderId, requestId: 'r1', round: 1 },
        lines: [{ lineId: '1', sku: 'S', quantity: savesInMs }],
      }),
    ),
  })

const outboxOf = async () => {
  const { rows } = await sql<{ topic: string; reason: string | null; key: Buffer }>`
    select topic, headers ->> 'dlq-reason' as reason, key from outbox order by id`.execute(test.database)
  return rows.map(({ topic, reason, key }) => [topic, reason, key.toString()])
}

/** An order of no more than its id. */
const order = (orderId: string): Work<Slow> => ({
  ...{ kind: 'event', type: 'order.accepted.v1', source: '/test', id: `placed-${orderId}`, orderId, traceparent: null },
  data: { orderId },
  raw: { topic: 'orders.accepted.v1', partition: 0, offset: orderId, key: orderId, value: null, headers: {} },
})

describe('what waited for an order', () => {
  /** Commands wait until their order has come, with the patience of a minute. */
  const waiting: ServiceDefinition<'inventory', Slow> = {
    ...definition,
    store: {
      ...definition.store,
      migrations: {},
      load: async (tx) => {
        const { rows } = await sql<{ id: string }>`select id from inbox where source = '/test'`.execute(tx)
        return new Map(rows.map(({ id }) => [id.replace('placed-', ''), { savesInMs: 0 }]))
      },
    },
    commands: {
      ...definition.commands,
      SetStockAside: {
        decide: (state, _, { patienceOver }) => {
          if (patienceOver) return { answer: { type: 'ReservationNotFound', message: 'out of patience' } }
          return state === undefined ? notYet : { answer: { type: 'StockSetAside', lines: [] } }
        },
      },
    },
    events: { 'order.accepted.v1': { decide: () => ({ state: { savesInMs: 1 } }) } },
  }

  it('is looked at again at once when the database went away between the order and it', async () => {
    const parts = transactor(waiting)
    const executor = createExecutor({
      ...{ definition: waiting, database, attempts: 3, log: createLogger({ name: 'test', level: 'silent' }) },
      transactor: () => parts,
    })
    parts.onTasks.push((due) => executor.wake(due))
    await parts.transact([command('1', 1)])
    await sql`create function away() returns trigger language plpgsql as
      $$ begin raise exception 'shutting down' using errcode = '57P01'; end $$`.execute(test.database)
    await sql`create trigger away before delete on waiting for each row execute function away()`.execute(test.database)
    await parts.transact([order('1')])
    expect(parts.answers).toEqual([])
    await sql`drop trigger away on waiting`.execute(test.database)
    executor.start()
    await eventually('its answer', () => parts.answers.length > 0)
    expect(parts.answers).toEqual(['StockSetAside'])
    await executor.stop(1_000)
    const { rows } = await sql`select id from tasks`.execute(test.database)
    expect(rows).toEqual([])
  })

  it('waits on when a look ends that somebody else has come before', async () => {
    const { transact, answers } = transactor(waiting)
    await transact([command('1', 1)])
    const { rows } = await sql<{ id: string; message: string }>`
      select t.id, w.message_id as message from tasks t join waiting w using (order_id)`.execute(test.database)
    const [{ id: taskId, message: messageId } = { id: '', message: '' }] = rows
    // Its lease is another's by now, or nobody's: the message was looked at, and waits again.
    await transact([{ kind: 'patience', taskId, orderId: '1', token: randomUUID(), messageId, arrived: true }])
    await transact([order('1')])
    expect(answers).toEqual(['StockSetAside'])
  })
})

describe('work that the database does not finish in time', () => {
  it('is done one by one when only all of it together is too much', async () => {
    const { transact, answers } = transactor()
    await transact(['1', '2', '3', '4'].map((orderId) => command(orderId, 200)))
    expect(answers).toEqual(['StockSetAside', 'StockSetAside', 'StockSetAside', 'StockSetAside'])
  })

  it('is a dead letter when it never is alone either, and what is behind it goes on', async () => {
    const { transact, answers } = transactor()
    await transact([command('1', 1), command('slow', 2_000), command('2', 1)])
    expect(answers).toEqual(['StockSetAside', 'CommandRejected', 'StockSetAside'])
    expect(await outboxOf()).toEqual([
      ['saga.replies.v1', null, '1'],
      ['inventory.commands.v1.dlq', 'processing-failed', 'slow'],
      ['saga.replies.v1', null, 'slow'],
      ['saga.replies.v1', null, '2'],
    ])
  })

  it('is a call that failed when it is the result of one', async () => {
    const { transact } = transactor()
    const told: string[] = []
    await sql`insert into tasks (id, order_id, kind, payload, due_at, lease_token)
      values ('t', 'o', 'call', '{}', now(), 'mine')`.execute(test.database)
    const work: TaskWork<Slow> = {
      ...{ kind: 'task', taskId: 't', orderId: 'o', token: 'mine', traceparent: null },
      decide: () => ({ state: { savesInMs: 2_000 } }),
      failing: (error) => () => {
        told.push(error)
        return {}
      },
    }
    await transact([work])
    expect(told).toEqual([expect.stringContaining('statement timeout')])
  })

  it('sets a task aside when even its failure is not saved in time', async () => {
    const { transact } = transactor()
    await sql`insert into tasks (id, order_id, kind, payload, due_at, lease_token)
      values ('t', 'o', 'call', '{}', now(), 'mine')`.execute(test.database)
    const slow = () => ({ state: { savesInMs: 2_000 } })
    await transact([
      {
        ...{ kind: 'task', taskId: 't', orderId: 'o', token: 'mine', traceparent: null },
        ...{ decide: slow, failing: () => slow },
      },
    ])
    const { rows } = await sql<{ last_error: string }>`select last_error from tasks`.execute(test.database)
    expect(rows).toEqual([{ last_error: expect.stringContaining('statement timeout') }])
  })

  it('waits, and is no dead letter, when the database has time for nothing', async () => {
    await sql`create function slow() returns trigger language plpgsql as
      $$ begin perform pg_sleep(2); return new; end $$`.execute(test.database)
    await sql`create trigger slow before insert on outbox execute function slow()`.execute(test.database)
    const { transact, answers } = transactor()
    await expect(transact([command('1', 1)])).rejects.toThrow('expected')
    expect(answers).toEqual([])
    await sql`drop trigger slow on outbox`.execute(test.database)
    await transact([command('1', 1)])
    expect(answers).toEqual(['StockSetAside'])
  })
})
