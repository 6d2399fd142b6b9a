import { type Database, migrate } from '@countermand/database'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { answersAtOnce } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { createExecutor, type Executor } from './executor.ts'
import { kitMigrations } from './migrations.ts'
import type { Work } from './work.ts'

const definition = answersAtOnce()

let test: TestDatabase
let database: Database
let executor: Executor
let done: Work<object>[]
beforeEach(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.inventory, 'executor')
  database = test.database
  await migrate(database, kitMigrations)
  done = []
  const transact = async (works: readonly Work<object>[]) => void done.push(...works)
  executor = createExecutor<object>({
    ...{ definition, database, attempts: 3, log: createLogger({ name: 'test', level: 'silent' }) },
    transactor: () => ({ transact }),
  })
})
afterEach(async () => {
  await executor.stop(1_000)
  await test.drop()
})

const attemptsOf = async () => {
  const { rows } = await sql<{ attempts: number }>`select attempts from tasks`.execute(database)
  return rows[0]?.attempts
}
const leasePasses = async () => {
  await sql`update tasks set lease_until = null`.execute(database)
  executor.wake(Date.now())
}

it('leaves a task that has run often, and that this release cannot run, to others before it is set aside', async () => {
  await sql`insert into tasks (id, order_id, kind, payload, due_at, attempts)
    values ('t', 'o', 'of-a-newer-release', '{}', now(), 500)`.execute(database)
  executor.start()
  for (const attempts of [501, 502]) {
    await eventually('it to be tried', async () => (await attemptsOf()) === attempts)
    expect(done).toEqual([])
    await leasePasses()
  }
  await eventually('it to be given up', () => done.length === 1)
  expect(done).toMatchObject([{ kind: 'broken-task', taskId: 't' }])
})
