import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { Operation } from '../state.ts'
import { heard, orderId, wholeLife } from '../test/given.ts'
import { forget } from './forget.ts'
import { operationOf, saveOperations } from './operations.ts'
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

it('forgets what an edited message says a day after, and lets proposals lapse that nobody approved', async () => {
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()
  const plan = { kind: 'handled', letterId: 'a:0:1', result: 'would', text: 'what a customer wrote' } as const
  const operation = (operationId: string, more: Partial<Operation>): Operation => ({
    ...{ operationId, author: { subject: 'ann', name: 'Ann' }, at: ago(30), state: 'sent' },
    ...{ wanted: { kind: 'redrive', letterId: 'a:0:1', value: 'secret' }, stake: { sums: [], unknown: true } },
    ...more,
  })
  const named = (nth: number) => `6f1d3c1e-0b7a-4f0a-8d55-2f3b9a1c7e1${nth}`
  const all = [
    operation(named(0), { sentAt: ago(25) }),
    operation(named(1), { sentAt: ago(23) }),
    operation(named(2), { state: 'proposed', proposedAt: ago(25) }),
    operation(named(3), { state: 'proposed', proposedAt: ago(23) }),
    operation(named(4), { sentAt: ago(25), wanted: { kind: 'redrive', letterId: 'a:0:1' } }),
  ]
  await db.database.transaction().execute((tx) => saveOperations(tx, all))
  await sql`update operations set plan = ${JSON.stringify(plan)}::jsonb`.execute(db.database)
  await forget(db.database, { orders: 90 * dayMs, cases: 365 * dayMs, deliveries: dayMs })
  const left = await Promise.all(all.map(({ operationId }) => operationOf(db.database, operationId)))
  const shown = left.map((each) => [each?.state, each?.wanted, each?.plan?.kind])
  const letter = { kind: 'redrive', letterId: 'a:0:1' }
  expect(shown).toEqual([
    ['sent', { ...letter, value: '' }, undefined],
    ['sent', { ...letter, value: 'secret' }, 'handled'],
    ['dropped', { ...letter, value: '' }, undefined],
    ['proposed', { ...letter, value: 'secret' }, 'handled'],
    ['sent', letter, undefined],
  ])
})
