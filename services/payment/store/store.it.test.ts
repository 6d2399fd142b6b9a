import { type Database, migrate } from '@countermand/database'
import { openReadOnly } from '@countermand/database/read-only.ts'
import { kitMigrations } from '@countermand/service'
import { knownOf, offendingRows } from '@countermand/service/checks.ts'
import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { channels } from '../channels/index.ts'
import type { Payment } from '../state.ts'
import { toldChannel } from '../test/told-channel.ts'
import { createWorld } from '../test/world.ts'
import { checks } from './checks.ts'
import { pendingRefunds } from './measures.ts'
import { store } from './store.ts'

let test: TestDatabase
let database: Database
let reading: ReturnType<typeof openReadOnly>

beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.payment, 'payment_store')
  database = test.database
  await migrate(database, { ...kitMigrations, ...store.migrations })
  reading = openReadOnly('payment', test.url)
})
afterAll(async () => {
  await reading?.close()
  await test?.drop()
})

const save = (orderId: string, before: Payment | undefined, after: Payment) =>
  database.transaction().execute((tx) => store.save(tx, [{ orderId, before, after }], []))
const load = async (...orderIds: string[]) =>
  database.transaction().execute((tx) => store.load(tx, { orderIds, requestIds: [] }))
/** The rows that break the checks that begin so, as `saga verify` finds them. */
const offenders = async (...rules: readonly string[]) => {
  const meant = checks.filter(({ says }) => rules.some((rule) => says.startsWith(rule)))
  expect(meant).toHaveLength(rules.length)
  return (await Promise.all(meant.map((each) => offendingRows(reading.database, each, knownOf([], []))))).flat()
}
const totals = "a tender's totals are the sums of its ledger"
const beforeThePivot = 'no channel is asked for a refund of a request that is not over the pivot'

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
      before === undefined ? after : { ...after, newPostings: after.newPostings.slice(before.newPostings.length) },
    )
    expect((await load('ord-1')).get('ord-1')).toEqual({
      ...after,
      requests: expect.arrayContaining([...after.requests]),
      newPostings: [],
    })
    expect(await offenders(totals, 'refunded ≤ captured', 'the ledger has each refund', beforeThePivot)).toEqual([])
    before = after
    seen++
  }
  expect(seen).toBe(7)
  expect(before?.tenders.map((each) => each.refunded)).toEqual([60, 30, 10])
  await sql`update tenders set refunded = 59 where order_id = 'ord-1' and tender_id = 't1'`.execute(database)
  expect(await offenders(totals)).toMatchObject([{ tender_id: 't1', refunded: 59, ledger_refunded: 60 }])
  await sql`update pivots set crossed_at = null where order_id = 'ord-1'`.execute(database)
  expect(await offenders(beforeThePivot)).toHaveLength(3)
})

it('reads the rows of an earlier release, whose refunds keep the key that they may have been asked with', async () => {
  const order = await aStalledPayment()
  await sql`insert into orders (order_id, currency) values ('ord-6', 'EUR')`.execute(database)
  await sql`insert into tenders (order_id, tender_id, position, channel, payment_ref, captured, refunded)
    values ('ord-6', 't1', 0, 'sandbox-card', 'pay_lost_9', 7, 0)`.execute(database)
  await sql`insert into pivots (order_id, request_id, crossed_at, accepted, amount, round, open_round, fallback)
    values ('ord-6', 'req-1', now(), false, 7, 1, null, 'attention')`.execute(database)
  await sql`insert into refunds (order_id, refund_id, position, request_id, tender_id, idempotency_key, amount, currency,
      destination, round, replaced, state, calling, in_doubt, attempts, failure)
    values ('ord-6', 'ref_1', 0, 'req-1', 't1', 'req-1/t1', 7, 'EUR', 'original', 1, false, 'submitted', false, true, 1, 'lost')`.execute(
    database,
  )
  const read = (await load('ord-6')).get('ord-6')
  expect(read).toMatchObject({ currency: order.currency, tenders: order.tenders })
  expect([read?.merchantId, read?.customerId]).toEqual([undefined, undefined])
  expect(read?.refunds[0]).toMatchObject({ idempotencyKey: 'req-1/t1', firstAskedAt: undefined })
  expect(read?.requests[0]).toMatchObject({ status: 'asked', reason: undefined })
})

it('keeps with which account a tender was paid, and the one that it was first asked with', async () => {
  const { channel } = toldChannel()
  const world = createWorld(channels({ sandbox: channel }))
  world.accept([{ tenderId: 't1', channel: 'sandbox-card', amount: 60, paymentRef: 'pay_ok_1' }])
  const state = world.state()
  if (state === undefined) throw new Error('expected a state')
  const before = { ...state, orderId: 'ord-7', newPostings: [] }
  await save('ord-7', undefined, before)
  expect((await load('ord-7')).get('ord-7')?.tenders[0]?.account).toBeUndefined()
  const after = { ...before, tenders: before.tenders.map((each) => ({ ...each, account: 'acc-1' })) }
  await save('ord-7', before, after)
  expect((await load('ord-7')).get('ord-7')?.tenders).toEqual(after.tenders)
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
  const unasked = await offenders('the channel knows only refunds that we asked for')
  expect(unasked).toMatchObject(['ord-3', 'ord-4'].map((order_id) => ({ order_id, channel_amount: 7, amount: null })))
  const doubt = { ...(await aStalledPayment()), orderId: 'ord-8', newPostings: [] }
  await save('ord-8', undefined, doubt)
  await enter(doubt.refunds[0]?.idempotencyKey ?? '', 'ord-8')
  const ofBook = ['the channel says of each refund', 'the channel knows only', 'the channel never gave back more']
  const inDoubt = async () => (await offenders(...ofBook)).filter((row) => row.order_id === 'ord-8')
  expect(await inDoubt()).toEqual([])
  await sql`update refunds set in_doubt = false where order_id = 'ord-8'`.execute(database)
  expect(await inDoubt()).toMatchObject([{ state: 'submitted', channel_state: 'succeeded' }])
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
    await save('ord-5', before, { ...state, orderId: 'ord-5', newPostings: [] })
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
