import { type Database, migrate } from '@countermand/database'
import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { channels } from '../channels/index.ts'
import type { Payment } from '../state.ts'
import { toldChannel } from '../test/told-channel.ts'
import { createWorld } from '../test/world.ts'
import { bookAgainstLedger, ledgerAgainstTenders, refundsBeforeThePivot } from './checks.ts'
import { pendingRefunds } from './measures.ts'
import { store } from './store.ts'

let test: TestDatabase
let database: Database

beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.payment, 'payment_store')
  database = test.database
  await migrate(database, store.migrations)
})
afterAll(() => test.drop())

const save = (orderId: string, before: Payment | undefined, after: Payment) =>
  database.transaction().execute((tx) => store.save(tx, [{ orderId, before, after }], []))
const load = async (...orderIds: string[]) =>
  database.transaction().execute((tx) => store.load(tx, { orderIds, requestIds: [] }))
const offenders = async (query: string) => (await sql.raw(query).execute(database)).rows

/** States as the service makes them, one after another, of one order. */
const states = async function* () {
  const { channel, tell } = toldChannel()
  const world = createWorld({ ...channels({ sandbox: channel }), 'sandbox-card': channel })
  const state = () => {
    const known = world.state()
    if (known === undefined) throw new Error('expected a state')
    return known
  }
  const call = async (told: Parameters<typeof tell>[0]) => {
    tell(told)
    const finish = await world.start([...world.tasks.values()].find((task) => task.kind !== 'refund-overdue')?.id ?? '')
    finish()
    return state()
  }
  world.forbid('req-0')
  yield state()
  world.accept([
    { tenderId: 't1', channel: 'sandbox-card', amount: 60, paymentRef: 'pay_ok_1' },
    { tenderId: 't2', channel: 'gift-card', amount: 30, paymentRef: 'gift' },
    { tenderId: 't3', channel: 'cash-on-delivery', amount: 10, paymentRef: 'cash' },
  ])
  yield state()
  world.refund({ requestId: 'req-1', fallback: 'store-credit' })
  yield state()
  yield await call('lost-undone')
  yield await call('refused')
  yield await call('succeeded')
  yield await call('succeeded')
}

it('gives back what it was given, at each step of a refund', async () => {
  let before: Payment | undefined
  let seen = 0
  for await (const after of states()) {
    await save(
      'ord-1',
      before,
      before === undefined ? after : { ...after, newEntries: after.newEntries.slice(before.newEntries.length) },
    )
    expect((await load('ord-1')).get('ord-1')).toEqual({
      ...after,
      requests: expect.arrayContaining([...after.requests]),
      newEntries: [],
    })
    expect(await offenders(ledgerAgainstTenders)).toEqual([])
    expect(await offenders(refundsBeforeThePivot)).toEqual([])
    before = after
    seen++
  }
  expect(seen).toBe(7)
  expect(before?.tenders.map((each) => each.refunded)).toEqual([60, 30, 10])
  await sql`update tenders set refunded = 59 where order_id = 'ord-1' and tender_id = 't1'`.execute(database)
  expect(await offenders(ledgerAgainstTenders)).toMatchObject([{ tender_id: 't1', refunded: 59, ledger_refunded: 60 }])
  await sql`update pivots set crossed_at = null where order_id = 'ord-1'`.execute(database)
  expect(await offenders(refundsBeforeThePivot)).toHaveLength(3)
})

it('knows nothing of an order it never heard of', async () => {
  expect(await load('ord-nobody')).toEqual(new Map())
})

it('lets no tender give back more than it captured', async () => {
  const { channel } = toldChannel()
  const world = createWorld(channels({ sandbox: channel }))
  world.accept([{ tenderId: 't1', channel: 'store-credit', amount: 60, paymentRef: 'credit' }])
  const state = world.state()
  if (state === undefined) throw new Error('expected a state')
  const after = { ...state, orderId: 'ord-2', tenders: state.tenders.map((each) => ({ ...each, refunded: 61 })) }
  await expect(save('ord-2', undefined, after)).rejects.toThrow(/check constraint/)
  expect(await load('ord-2')).toEqual(new Map())
})

it('finds money that the sandbox moved and the ledger does not know, but not where an attempt is in doubt', async () => {
  const enter = (key: string, orderId: string, after = '0') =>
    sql`insert into sandbox.channel_book (idempotency_key, order_id, tender_id, payment_ref, amount, currency, moves_at, reverses_at)
      values (${key}, ${orderId}, 't1', 'pay_ok', 7, 'EUR', now() + ${after}::interval, null)`.execute(database)
  await enter('k1', 'ord-3')
  await enter('k2', 'ord-4', '1 hour')
  expect(await offenders(bookAgainstLedger)).toContainEqual({ order_id: 'ord-3', tender_id: 't1', book: 7, ledger: 0 })
  expect((await offenders(bookAgainstLedger)).filter((row) => JSON.stringify(row).includes('ord-4'))).toEqual([])
  const doubt = { ...(await aStalledPayment()), orderId: 'ord-3' }
  await save('ord-3', undefined, doubt)
  expect((await offenders(bookAgainstLedger)).filter((row) => JSON.stringify(row).includes('ord-3'))).toEqual([])
})

it('counts among what somebody waits for only what a person has left to its channel', async () => {
  const { channel, tell } = toldChannel()
  const once = { stepAttempts: 1, stepBackoffMs: 1, refundPatienceMs: 1 }
  const world = createWorld({ ...channels({ sandbox: channel }), 'sandbox-wallet': channel }, once)
  const tenders = ['t1', 't2', 't3'].map((tenderId) => ({ tenderId, channel: 'sandbox-wallet' as const, amount: 10 }))
  world.accept(tenders.map((each) => ({ ...each, paymentRef: `pay_${each.tenderId}` })))
  world.refund({ amount: 30 })
  for (const told of ['pending', 'pending', 'lost-undone'] as const) {
    tell(told)
    const finish = await world.start([...world.tasks.keys()].find((id) => id.startsWith('call')) ?? '')
    finish()
  }
  let before: Payment | undefined
  const waitedFor = async () => {
    const state = world.state()
    if (state === undefined) throw new Error('expected a state')
    await save('ord-5', before, { ...state, orderId: 'ord-5', newEntries: [] })
    before = { ...state, orderId: 'ord-5' }
    const read = await pendingRefunds.read(database)
    return ['countermand_refunds_pending', 'countermand_refunds_in_doubt'].map(
      (gauge) => read.find((each) => each.gauge === gauge && each.labels?.channel === 'sandbox-wallet')?.value,
    )
  }
  expect(await waitedFor()).toEqual([3, 1])
  const named = ['t2', 't3'].map((tenderId) => ({ tenderId, amount: 10 }))
  world.close({ settled: named })
  expect(await waitedFor()).toEqual([1, 0])
})

const aStalledPayment = async (): Promise<Payment> => {
  const { channel, tell } = toldChannel()
  const world = createWorld(
    { ...channels({ sandbox: channel }), 'sandbox-card': channel },
    { stepAttempts: 1, stepBackoffMs: 1, refundPatienceMs: 1 },
  )
  world.accept([{ tenderId: 't1', channel: 'sandbox-card', amount: 7, paymentRef: 'pay_lost_9' }])
  world.refund({ amount: 7 })
  tell('lost-undone')
  const finish = await world.start([...world.tasks.keys()][0] ?? '')
  finish()
  const state = world.state()
  if (state === undefined) throw new Error('expected a state')
  return state
}
