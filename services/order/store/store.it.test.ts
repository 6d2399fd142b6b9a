import { randomUUID } from 'node:crypto'
import { migrate } from '@countermand/database'
import type { Change } from '@countermand/service/service.ts'
import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { begin } from '../decide/begin.ts'
import { abandon, confirm } from '../decide/end.ts'
import { followParcel, place } from '../decide/facts.ts'
import { record } from '../decide/record.ts'
import { nothingKnown, type OrderState } from '../state.ts'
import { moment, samplePlaced, samplePolicies, sampleRequest } from '../test/given.ts'
import { store } from './store.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase(inject('stack').databaseUrls.order, 'order_store')
  await migrate(db.database, store.migrations)
})
afterAll(() => db?.drop())

const load = (orderIds: string[], requestIds: string[] = []) =>
  db.database.transaction().execute((tx) => store.load(tx, { orderIds, requestIds }))
const save = (...changes: Change<OrderState>[]) =>
  db.database.transaction().execute((tx) => store.save(tx, changes, []))

const at = moment()
const decided = (state: OrderState | undefined, decision: { readonly state?: OrderState } | 'not-yet') =>
  (decision === 'not-yet' ? undefined : decision.state) ?? state ?? nothingKnown

/** An order and requests of its own, for one test. */
const world = () => {
  const orderId = `ord-${randomUUID()}`
  const request = (n: number, changes = {}) => sampleRequest({ orderId, requestId: `${orderId}-r${n}`, ...changes })
  const one = [{ lineId: '1', quantity: 1 }]
  return {
    orderId,
    request,
    ids: [1, 2, 3, 4].map((n) => `${orderId}-r${n}`),
    placed: place(undefined, samplePlaced({ orderId })).state ?? nothingKnown,
    begun: (state: OrderState | undefined, n: number, lines = one) =>
      decided(state, begin(samplePolicies(), state, { ...request(n, { lines }), round: 1 }, moment(undefined, true))),
    noted: (state: OrderState | undefined, n: number, key: string) => {
      const said = { what: 'decided', decision: 'approve', by: 'mer-3', at: '2026-11-20T11:00:00Z' } as const
      const command = { orderId, requestId: `${orderId}-r${n}`, round: 1, key, request: request(n), record: said }
      return decided(state, record(state, command, at))
    },
    abandoned: (state: OrderState, n: number) => {
      const why = { outcome: 'withdrawn', stage: 'confirming', by: 'cus-7' } as const
      return decided(
        state,
        abandon(
          state,
          { ...why, orderId, requestId: `${orderId}-r${n}`, round: 1, request: request(n, { lines: one }) },
          at,
        ),
      )
    },
    confirmed: (state: OrderState, n: number) =>
      decided(state, confirm(state, { orderId, requestId: `${orderId}-r${n}`, round: 1, refunds: [] }, at)),
    loaded: async () =>
      (
        await load(
          [orderId],
          [1, 2, 3, 4].map((n) => `${orderId}-r${n}`),
        )
      ).get(orderId),
  }
}

/** What is loaded names the owner of each request besides. */
const asLoaded = (state: OrderState): OrderState => ({
  ...state,
  owners: new Map([...state.requests.values()].map(({ request }) => [request.requestId, request.orderId])),
})

describe('the order store', () => {
  it('knows nothing of an order that was never heard of', async () => {
    expect(await load(['ord-unheard'], ['req-unheard'])).toEqual(new Map())
  })

  it('gives back what was saved, step by step, of a request in each of its states', async () => {
    const { orderId, placed, begun, abandoned, confirmed, noted, loaded } = world()
    const seen = {
      shipmentId: 'shp-1',
      orderId,
      carrier: 'sandbox',
      trackingNumber: 'OK-1',
      status: 'delivered' as const,
      at: '2026-11-20T12:00:00+01:00',
      lineIds: ['1', '2'],
    }
    const steps: ((state: OrderState) => OrderState)[] = [
      (state) => begun(state, 1),
      (state) => noted(state, 2, 'k1'),
      (state) => decided(state, followParcel(state, seen, at)),
      (state) => abandoned(state, 1),
      (state) => noted(state, 2, 'k2'),
      (state) => begun(state, 3),
      (state) => begun(state, 4, [{ lineId: '9', quantity: 1 }]),
      (state) => confirmed(state, 3),
    ]
    await save({ orderId, before: undefined, after: placed })
    let before = await loaded()
    expect(before).toEqual(placed)
    for (const step of steps) {
      const after = step(before ?? nothingKnown)
      await save({ orderId, before, after })
      before = await loaded()
      expect(before).toEqual(asLoaded(after))
    }
    const statuses = [...(before?.requests.values() ?? [])].map((request) => request.status)
    expect(statuses.sort()).toEqual(['abandoned', 'asked', 'confirmed', 'refused'])
  })

  it('keeps the order of a guest', async () => {
    const { orderId, placed, loaded } = world()
    const { customerId: _, ...guest } = placed.order?.placed ?? samplePlaced({ orderId })
    const after = { ...placed, order: { placed: guest, cancelled: new Map(), refunded: new Map(), parcels: [] } }
    await save({ orderId, before: undefined, after })
    expect((await loaded())?.order?.placed).toEqual(guest)
  })

  it('lets one hold follow another within one batch', async () => {
    const { orderId, placed, begun, abandoned, loaded } = world()
    for (const [first, second] of [
      [1, 2],
      [4, 3],
    ] as const) {
      const before = await loaded()
      const holding = begun(before ?? placed, first)
      await save({ orderId, before, after: holding })
      const held = await loaded()
      await save({ orderId, before: held, after: begun(abandoned(held ?? holding, first), second) })
      const next = await loaded()
      expect(next?.order?.heldBy).toBe(`${orderId}-r${second}`)
      await save({ orderId, before: next, after: abandoned(next ?? holding, second) })
    }
  })

  it('keeps requests of an order not heard of', async () => {
    const { orderId, noted, begun, loaded } = world()
    const after = begun(noted(undefined, 1, 'k1'), 2)
    await save({ orderId, before: undefined, after })
    const state = await loaded()
    expect(state).toEqual(asLoaded(after))
    expect(state && store.heard(state)).toBe(false)
  })

  it('shows to each order which requests belong to another', async () => {
    const one = world()
    const other = world()
    await save({ orderId: one.orderId, before: undefined, after: one.begun(one.placed, 1) })
    const id = `${one.orderId}-r1`
    const state = (await load([other.orderId], [id])).get(other.orderId)
    expect(state).toEqual({ requests: new Map(), owners: new Map([[id, one.orderId]]) })
  })

  it('fails a transaction whose request id another order took, and leaves the first as it was', async () => {
    const one = world()
    const other = world()
    const thief = { ...one.request(1, { lines: [{ lineId: '1', quantity: 1 }] }), orderId: other.orderId }
    const stealing = decided(other.placed, begin(samplePolicies(), other.placed, { ...thief, round: 1 }, at))
    const taking = { orderId: one.orderId, before: undefined, after: one.begun(one.placed, 1) }
    const stolen = { orderId: other.orderId, before: undefined, after: stealing }
    await expect(save(taking, stolen)).rejects.toThrow(/second time/)
    await save(taking)
    await expect(save(stolen)).rejects.toThrow(/another order took/)
    expect(await one.loaded()).toEqual(asLoaded(taking.after))
    expect(await other.loaded()).toBeUndefined()
  })

  it('leaves a cancelled order out of the customer’s list, and says in SQL what came of each request', async () => {
    const { orderId, placed, begun, confirmed } = world()
    const holding = begun(placed, 1)
    const listed = async () =>
      (
        await sql<{ status: string }>`select status from customer_orders where order_id = ${orderId}`.execute(
          db.database,
        )
      ).rows
    await save({ orderId, before: undefined, after: holding })
    expect(await listed()).toEqual([{ status: 'on-hold' }])
    const part = confirmed(holding, 1)
    await save({ orderId, before: holding, after: part })
    expect(await listed()).toEqual([{ status: 'partially-cancelled' }])
    const rest = begun(part, 2, [
      { lineId: '1', quantity: 2 },
      { lineId: '2', quantity: 2 },
    ])
    const closed = confirmed(rest, 2)
    await save({ orderId, before: part, after: rest })
    await save({ orderId, before: rest, after: closed })
    expect(await listed()).toEqual([])
    const told = await sql`
      select outcome, stage, amount from requests where order_id = ${orderId} order by request_id`.execute(db.database)
    expect(told.rows).toEqual([
      { outcome: 'lines-cancelled', stage: 'closed', amount: 1117 },
      { outcome: 'cancelled', stage: 'closed', amount: 4802 },
    ])
  })

  it('cannot hold what breaks the rules of a hold or of quantities', async () => {
    const { orderId, placed, begun } = world()
    await save({ orderId, before: undefined, after: begun(placed, 1) })
    const refused = (statement: ReturnType<typeof sql>) => expect(statement.execute(db.database)).rejects
    await refused(sql`update orders set held_by = null where order_id = ${orderId}`).toThrow(/held_by_one/)
    await refused(sql`update orders set status_before = null where order_id = ${orderId}`).toThrow(/earlier_status/)
    await refused(sql`update order_lines set cancelled = quantity + 1 where order_id = ${orderId}`).toThrow(
      /never_more_cancelled/,
    )
    await refused(
      sql`insert into requests (request_id, order_id, status, request, begun)
        values (${`${orderId}-x`}, ${orderId}, 'holding', '{}', '{"amount": 1}')`,
    ).toThrow(/one_hold_per_order/)
  })
})
