import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Database, isInfrastructureError, openDatabase } from './database.ts'

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
