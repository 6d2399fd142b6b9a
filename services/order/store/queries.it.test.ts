import { type CancellationRecord, cancelRequested } from '@countermand/contracts'
import { migrate } from '@countermand/database'
import { createTestDatabase, largest, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { sampleRequest } from '../test/given.ts'
import { failingSagas } from './measures.ts'
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

it('lists the open requests whose code failed, and none that goes on, by the records of each', async () => {
  await sql`delete from requests`.execute(db.database)
  const alarm: CancellationRecord = {
    ...{ what: 'needs-attention', stage: 'verifying', reason: 'workflow-task-failing', error: 'x' },
    ...{ since: '2026-11-20T10:00:00Z', remedies: [] },
  }
  const key = 'attention.workflow-task-failing.run-1'
  const approved: CancellationRecord = { what: 'decided', decision: 'approve', by: 'm', at: '2026-11-20T11:00:00Z' }
  const over: CancellationRecord = { what: 'resumed', of: key, at: '2026-11-20T11:00:00Z' }
  const kept: Readonly<Record<string, readonly CancellationRecord[]>> = {
    fails: [alarm],
    recovered: [alarm, over],
    decided: [alarm, approved],
    ended: [alarm],
  }
  for (const [requestId, records] of Object.entries(kept)) {
    const ending = requestId === 'ended' ? '{}' : null
    await sql`
      insert into requests (request_id, order_id, status, request, ending, ended_at)
      values (${requestId}, ${`ord-${requestId}`}, ${ending === null ? 'asked' : 'refused'},
        ${JSON.stringify({ ...sampleRequest(), requestId })}::jsonb, ${ending}::jsonb, ${ending && new Date()})`.execute(
      db.database,
    )
    for (const [position, record] of records.entries())
      await sql`
        insert into request_records (request_id, key, position, record, at)
        values (${requestId}, ${position === 0 ? key : 'next'}, ${position}, ${JSON.stringify(record)}::jsonb, now())`.execute(
        db.database,
      )
  }
  const page = { orderId: 'sweep', requestId: 'sweep', round: 1, until: new Date().toISOString() }
  const list = (after: object) => db.database.transaction().execute((tx) => listHolds(tx, { ...page, ...after }))
  expect((await list({})).failing).toMatchObject([{ request: { requestId: 'fails' }, alarm: key }])
  expect(await list({ after: 'a' })).not.toHaveProperty('failing')
  expect(await failingSagas.read(db.database)).toMatchObject([{ value: 1 }])
})
