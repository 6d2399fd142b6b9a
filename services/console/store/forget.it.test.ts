import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { heard, orderId, wholeLife } from '../test/given.ts'
import { forget } from './forget.ts'
import { load, store } from './store.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(inject('stack').databaseUrls.console, 'console_forget')
  for (const { up } of Object.values(store.migrations)) await up(db.database)
})
afterAll(() => db?.drop())

const save = async (of: string, life: typeof wholeLife, days: number) => {
  const after = heard(...life) ?? expect.fail()
  await db.database.transaction().execute((tx) => store.save(tx, [{ orderId: of, before: undefined, after }], []))
  for (const table of ['orders', 'cancellations'])
    await sql`update ${sql.table(table)} set heard_at = now() - make_interval(days => ${days}) where order_id = ${of}`.execute(
      db.database,
    )
}
const dayMs = 86_400_000

it('forgets orders, then cases, when their time is over, and nothing that is open', async () => {
  const open = wholeLife.filter(({ type }) => type !== 'order.cancellation.completed.v1')
  await save(orderId, wholeLife, 100)
  await save('ord-old', wholeLife, 400)
  await save('ord-open', open, 400)
  await save('ord-new', wholeLife, 10)
  expect(await forget(db.database, { orders: 90 * dayMs, cases: 365 * dayMs, deliveries: dayMs })).toBeGreaterThan(2)
  const left = await load(db.database, [orderId, 'ord-old', 'ord-open', 'ord-new'])
  const kept = (of: string) => [left.get(of)?.order !== undefined, (left.get(of)?.told.size ?? 0) > 0]
  expect([kept(orderId), kept('ord-old'), kept('ord-open'), kept('ord-new')]).toEqual([
    [false, true],
    [false, false],
    [true, true],
    [true, true],
  ])
  expect(await forget(db.database, { orders: 90 * dayMs, cases: 365 * dayMs, deliveries: dayMs })).toBe(0)
})
