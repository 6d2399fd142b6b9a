import { type Database, migrate } from '@countermand/database'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { answersAtOnce } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { claimTasks, nextDue } from './claim-tasks.ts'
import { createExecutor, type Executor } from './executor.ts'
import { kitMigrations } from './migrations.ts'
import { type ServiceDefinition, task } from './service.ts'
import type { Work } from './work.ts'

/** Calls that are under way, each with what ends it. */
const calls = new Map<string, () => void>()
const definition: ServiceDefinition<'inventory', object> = {
  ...answersAtOnce(),
  tasks: {
    call: task<object, string, void>({
      payload: z.string(),
      perform: (name) => new Promise((resolve) => calls.set(name, resolve)),
      decide: () => ({}),
    }),
  },
}

let test: TestDatabase
let database: Database
let executor: Executor
let done: Work<object>[]
beforeEach(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.inventory, 'executor')
  database = test.database
  await migrate(database, kitMigrations)
  done = []
  calls.clear()
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

it('reads only what it takes of many tasks', async () => {
  await sql`insert into tasks (id, order_id, kind, payload, due_at)
    select 'later-' || n, 'o', 'call', '{}', now() + interval '1 second' * n from generate_series(1, 20000) n`.execute(
    database,
  )
  await sql`insert into tasks (id, order_id, kind, payload, due_at)
    values ('due', 'o', 'call', '{}', now() - interval '1 second')`.execute(database)
  await sql`analyze tasks`.execute(database)
  const read = await database.transaction().execute(async (tx) => {
    const { rows } = await claimTasks(tx, 'token', new Map(), new Date())
    expect(rows.map(({ id }) => id)).toEqual(['due'])
    expect(await nextDue(tx, new Map([['due', null]]))).toBeInstanceOf(Date)
    const { rows: counts } = await sql<{ read: string }>`select seq_tup_read + coalesce(idx_tup_fetch, 0) as read
      from pg_stat_xact_user_tables where relname = 'tasks'`.execute(tx)
    return Number(counts[0]?.read)
  })
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThan(200)
})

const enter = (party: string | null, names: readonly string[]) =>
  sql`insert into tasks (id, order_id, kind, payload, due_at, party)
    select name, name, 'call', to_jsonb(name), now() - interval '1 minute', ${party}
    from unnest(${[...names]}::text[]) name`.execute(database)
const hanging = Array.from({ length: 100 }, (_, index) => `hanging-${index}`)
const called = (beginning: string) => [...calls.keys()].filter((name) => name.startsWith(beginning)).length

it('asks a party that hangs only so often at once, and everybody else meanwhile, though they came later', async () => {
  await enter('hangs', hanging)
  await enter('answers', ['answered-1', 'answered-2'])
  await enter(null, ['own-1', 'own-2', 'own-3'])
  executor.start()
  await eventually('the others to be called', () => called('answered') === 2 && called('own') === 3)
  expect(called('hanging')).toBe(8)
  for (const name of [...calls.keys()].filter((each) => !each.startsWith('hanging'))) calls.get(name)?.()
  await eventually('the others to be done', () => done.length === 5)
  // Saved they are gone: here nobody takes them out of the table.
  await sql`delete from tasks where party is distinct from 'hangs'`.execute(database)
  await enter('answers', ['answered-3'])
  executor.wake(Date.now())
  await eventually('a later one to be called', () => called('answered-3') === 1)
  expect(called('hanging')).toBe(8)
})

it('calls the next one of a party as soon as one has come back', async () => {
  await enter('hangs', hanging)
  executor.start()
  await eventually('some to be called', () => called('hanging') === 8)
  const [first] = calls.keys()
  calls.get(first ?? '')?.()
  await eventually('one more to be called', () => called('hanging') === 9)
})
