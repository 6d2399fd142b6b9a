import { type Database, migrate } from '@countermand/database'
import { openReadOnly } from '@countermand/database/read-only.ts'
import { kitMigrations } from '@countermand/service'
import { knownOf, offendingRows } from '@countermand/service/checks.ts'
import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import type { Payment } from '../state.ts'
import { card, given } from '../test/given.ts'
import { checks } from './checks.ts'
import { moneyOf } from './facts.ts'
import { store } from './store.ts'

let test: TestDatabase
let database: Database
let reading: ReturnType<typeof openReadOnly>

beforeEach(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.payment, 'payment_ledger')
  database = test.database
  reading = openReadOnly('payment', test.url)
})
afterEach(async () => {
  await reading?.close()
  await test?.drop()
})

const all = { ...kitMigrations, ...store.migrations }
const before = Object.fromEntries(Object.entries(all).filter(([name]) => name < '0012'))

const ofTheLedger = /^(a tender's totals|the ledger has|each posting|what the ledger has|what a customer can)/
const offenders = async () => {
  const meant = checks.filter(({ says }) => ofTheLedger.test(says))
  expect(meant).toHaveLength(6)
  const rows = await Promise.all(meant.map((each) => offendingRows(reading.database, each, knownOf([], []))))
  return rows.flat()
}
const balances = async () => {
  const { rows } = await sql<{ account_id: string; sum: number }>`
    select account_id, sum(amount)::bigint as sum from entries group by account_id having sum(amount) <> 0 order by account_id`.execute(
    database,
  )
  return Object.fromEntries(rows.map(({ account_id, sum }) => [account_id.replace(/[gs]c_\w+/, 'credit'), sum]))
}

/** Rows as the release before has them: an order with a refund of each kind, one of them pending, and one that was reversed. */
const rowsBefore = [
  `insert into orders (order_id, currency, customer_id, merchant_id) values ('ord/1', 'EUR', 'cus ü', 'mer-1'), ('ord-2', 'JPY', null, null)`,
  `insert into tenders (order_id, tender_id, position, channel, payment_ref, captured, refunded, authorized) values
    ('ord/1', 't1', 0, 'sandbox-card', 'pay_1', 100, 60, null), ('ord/1', 't2', 1, 'gift-card', 'card 7', 30, 30, null),
    ('ord/1', 't3', 2, 'cash-on-delivery', '', 10, 10, null), ('ord-2', 't1', 0, 'sandbox-wallet', 'pay_2', 500, 0, true)`,
  `insert into refunds (order_id, refund_id, position, request_id, tender_id, idempotency_key, amount, currency, destination, round,
    replaced, state, calling, in_doubt, attempts) values
    ('ord/1', 'ref_1', 0, 'req-1', 't1', 'k1', 60, 'EUR', 'store-credit', 1, false, 'succeeded', false, false, 0),
    ('ord/1', 'ref_2', 1, 'req-1', 't2', 'k2', 30, 'EUR', 'gift-card', 1, false, 'succeeded', false, false, 0),
    ('ord/1', 'ref_3', 2, 'req-1', 't3', 'k3', 10, 'EUR', 'none', 1, false, 'succeeded', false, false, 0),
    ('ord/1', 'ref_4', 3, 'req-2', 't1', 'k4', 40, 'EUR', 'original', 2, false, 'pending', false, false, 0),
    ('ord-2', 'ref_5', 0, 'req-3', 't1', 'k5', 500, 'JPY', 'bank-transfer', 1, false, 'reversed', false, false, 0)`,
  `insert into ledger (order_id, entry_id, tender_id, request_id, refund_id, kind, amount, destination, at) values
    ('ord/1', 't1/capture', 't1', null, null, 'capture', 120, null, '2026-11-20T08:00:00Z'),
    ('ord/1', 't1/release/2', 't1', null, null, 'release', 20, null, '2026-11-20T08:30:00Z'),
    ('ord/1', 't2/capture', 't2', null, null, 'capture', 30, null, '2026-11-20T08:00:00Z'),
    ('ord/1', 't3/capture', 't3', null, null, 'capture', 10, null, '2026-11-20T08:00:00Z'),
    ('ord-2', 't1/capture', 't1', null, null, 'capture', 500, null, '2026-11-20T08:00:00Z'),
    ('ord/1', 'ref_1/refund', 't1', 'req-1', 'ref_1', 'refund', 60, 'store-credit', '2026-11-20T09:00:00Z'),
    ('ord/1', 'ref_2/refund', 't2', 'req-1', 'ref_2', 'refund', 30, 'gift-card', '2026-11-20T09:00:00Z'),
    ('ord/1', 'ref_3/refund', 't3', 'req-1', 'ref_3', 'refund', 10, 'none', '2026-11-20T09:00:00Z'),
    ('ord-2', 'ref_5/refund', 't1', 'req-3', 'ref_5', 'refund', 500, 'bank-transfer', '2026-11-20T09:00:00Z'),
    ('ord-2', 'ref_5/reversal', 't1', 'req-3', 'ref_5', 'reversal', 500, 'bank-transfer', '2026-11-20T09:00:00Z')`,
]
const enter = async (statements: readonly string[]) => {
  for (const statement of statements) await sql.raw(statement).execute(database)
}

it('takes over what the ledger before it had, and shows it as before', async () => {
  await migrate(database, before)
  await enter(rowsBefore)
  const shown = async () => {
    const orders = await Promise.all(['ord/1', 'ord-2'].map((each) => moneyOf(reading.database, each)))
    return orders.map(({ ledger }) => new Set(ledger.map((each) => JSON.stringify(each))))
  }
  const asBefore = await shown()
  await migrate(database, all)
  expect(await shown()).toEqual(asBefore)
  expect(await offenders()).toEqual([])
  expect(await balances()).toEqual({
    'gift-card/credit/EUR': -30,
    'held/sandbox-wallet/JPY': 500,
    'in-transit/mer-1/EUR': -40,
    'provider/gift-card/EUR': 30,
    'provider/sandbox-card/EUR': 100,
    'sales//JPY': -500,
    'store-credit/credit/EUR': -60,
  })
  const { rows } = await sql`select customer_id, gift_card_id, balance from credit_accounts order by balance`.execute(
    database,
  )
  expect(rows).toEqual([
    { customer_id: 'cus ü', gift_card_id: 'card 7', balance: 30 },
    { customer_id: 'cus ü', gift_card_id: null, balance: 60 },
  ])
})

const strange = "ä %/'()*!~€😀"

it('names accounts and credits that it takes over as decisions name them', async () => {
  await migrate(database, before)
  const world = given({ tenderId: 't1', channel: 'gift-card', amount: 7, paymentRef: strange }, card('t2', 5))
  world.refund({ amount: 12, refundTo: 'store-credit' })
  while (world.calls().length > 0) await world.run('call')
  const state = world.state()
  if (state === undefined) return expect.fail('expected a state')
  await migrate(database, all)
  await database
    .transaction()
    .execute((tx) => store.save(tx, [{ orderId: 'ord-1', before: undefined, after: state }], []))
  await sql
    .raw(`
    insert into orders (order_id, currency, customer_id, merchant_id) select 'ord-2', currency, customer_id, merchant_id from orders;
    insert into tenders (order_id, tender_id, position, channel, payment_ref, captured, refunded)
      select 'ord-2', tender_id, position, channel, payment_ref, captured, refunded from tenders;
    insert into ledger select 'ord-2', entry_id, tender_id, request_id, 'old' || refund_id, kind, amount, destination, at from ledger`)
    .execute(database)
  const { rows } = await sql<{ kind: string; accounts: number; orders: number }>`
    select kind, count(distinct account_id) as accounts, count(distinct order_id) as orders
    from entries join postings using (posting_id) join accounts using (account_id) group by kind order by kind`.execute(
    database,
  )
  expect(rows.filter(({ accounts }) => accounts !== 1)).toEqual([{ kind: 'provider', accounts: 2, orders: 2 }])
  const { rows: parts } = await sql`select ledger_part(${strange}) as part`.execute(database)
  expect(parts).toEqual([{ part: encodeURIComponent(strange) }])
  expect((await sql`select balance from credit_accounts order by balance`.execute(database)).rows).toEqual([
    { balance: 10 },
    { balance: 14 },
  ])
})

it('keeps the books of a release before that runs beside it', async () => {
  await migrate(database, before)
  await enter(rowsBefore)
  await migrate(database, all)
  await enter([
    `begin;
     update refunds set state = 'succeeded' where refund_id = 'ref_4';
     insert into ledger select * from jsonb_populate_recordset(null::ledger,
      '[{"order_id": "ord/1", "entry_id": "ref_4/refund", "tender_id": "t1", "request_id": "req-2", "refund_id": "ref_4", "kind": "refund",
        "amount": 40, "destination": "original", "at": "2026-11-20T10:00:00Z"}]');
     update tenders set refunded = 100 where order_id = 'ord/1' and tender_id = 't1';
     commit`,
  ])
  expect(await offenders()).toEqual([])
  await enter([
    `insert into refunds (order_id, refund_id, position, request_id, tender_id, idempotency_key, amount, currency, destination, round,
      replaced, state, calling, in_doubt, attempts)
      values ('ord-2', 'ref_6', 1, 'req-4', 't1', 'k6', 5, 'JPY', 'original', 1, false, 'submitted', true, false, 0)`,
    "update refunds set state = 'pending' where refund_id = 'ref_6'",
  ])
  expect([await offenders(), (await balances())['in-transit//JPY']]).toEqual([[], -5])
  await enter(["update refunds set state = 'failed', failure = 'no' where refund_id = 'ref_6'"])
  expect([await offenders(), (await balances())['in-transit//JPY']]).toEqual([[], undefined])
})

it('only grows, takes no posting twice, and none that does not add up', async () => {
  await migrate(database, all)
  const world = given(card('t1', 100))
  const state = world.state()
  if (state === undefined) return expect.fail('expected a state')
  const save = () =>
    database.transaction().execute((tx) => store.save(tx, [{ orderId: 'ord-1', before: undefined, after: state }], []))
  await save()
  await expect(save()).rejects.toThrow(/duplicate key .*postings/)
  for (const change of [
    'update postings set at = now()',
    'delete from entries',
    'truncate accounts',
    'delete from postings',
  ])
    await expect(sql.raw(change).execute(database), change).rejects.toThrow('expected the ledger only to grow')
  const posting = (entries: string) =>
    sql.raw(`with posted as (insert into postings (posting_id, event, at) values ('x', 'captured', now()))
      insert into entries (posting_id, account_id, amount) values ${entries}`)
  const [provider, sales] = ['provider/sandbox-card/EUR', 'sales/mer-1/EUR']
  await sql`insert into accounts values ('sales/mer-1/JPY', 'sales', 'mer-1', 'JPY')`.execute(database)
  for (const entries of [
    `('x', '${provider}', 5), ('x', '${sales}', -4)`,
    `('x', '${provider}', 5)`,
    `('x', '${provider}', 5), ('x', 'sales/mer-1/JPY', -5)`,
    `('x', '${provider}', 5), ('x', 'nobody', -5)`,
    `('ord-1/t1/captured', '${provider}', 5)`,
    `('ord-1/t1/captured', 'sales/mer-1/JPY', 5)`,
  ])
    await expect(posting(entries).execute(database), entries).rejects.toThrow(/expected posting|duplicate key/)
  expect(await offenders()).toEqual([])
})

it('keeps what others gave back of a tender beside what it has in suspense', async () => {
  await migrate(database, all)
  const world = given(card('t1', 100))
  const refunded = { tenderId: 't1', amount: 30, currency: 'EUR', providerRef: 're_1' }
  world.notify({ kind: 'foreign-refund', ...refunded })
  world.notify({ kind: 'dispute', tenderId: 't1', providerRef: 'dp_1' })
  const state = world.state()
  if (state === undefined) return expect.fail('expected a state')
  await database.transaction().execute(async (tx) => {
    await store.save(tx, [{ orderId: 'ord-1', before: undefined, after: state }], [])
    const loaded = await store.load(tx, { orderIds: ['ord-1'], requestIds: [] })
    expect(loaded.get('ord-1')?.tenders).toEqual(state.tenders)
  })
  expect([await offenders(), (await balances())['suspense/sandbox-card/EUR']]).toEqual([[], 30])
})

it.each(['by a change of its order', 'as paid by hand'])(
  'keeps what the shop has said of too, %s, out of suspense, until it comes back',
  async (how) => {
    await migrate(database, all)
    const world = given(card('t1', 100))
    const saved = async (before: Payment | undefined) => {
      const state = world.state()
      if (state === undefined) return expect.fail('expected a state')
      const after = { ...state, newPostings: state.newPostings.slice(before?.newPostings.length ?? 0) }
      await database.transaction().execute(async (tx) => {
        await store.save(tx, [{ orderId: 'ord-1', before, after }], [])
        const loaded = await store.load(tx, { orderIds: ['ord-1'], requestIds: [] })
        expect(loaded.get('ord-1')?.tenders).toEqual(state.tenders)
      })
      return state
    }
    if (how === 'as paid by hand') {
      world.refund({ amount: 30 })
      world.close({ settled: [{ tenderId: 't1', amount: 30 }] })
    } else world.amend(2, [card('t1', 70)])
    const told = { kind: 'foreign-refund', tenderId: 't1', amount: 30, currency: 'EUR', providerRef: 're_1' } as const
    world.notify(told)
    world.patienceOver()
    const state = await saved(undefined)
    expect([await offenders(), await balances()]).toEqual([
      [],
      { 'provider/sandbox-card/EUR': 70, 'sales/mer-1/EUR': -70 },
    ])
    world.notify({ ...told, notificationId: 'evt_2', fact: { outcome: 'reversed' } })
    world.patienceOver()
    await saved(state)
    expect([await offenders(), (await balances())['suspense/sandbox-card/EUR']]).toEqual([[], -30])
  },
)
