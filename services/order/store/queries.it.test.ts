import { cancelRequested } from '@countermand/contracts'
import { migrate } from '@countermand/database'
import { createTestDatabase, largest, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { sampleRequest } from '../test/samples.ts'
import { listHolds } from './queries.ts'
import { store } from './store.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(inject('stack').databaseUrls.order, 'order_holds')
  await migrate(db.database, store.migrations)
})
afterAll(() => db?.drop())

it('reads of thousands of holds those of the page that is asked for, and no others', async () => {
  const held = 5_000
  await sql`
    insert into requests (request_id, order_id, status, request, begun, started_at)
    select 'req-' || md5(n::text), 'ord-' || n, 'holding',
      jsonb_set(${JSON.stringify(sampleRequest())}::jsonb, '{requestId}', to_jsonb('req-' || md5(n::text))), '{}', now()
    from generate_series(1, ${held}) n`.execute(db.database)
  await sql`analyze requests`.execute(db.database)
  const until = new Date(Date.now() + 60_000).toISOString()
  const page = { orderId: 'sweep', requestId: 'sweep', round: 1, until, after: 'req-8' }
  const { listed, read } = await db.database.transaction().execute(async (tx) => {
    const { holds } = await listHolds(tx, page)
    const { rows } = await sql<{ read: number }>`
      select pg_stat_get_xact_tuples_returned('holds_in_order'::regclass)::int
        + pg_stat_get_xact_tuples_returned('requests'::regclass)::int as read`.execute(tx)
    return { listed: holds.map(({ request }) => request.requestId), read: rows[0]?.read }
  })
  expect(listed.length).toBeGreaterThan(0)
  expect(listed).toEqual(listed.toSorted())
  expect(read).toBe(listed.length + 1)
})

it('lists the holds around one whose request cannot be read', async () => {
  await sql`delete from requests`.execute(db.database)
  const ids = ['req-1', 'req-2', 'req-3']
  for (const requestId of ids) {
    const requestedAt = requestId === 'req-2' ? 'yesterday' : '2026-11-20T10:00:00Z'
    // Of such an id too intake would say no today.
    const id = requestId === 'req-3' ? 'cus\t7' : 'cus-7'
    const request = { ...sampleRequest(), requestId, requestedAt, initiator: { kind: 'customer', id } }
    await sql`
      insert into requests (request_id, order_id, status, request, begun, started_at)
      values (${requestId}, ${`ord-${requestId}`}, 'holding', ${JSON.stringify(request)}::jsonb, '{}', now())`.execute(
      db.database,
    )
  }
  const until = new Date(Date.now() + 60_000).toISOString()
  const page = { orderId: 'sweep', requestId: 'sweep', round: 1, until }
  const { holds, more } = await db.database.transaction().execute((tx) => listHolds(tx, page))
  expect(holds.map(({ request }) => request.requestId)).toEqual(['req-1', 'req-3'])
  expect(more).toBe(false)
})

it('lists of the largest holds so many at once as a message has room for, and one at least', async () => {
  await sql`delete from requests`.execute(db.database)
  const { value } = largest(cancelRequested, 'three')
  for (const requestId of ['req-1', 'req-2', 'req-3'])
    await sql`
      insert into requests (request_id, order_id, status, request, begun, started_at)
      values (${requestId}, ${`ord-${requestId}`}, 'holding', ${JSON.stringify({ ...Object(value), requestId })}::jsonb, '{}', now())`.execute(
      db.database,
    )
  const until = new Date(Date.now() + 60_000).toISOString()
  const page = { orderId: 'sweep', requestId: 'sweep', round: 1, until }
  const { holds, more } = await db.database.transaction().execute((tx) => listHolds(tx, page))
  expect(holds.map(({ request }) => request.requestId)).toEqual(['req-1'])
  expect(more).toBe(true)
  expect(Buffer.byteLength(JSON.stringify(holds))).toBeLessThan(1_000_000)
})
