import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Database, databaseLimits, isInfrastructureError, openDatabase } from './database.ts'
import { migrate } from './migrate.ts'

let test: TestDatabase
let database: Database
const errors: Error[] = []

beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.order, 'connections')
  database = openDatabase(test.url, { maxConnections: 2, onError: (error) => errors.push(error) })
})
afterAll(async () => {
  await database?.destroy()
  await test?.drop()
})

// An error that nobody listens to would end the process, and this test run with it.
it('tells of a connection that is cut between two statements of a transaction, and makes a new one', async () => {
  const broken = await database
    .transaction()
    .execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(test.database)
      await eventually('the broken connection to be told', () => errors.length > 0)
      await sql`select 1`.execute(tx)
    })
    .catch((error: unknown) => error)
  expect(isInfrastructureError(broken)).toBe(true)
  expect((await sql`select 1 as one`.execute(database)).rows).toEqual([{ one: 1 }])
})

it('gives every connection its limits, and a migration none', async () => {
  const limits = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']
  const read = async (db: Database) => {
    const { rows } = await sql<{ name: string; setting: string }>`
      select name, setting from pg_settings where name = any(${limits})`.execute(db)
    return Object.fromEntries(rows.map(({ name, setting }) => [name, Number(setting)]))
  }
  const limited = {
    statement_timeout: databaseLimits.statementMs,
    lock_timeout: databaseLimits.lockMs,
    idle_in_transaction_session_timeout: databaseLimits.idleInTransactionMs,
  }
  expect(await read(database)).toEqual(limited)
  let during: Record<string, number> = {}
  const up = async (db: Database) => {
    during = await read(db)
  }
  await migrate(database, { '0001-looks': { up } })
  expect(during).toEqual({ statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 })
  expect(await Promise.all([1, 2].map(() => read(database)))).toEqual([limited, limited])
})

it('takes a lock that nobody gives up for a fault of the database, and not of the message', async () => {
  await sql`create table contended (id integer primary key)`.execute(database)
  const locked = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const holder = test.database.transaction().execute(async (tx) => {
    await sql`lock table contended in access exclusive mode`.execute(tx)
    locked.resolve()
    await release.promise
  })
  await locked.promise
  const error = await sql`select 1 from contended`.execute(database).catch((failed: unknown) => failed)
  expect(error).toMatchObject({ code: '55P03' })
  expect(isInfrastructureError(error)).toBe(true)
  release.resolve()
  await holder
})
