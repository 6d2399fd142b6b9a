import { migrate } from '@countermand/database'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { OutgoingMessage } from './message.ts'
import { kitMigrations } from './migrations.ts'
import { createOutbox } from './outbox.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(inject('stack').databaseUrls.order, 'outbox')
  await migrate(db.database, kitMigrations)
})
afterAll(() => db.drop())

it('lets no message overtake an older one of its key that cannot be sent, and holds up no other key', async () => {
  const sent: string[] = []
  let mended = false
  const outbox = createOutbox({
    database: db.database,
    publisher: {
      publish: async (messages: readonly OutgoingMessage[]) => {
        if (!mended && messages.some(({ topic }) => topic === 'refused')) throw new Error('no such topic')
        sent.push(...messages.map(({ key, value }) => `${key} ${value}`))
      },
      healthy: () => true,
      stop: async () => {},
    },
    ...{ writer: 'me', log: createLogger({ name: 'test', level: 'silent' }) },
  })
  const message = (key: string, value: string, topic = 'taken') => ({ topic, key, value, headers: {} })
  const add = async (...messages: OutgoingMessage[]) =>
    outbox.settle(await db.database.transaction().execute((tx) => outbox.add(tx, messages)), true)
  await add(message('a', '1', 'refused'), message('a', '2'), message('b', '1'))
  await add(message('a', '3'), message('b', '2'))
  outbox.start()
  await eventually('the other key to be sent', () => sent.includes('b 2'))
  expect(sent).toEqual(['b 1', 'b 2'])
  mended = true
  await eventually('the rest to be sent', () => sent.length === 5)
  expect(sent.slice(2)).toEqual(['a 1', 'a 2', 'a 3'])
  const { rows } = await sql`select 1 from outbox where published_at is null`.execute(db.database)
  expect(rows).toEqual([])
  await outbox.stop()
})
