import {
  type Bus,
  createBus,
  createTestDatabase,
  eventually,
  hostileTexts,
  type TestDatabase,
} from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import type { RunningService } from './run-service.ts'
import { nextAttemptAt, type ServiceDefinition, task } from './service.ts'

/** What the last call said, kept as JSON, which takes neither NUL nor half of a pair. */
interface Called {
  readonly said: string | undefined
}

const everyText = Object.values(hostileTexts).join(' ')
const attempts = 2

/** A small service on inventory's contracts whose tasks say what the request's id tells them to. */
const definition: ServiceDefinition<'inventory', Called> = {
  name: 'inventory',
  store: {
    migrations: {
      '0001-called': {
        up: async (db) => {
          await sql`create table called (order_id text primary key, said jsonb)`.execute(db)
        },
      },
    },
    load: async (tx, { orderIds }) => {
      const { rows } = await sql<{ order_id: string; said: { text?: string } }>`
        select * from called where order_id = any(${[...orderIds]}::text[])`.execute(tx)
      return new Map(rows.map((row) => [row.order_id, { said: row.said.text }]))
    },
    save: async (tx, changes) => {
      for (const { orderId, after } of changes)
        await sql`insert into called values (${orderId}, ${JSON.stringify({ text: after.said })}::jsonb)
          on conflict (order_id) do update set said = excluded.said`.execute(tx)
    },
    heard: () => true,
  },
  commands: {
    SetStockAside: { decide: () => ({ answer: { type: 'StockSetAside', lines: [] } }) },
    ReserveAgain: { decide: () => ({ answer: { type: 'NothingToUndo' } }) },
    ReturnStockToSale: {
      decide: (_, { requestId }, at) => ({
        schedule: [
          {
            ...{ id: requestId, kind: requestId === 'unheard-of' ? 'gone' : 'call', dueAt: at.now },
            payload: requestId === 'unreadable' ? { requestId, to: 'nowhere' } : { requestId },
          },
        ],
      }),
    },
  },
  queries: {},
  events: {},
  tasks: {
    call: task<Called, { requestId: string }, { text: string }>({
      payload: z.object({ requestId: z.string(), to: z.enum(['here', 'there']).optional() }),
      perform: async ({ requestId }) => {
        if (requestId === 'hangs') await new Promise(() => {})
        if (requestId === 'fails') throw new Error(everyText)
        return { text: everyText }
      },
      withinMs: 300,
      decide: (_, { requestId }, result, at) => {
        const settle = (answer: { type: 'StockOnSale'; lines: [] } | { type: 'StepFailed'; error: string }) => [
          {
            ...({ requestId, step: 'return-stock', direction: 'do' } as const),
            answer: answer.type === 'StepFailed' ? { ...answer, attempts: at.attempt, moneyInDoubt: false } : answer,
          },
        ]
        if (result.ok)
          return {
            // As a handler that forgets a text: the database takes no NUL.
            state: { said: requestId === 'unsaveable' ? '\0' : result.value?.text },
            settle: settle({ type: 'StockOnSale', lines: [] }),
          }
        const dueAt = nextAttemptAt(at, { attempts, backoffMs: 10 })
        return dueAt === undefined
          ? { settle: settle({ type: 'StepFailed', error: result.error }) }
          : { schedule: [{ id: requestId, kind: 'call', dueAt, payload: { requestId } }] }
      },
    }),
  },
}

let bus: Bus
let db: TestDatabase
let service: RunningService

beforeAll(async () => {
  const stack = inject('stack')
  db = await createTestDatabase(stack.databaseUrls.inventory, 'tasks')
  bus = await createBus({ brokers: stack.kafkaBrokers, topics: ['saga.replies.v1'] })
  service = await startService(definition, { bus, db }, { orderPatience: 500, taskAttempts: 1, onStuck: () => {} })
})
afterAll(async () => {
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

const ask = async (requestId: string) => {
  await bus.send([bus.command('ReturnStockToSale', { orderId: `o-${requestId}`, requestId, round: 1 }, requestId)])
  return await bus.answer(requestId)
}
const left = async () =>
  (
    await sql<{ id: string; last_error: string | null }>`select id, last_error from tasks order by id`.execute(
      db.database,
    )
  ).rows

describe('a call whose answer is hostile text', () => {
  it('is saved, its text cleaned', async () => {
    expect((await ask('says')).type).toBe('StockOnSale')
    const { rows } = await sql<{ said: { text: string } }>`select said from called where order_id = 'o-says'`.execute(
      db.database,
    )
    expect(rows[0]?.said.text).toContain('Ü-7')
  })

  it('fails its step in words, once its attempts are used up', async () => {
    const { type, data } = await ask('fails')
    expect([type, data.attempts]).toEqual(['StepFailed', attempts])
    expect(data.error).toContain("O'Brien")
    expect(await left()).toEqual([])
  })

  it('is a call that failed when its result can be saved in no way', async () => {
    const { type, data } = await ask('unsaveable')
    expect(type).toBe('StepFailed')
    expect(data.error).toContain('expected a result that can be used')
    expect(await left()).toEqual([])
  })
})

it('a call that never comes back is one that failed, and is tried again', async () => {
  const { type, data } = await ask('hangs')
  expect([type, data.error, data.attempts]).toEqual(['StepFailed', 'expected an answer within 300 ms', attempts])
  expect(await left()).toEqual([])
})

it('a task whose payload cannot be read is set aside, and its step fails in words', async () => {
  const { type, data } = await ask('unreadable')
  const words =
    'task call: expected a payload that the task can read, got to: expected one of here, there, got "nowhere"'
  expect([type, data.error]).toEqual(['StepFailed', words])
  await eventually('the task to be set aside', async () =>
    (await left()).some(({ id, last_error }) => id === 'unreadable' && last_error === words),
  )
})

it('a task that cannot be run at all is set aside with its error, and its step fails', async () => {
  const { type, data } = await ask('unheard-of')
  expect(type).toBe('StepFailed')
  expect(data.error).toContain('expected a task handler of inventory, got kind gone')
  const found = async () => (await left()).find(({ id }) => id === 'unheard-of')
  await eventually('the task to be set aside', async () => (await found())?.last_error)
  expect((await found())?.last_error).toContain('kind gone')
})
