import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { heard, orderId, wholeLife } from '../test/given.ts'
import type { Merchants } from './keys.ts'
import { type CancellationsWanted, listCancellations, listOrders } from './queries.ts'
import { store } from './store.ts'

const many = 2_000
let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase(inject('stack').databaseUrls.console, 'console_lists')
  const { database } = db
  for (const { up } of Object.values(store.migrations)) await up(database)
  const after = heard(...wholeLife) ?? expect.fail()
  await database.transaction().execute((tx) => store.save(tx, [{ orderId, before: undefined, after }], []))
  // As often as it takes for a plan to matter, each of a moment of its own; the oldest ones wait or need somebody.
  await sql`
    insert into orders (order_id, version, placed, merchant_id, customer_id, placed_at, parcels)
    select order_id || each, version, placed, merchant_id, customer_id, placed_at - make_interval(mins => each), parcels
    from orders, generate_series(1, ${many}::int) as each`.execute(database)
  await sql`
    insert into cancellations (order_id, request_id, merchant_id, customer_id, asked_at, stage, outcome, decide_by,
      needs_attention, version, content)
    select order_id || each, request_id || each, merchant_id, customer_id, asked_at - make_interval(mins => each), stage,
      outcome, case when each > ${many - 20} then now() end, each > ${many - 20}, version, content
    from cancellations, generate_series(1, ${many}::int) as each`.execute(database)
  for (const table of ['orders', 'cancellations']) await sql`analyze ${sql.table(table)}`.execute(database)
})
afterAll(() => db?.drop())

const page = { after: undefined, limit: 5 }

/** How many rows of a table were read for a list, and how many it has. */
const readFor = (table: string, list: (database: TestDatabase['database']) => Promise<readonly unknown[]>) =>
  db.database.transaction().execute(async (tx) => {
    const { length } = await list(tx)
    const { rows } = await sql`
      select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_xact_user_tables
      where relname = ${table}`.execute(tx)
    return { length, read: z.object({ read: z.int() }).parse(rows[0]).read }
  })

it.each<readonly [string, Merchants]>([
  ['all merchants', null],
  ['one merchant', ['mer-3']],
])('a page of the orders of %s reads no more than the page', async (_, merchants) => {
  const { length, read } = await readFor('orders', (database) => listOrders(database, {}, merchants, page))
  expect(length).toBe(page.limit)
  expect(read).toBeLessThan(50)
})

it.each<CancellationsWanted>([{ attention: true }, { awaiting: true }])(
  'a page of the requests with %o reads no more than those',
  async (wanted) => {
    const list = (database: TestDatabase['database']) => listCancellations(database, wanted, null, page)
    const { length, read } = await readFor('cancellations', list)
    expect(length).toBe(page.limit)
    expect(read).toBeLessThan(50)
  },
)
