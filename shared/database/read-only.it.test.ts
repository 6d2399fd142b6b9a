import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { openReadOnly } from './read-only.ts'

let test: TestDatabase
let reading: ReturnType<typeof openReadOnly>

beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.order, 'read_only')
  await sql`create table things (id integer, at timestamptz, note text)`.execute(test.database)
  await sql`insert into things values (1, '2026-11-20T10:00:00Z', null)`.execute(test.database)
  reading = openReadOnly('order', test.url)
})
afterAll(async () => {
  await reading?.close()
  await test?.drop()
})

const thing = z.object({ id: z.number(), at: z.string(), note: z.string().nullable() })

it('gives rows as JSON has them, checked', async () => {
  const rows = await reading.database.rows(thing, 'select * from things where id = $1', [1])
  expect(rows).toEqual([{ id: 1, at: '2026-11-20T10:00:00+00:00', note: null }])
  await expect(reading.database.rows(thing, "select 'x' as id")).rejects.toThrow(z.ZodError)
})

it('writes nothing, not even by a function', async () => {
  await sql`create function grow() returns integer language sql as 'insert into things values (2) returning id'`.execute(
    test.database,
  )
  await expect(reading.database.rows(z.unknown(), 'select grow()')).rejects.toThrow(/read-only transaction/)
  expect((await sql`select * from things`.execute(test.database)).rows).toHaveLength(1)
})

it('says whose database does not answer, and where, without its password', async () => {
  const away = openReadOnly('payment', 'postgres://who:secret@127.0.0.1:1/nowhere')
  const error = await away.database.rows(z.unknown(), 'select 1').catch((cause: unknown) => String(cause))
  expect(error).toMatch(/payment: expected its database on 127[.]0[.]0[.]1:1 to answer/)
  expect(error).not.toContain('secret')
  await away.close()
})
