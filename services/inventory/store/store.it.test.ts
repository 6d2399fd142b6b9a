import { placedOrder } from '@countermand/contracts'
import { type Database, migrate } from '@countermand/database'
import type { Change, FreeEvent } from '@countermand/service'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { followParcel, reserve } from '../decide/facts.ts'
import { returnStockToSale, setStockAside } from '../decide/hold.ts'
import type { Reservation } from '../state.ts'
import { command, exampleOrder, inTime, news, stateAfter } from '../test/given.ts'
import { stockSkus } from './stock.ts'
import { store as storeWith } from './store.ts'

const initialStock = 10
const store = storeWith({ initialStock })
let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject('stack').databaseUrls.inventory, 'inventory')
  database = testDatabase.database
  await migrate(database, store.migrations)
})
afterAll(() => testDatabase.drop())
beforeEach(async () => {
  await sql`truncate stock, reservations, reservation_lines`.execute(database)
})

const order = (orderId: string, ...lines: (readonly [sku: string, quantity: number])[]) =>
  stateAfter(
    reserve(
      undefined,
      exampleOrder({
        orderId,
        lines: lines.map(([sku, quantity], at) => ({
          lineId: String(at),
          sku,
          quantity,
          unitAmount: 0,
          discountAmount: 0,
          taxAmount: 0,
        })),
      }),
    ),
  )
const save = (changes: readonly Change<Reservation>[], free: readonly FreeEvent[] = []) =>
  database.transaction().execute((tx) => store.save(tx, changes, free))
/** What the warehouse received, in units by SKU. */
const received = (...stock: (readonly [sku: string, quantity: number])[]) =>
  stock.map(([sku, quantity]): FreeEvent => ({ type: 'stock.received.v1', data: { sku, quantity, at: inTime.now } }))
/** Saves orders that were not known before. */
const saveNew = (orders: Readonly<Record<string, Reservation>>) =>
  save(Object.entries(orders).map(([orderId, after]) => ({ orderId, before: undefined, after })))
const load = (...orderIds: string[]) =>
  database.transaction().execute((tx) => store.load(tx, { orderIds, requestIds: [] }))
const stock = async (sku: string) => {
  const { rows } = await sql<Record<string, unknown>>`select * from stock where sku = ${sku}`.execute(database)
  return rows[0]
}

it('loads an order of which nothing is kept in stock', async () => {
  const fee = { lineId: '1', kind: 'fee', quantity: 1, unitAmount: 0 } as const
  const after = stateAfter(
    reserve(undefined, placedOrder.parse({ ...exampleOrder({ orderId: 'ord-fees' }), lines: [fee] })),
  )
  expect(after.lines).toEqual([])
  await save([{ orderId: 'ord-fees', before: undefined, after }])
  expect((await load('ord-fees')).get('ord-fees')).toEqual(after)
})

it('loads what was saved, whatever happened to it', async () => {
  const states = [order('ord-1', ['MUG', 2], ['PEN', 3])]
  const last = () => stateAfter({}, states.at(-1))
  states.push(stateAfter(followParcel(last(), { ...news('in-transit', 1, ['0']), shipmentId: 'ünï "q"' }, inTime)))
  const lines = [
    { lineId: '0', sku: 'MUG', quantity: 1 },
    { lineId: '1', sku: 'PEN', quantity: 3 },
  ]
  states.push(stateAfter(setStockAside(last(), { ...command('req-1'), lines }, inTime)))
  states.push(stateAfter(returnStockToSale(last(), command('req-1'), inTime)))
  let before: Reservation | undefined
  for (const after of states) {
    await save([{ orderId: 'ord-1', before, after }])
    expect((await load('ord-1', 'ord-9')).get('ord-1')).toEqual(after)
    before = after
  }
  expect(await load('ord-9')).toEqual(new Map())
  expect(await stock('MUG')).toMatchObject({
    received: 10,
    on_sale: 8,
    reserved: 0,
    aside: 1,
    shipped: 1,
    written_off: 0,
  })
  expect(await stock('PEN')).toMatchObject({
    received: 10,
    on_sale: 10,
    reserved: 0,
    aside: 0,
    shipped: 0,
    backordered: 0,
  })
})

it('counts units as many as are taken, and says in words what no number holds', async () => {
  const most = Number.MAX_SAFE_INTEGER
  const after = order('ord-many', ['GRAIN', most], ['FLYER', 3_000_000_000])
  await saveNew({ 'ord-many': after })
  expect((await load('ord-many')).get('ord-many')).toEqual(after)
  expect(await stock('FLYER')).toMatchObject({ reserved: 3_000_000_000 })
  // 1,024 of them are more than 2^63.
  await expect(save([], Array.from({ length: 1_100 }, () => received(['GRAIN', most])).flat())).rejects.toThrow(
    'out of range',
  )
  expect(await stock('GRAIN')).toMatchObject({ received: initialStock })
})

it('moves stock from where it is counted, when an earlier version counted it elsewhere', async () => {
  const lines = [{ lineId: '0', sku: 'MUG', quantity: 2 }]
  const left = stateAfter(followParcel(order('ord-1', ['MUG', 2]), news('in-transit', 1, ['0']), inTime))
  const aside = stateAfter(setStockAside(left, { ...command('req-1'), lines }, inTime))
  const ended = stateAfter(returnStockToSale(aside, command('req-1'), inTime))
  await saveNew({ 'ord-1': stateAfter(followParcel(ended, news('delivered', 2, ['0']), inTime)) })
  await sql`update reservation_lines set aside = shipped, shipped = 0`.execute(database)
  await sql`update stock set aside = shipped, shipped = 0`.execute(database)
  const before = (await load('ord-1')).get('ord-1')
  const after = stateAfter(followParcel(before, news('returned', 3, ['0']), inTime))
  await save([{ orderId: 'ord-1', before, after }])
  expect(await stock('MUG')).toMatchObject({ received: 10, on_sale: 10, aside: 0, shipped: 0 })
})

it('adds up what many orders of one batch take of one SKU', async () => {
  const twoMugs = (orderId: string) => order(orderId, ['MUG', 1], ['MUG', 1])
  const first = twoMugs('ord-1')
  await saveNew({ 'ord-1': first, 'ord-2': twoMugs('ord-2'), 'ord-3': twoMugs('ord-3'), 'ord-4': twoMugs('ord-4') })
  expect(await stock('MUG')).toMatchObject({ received: 10, on_sale: 2, reserved: 8 })
  const left = stateAfter(followParcel(first, news('delivered', 1, ['0']), inTime))
  await save([
    { orderId: 'ord-1', before: first, after: left },
    { orderId: 'ord-5', before: undefined, after: twoMugs('ord-5') },
  ])
  expect(await stock('MUG')).toMatchObject({ received: 10, on_sale: 0, reserved: 9, shipped: 1, backordered: 0 })
})

it('puts nothing on sale while orders wait for more than was received', async () => {
  await saveNew({ 'ord-1': order('ord-1', ['MUG', 8]) })
  const second = order('ord-2', ['MUG', 7])
  await saveNew({ 'ord-2': second })
  expect(await stock('MUG')).toMatchObject({ received: 10, on_sale: 0, reserved: 15, backordered: 5 })
  await save([], received(['MUG', 2]))
  expect(await stock('MUG')).toMatchObject({ received: 12, on_sale: 0, reserved: 15, backordered: 3 })
  const lines = [{ lineId: '0', sku: 'MUG', quantity: 7 }]
  const held = stateAfter(setStockAside(second, { ...command('req-1'), orderId: 'ord-2', lines }, inTime))
  await save([{ orderId: 'ord-2', before: second, after: held }])
  const returned = stateAfter(returnStockToSale(held, { ...command('req-1'), orderId: 'ord-2' }, inTime))
  await save([{ orderId: 'ord-2', before: held, after: returned }])
  expect(await stock('MUG')).toMatchObject({ received: 12, on_sale: 4, reserved: 8, aside: 0, backordered: 0 })
})

it('adds what the warehouse received to a SKU, also to one first heard of', async () => {
  await save([], received(['MUG', 3], ['PEN', 1], ['MUG', 4]))
  expect(await stock('MUG')).toMatchObject({ received: 17, on_sale: 17 })
  await save([], received(['PEN', 2]))
  expect(await stock('PEN')).toMatchObject({ received: 13, on_sale: 13 })
})

it('owes what was sold again, when it was delivered all the same after its cancellation', async () => {
  const first = order('ord-1', ['MUG', 10])
  await saveNew({ 'ord-1': first })
  const held = stateAfter(
    setStockAside(first, { ...command('req-1'), lines: [{ lineId: '0', sku: 'MUG', quantity: 10 }] }, inTime),
  )
  const returned = stateAfter(returnStockToSale(held, command('req-1'), inTime))
  await save([{ orderId: 'ord-1', before: first, after: returned }])
  await saveNew({ 'ord-2': order('ord-2', ['MUG', 4]) })
  expect(await stock('MUG')).toMatchObject({ on_sale: 6, reserved: 4, backordered: 0 })
  const delivered = stateAfter(followParcel(returned, news('delivered', 1, ['0']), inTime))
  await save([{ orderId: 'ord-1', before: returned, after: delivered }])
  expect(await stock('MUG')).toMatchObject({ received: 10, on_sale: 0, reserved: 4, shipped: 10, backordered: 4 })
})

it('refuses a stock that does not add up', async () => {
  await saveNew({ 'ord-1': order('ord-1', ['MUG', 1]) })
  await expect(sql`update stock set on_sale = on_sale + 1`.execute(database)).rejects.toThrow('stock_in_one_place')
  await expect(sql`update stock set reserved = -1, on_sale = 11`.execute(database)).rejects.toThrow(
    'stock_never_negative',
  )
  await expect(sql`update reservation_lines set shipped = 1`.execute(database)).rejects.toThrow('line_in_one_place')
})

it('lets transactions that share SKUs, old and new, in any order, pass without a deadlock or a lost unit', async () => {
  const skus = Array.from({ length: 12 }, (_, at) => `SKU-${at}`)
  const worker = async (name: number) => {
    for (let round = 0; round < 12; round++) {
      const rotated = [...skus.slice((round * 5 + name * 3) % 12), ...skus.slice(0, (round * 5 + name * 3) % 12)]
      const mine = name % 2 === 0 ? rotated : rotated.toReversed()
      const fresh = `NEW-${round}`
      const orderId = `ord-${name}-${round}`
      const after = order(orderId, ...[...mine, fresh].map((sku) => [sku, 1] as const))
      await saveNew({ [orderId]: after })
      const gone = stateAfter(followParcel(after, news('delivered', 1, ['0', '1', '2']), inTime))
      await save([{ orderId, before: after, after: gone }])
    }
  }
  await Promise.all([0, 1, 2, 3].map(worker))
  const { rows } = await sql`
    select stock.sku from stock join (
      select sku, sum(reserved) as reserved, sum(shipped) as shipped from reservation_lines group by sku) as lines using (sku)
    where stock.reserved <> lines.reserved or stock.shipped <> lines.shipped`.execute(database)
  expect(rows).toEqual([])
  expect(await stock('SKU-0')).toMatchObject({ received: 10, on_sale: 0, backordered: 38 })
  expect(await stock('NEW-3')).toMatchObject({ received: 10, on_sale: 6, reserved: 4 })
})

it('locks the SKUs of all orders and deliveries of a batch in sorted order, so that two batches never wait for each other', async () => {
  const skus = Array.from({ length: 10 }, (_, at) => `SKU-${at}`)
  for (const sku of skus.toReversed()) await database.transaction().execute((tx) => stockSkus(tx, [sku], initialStock))
  const holder = await database.startTransaction().execute()
  await sql`select from stock where sku = 'SKU-5' for update`.execute(holder)
  const waiter = await database.startTransaction().execute()
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(waiter)
  const [ordered, delivered] = [skus.slice(0, 5), skus.slice(5)]
  const after = order('ord-1', ...ordered.toReversed().map((sku) => [sku, 1] as const))
  const saving = store.save(
    waiter,
    [{ orderId: 'ord-1', before: undefined, after }],
    received(...delivered.toReversed().map((sku) => [sku, 1] as const)),
  )
  await eventually('the batch to wait for SKU-5', async () => {
    const blocked = await sql`select from pg_locks where pid = ${rows[0]?.pid} and not granted`.execute(database)
    return blocked.rows.length > 0
  })
  const free = await sql<{ sku: string }>`select sku from stock for update skip locked`.execute(database)
  await holder.commit().execute()
  await saving
  await waiter.commit().execute()
  expect(free.rows.map(({ sku }) => sku).toSorted()).toEqual(['SKU-6', 'SKU-7', 'SKU-8', 'SKU-9'])
  expect(await stock('SKU-5')).toMatchObject({ received: 11, on_sale: 11 })
})
