import { randomUUID } from 'node:crypto'
import { answers, type CommandData, topics } from '@countermand/contracts'
import type { RunningService } from '@countermand/service'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { order } from '../handlers.ts'
import { samplePlaced, samplePolicies, sampleRequest } from './given.ts'

let db: TestDatabase
let bus: Bus
let service: RunningService

beforeAll(async () => {
  const stack = inject('stack')
  db = await createTestDatabase(stack.databaseUrls.order, 'order')
  bus = await createBus({
    brokers: stack.kafkaBrokers,
    topics: [topics.sagaReplies, topics.cancellations, topics.ordersAccepted, `${topics.ordersPlaced}.dlq`],
  })
  service = await startService(order(samplePolicies()), { bus, db }, { orderPatience: 1_500 })
})
afterAll(async () => {
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

type Placed = Parameters<typeof samplePlaced>[0]
const placing = (orderId: string, changes: Placed = {}) =>
  bus.event('order.placed.v1', orderId, samplePlaced({ orderId, ...changes }))
const asking = (orderId: string, requestId: string, round = 1): CommandData<'BeginCancellation'> => ({
  ...sampleRequest({ orderId, requestId }),
  round,
})
const ids = () => ({ orderId: `ord-${randomUUID()}`, requestId: randomUUID() })
const story = (orderId: string) =>
  bus.seen
    .filter((message) => message.topic === topics.cancellations && message.key === orderId)
    .map((message) => message.headers.ce_type)
const waiting = (orderId: string) => async () =>
  (await sql`select 1 from waiting where order_id = ${orderId}`.execute(db.database)).rows.length > 0

describe('the order service on real Kafka and PostgreSQL', () => {
  it('tells what is kept of a request: while it is open, and after its end', async () => {
    const { orderId, requestId } = ids()
    const query = { orderId, requestId, round: 1 }
    const read = async (name: string) => {
      await bus.send([bus.command('ReadCancellation', query, `${requestId}-${name}`)])
      return (await bus.answer(`${requestId}-${name}`)).data
    }
    expect(await read('unknown')).toMatchObject({ open: false, resolutions: [] })
    await bus.send([placing(orderId)])
    await bus.send([bus.command('BeginCancellation', asking(orderId, requestId), `${requestId}-begin`)])
    await bus.answer(`${requestId}-begin`)
    const refund = { amount: 5919, currency: 'EUR', refundTo: 'original', fallback: 'attention' }
    expect(await read('open')).toMatchObject({ open: true, refund, resolutions: [] })
    await bus.send([bus.command('ConfirmCancellation', { ...query, refunds: [] }, `${requestId}-confirm`)])
    await bus.answer(`${requestId}-confirm`)
    const resolution = {
      step: 'reversed.ref_1',
      direction: 'do',
      round: 1,
      decision: 'refund-elsewhere',
      to: 'store-credit',
      by: 'ops-1',
      reason: 'why not',
      at: '2026-11-20T10:00:00Z',
    } as const
    const record = { ...query, key: 'resolved', record: { what: 'resolved', ...resolution } } as const
    await bus.send([bus.command('RecordCancellation', record, `${requestId}-record`)])
    await bus.answer(`${requestId}-record`)
    expect(await read('ended')).toMatchObject({ open: false, refund, resolutions: [resolution] })
  })

  it('passes orders on once, holds one, and closes it, telling the public', async () => {
    const { orderId, requestId } = ids()
    await bus.send([placing(orderId), placing(orderId), placing(orderId, { customerId: 'cus-8' })])
    await bus.send(
      [1, 2].map((n) => bus.command('BeginCancellation', asking(orderId, requestId), `${requestId}-b${n}`)),
    )
    const begun = await bus.answer(`${requestId}-b1`)
    expect(begun).toMatchObject({ type: 'CancellationBegun', data: { amount: 5919, whole: true } })
    expect(await bus.answer(`${requestId}-b2`)).toEqual(begun)
    await bus.send([bus.command('ConfirmCancellation', { orderId, requestId, round: 1, refunds: [] }, requestId)])
    expect((await bus.answer(requestId)).type).toBe('OrderCancelled')
    await bus.send([bus.command('BeginCancellation', asking(orderId, requestId), `${requestId}-late`)])
    expect(await bus.answer(`${requestId}-late`)).toMatchObject({
      type: 'AlreadyEnded',
      data: { outcome: 'cancelled' },
    })
    await eventually('the end to be told', () => story(orderId).length === 2)
    expect(story(orderId)).toEqual(['order.cancellation.started.v1', 'order.cancellation.completed.v1'])
    const of = (topic: string) => bus.seen.filter((message) => message.topic === topic && message.key === orderId)
    const letters = await eventually('the changed order to be a dead letter', () => {
      const found = bus.seen.filter((message) => message.topic === `${topics.ordersPlaced}.dlq`)
      return found.length > 0 && found
    })
    expect(letters.map((letter) => letter.headers['dlq-reason'])).toEqual(['order-changed'])
    expect(of(topics.ordersAccepted)).toHaveLength(1)
  })

  it('stops an order whose row it cannot read, in words, and no other of the same batch', async () => {
    const [broken, other] = [ids(), ids()]
    await bus.send([placing(broken.orderId), placing(other.orderId)])
    await eventually('both to be known', async () => {
      const known = await sql`select 1 from orders where order_id in (${broken.orderId}, ${other.orderId})`.execute(
        db.database,
      )
      return known.rows.length === 2
    })
    await sql`update orders set placed = placed - 'merchantId' where order_id = ${broken.orderId}`.execute(db.database)
    await bus.send(
      [broken, other].map(({ orderId, requestId }) =>
        bus.command('BeginCancellation', asking(orderId, requestId), requestId),
      ),
    )
    expect(await bus.answer(other.requestId)).toMatchObject({ type: 'CancellationBegun' })
    const rejected = await bus.answer(broken.requestId)
    expect(rejected).toMatchObject({ type: 'CommandRejected' })
    expect(JSON.stringify(rejected.data)).toMatch(new RegExp(`the placed of order ${broken.orderId} .*merchantId`))
  })

  it('lets one of two requests go on when both come at the same moment', async () => {
    const { orderId, requestId } = ids()
    const both = [requestId, randomUUID()]
    await bus.send([placing(orderId), ...both.map((id) => bus.command('BeginCancellation', asking(orderId, id), id))])
    const types = await Promise.all(both.map(async (id) => (await bus.answer(id)).type))
    expect(types.sort()).toEqual(['CancellationBegun', 'CancellationInProgress'])
  })

  it('takes back what never began, and answers Undone to what begins afterwards', async () => {
    const { orderId, requestId } = ids()
    const request = sampleRequest({ orderId, requestId })
    const undo = { orderId, requestId, round: 1, outcome: 'withdrawn', stage: 'requested', request } as const
    await bus.send([placing(orderId), bus.command('AbandonCancellation', undo, `${requestId}-undo`)])
    expect((await bus.answer(`${requestId}-undo`)).type).toBe('CancellationAbandoned')
    await bus.send([bus.command('BeginCancellation', asking(orderId, requestId), requestId)])
    expect((await bus.answer(requestId)).type).toBe('Undone')
  })

  it('keeps a request that overtakes its order, with what was decided meanwhile, and refuses it when none comes', async () => {
    const early = ids()
    const never = ids()
    const said = { what: 'decided', decision: 'approve', by: 'mer-3', at: '2026-11-20T11:00:00Z' } as const
    const { orderId, requestId } = early
    const noting = {
      orderId,
      requestId,
      round: 1,
      key: 'k',
      request: sampleRequest({ orderId, requestId }),
      record: said,
    }
    await bus.send([
      bus.command('BeginCancellation', asking(never.orderId, never.requestId), never.requestId),
      bus.command('RecordCancellation', noting, `${requestId}-k`),
      bus.command('BeginCancellation', asking(orderId, requestId), requestId),
    ])
    await eventually('the request to wait', waiting(orderId))
    await bus.send([placing(orderId)])
    expect(await bus.answer(requestId)).toMatchObject({
      type: 'CancellationBegun',
      data: { decided: { approval: { decision: 'approve' } } },
    })
    expect((await bus.answer(never.requestId)).type).toBe('OrderNotFound')
    await eventually('the refusal to be told', () => story(never.orderId).includes('order.cancellation.refused.v1'))
  })

  it('gives a request id to one order only, also when the other’s request had to wait', async () => {
    const first = ids()
    const second = ids()
    const third = ids()
    const { requestId } = first
    await bus.send([
      bus.command('BeginCancellation', asking(third.orderId, requestId), `${requestId}-3`),
      placing(first.orderId),
      placing(second.orderId),
      bus.command('BeginCancellation', asking(first.orderId, requestId), `${requestId}-1`),
      bus.command('BeginCancellation', asking(second.orderId, requestId), `${requestId}-2`),
    ])
    const types = await Promise.all([1, 2].map(async (n) => (await bus.answer(`${requestId}-${n}`)).type))
    expect(types.sort()).toEqual(['CancellationBegun', 'RequestIdReused'])
    await bus.send([placing(third.orderId)])
    expect((await bus.answer(`${requestId}-3`)).type).toBe('RequestIdReused')
  })

  it('lists the orders on hold anew each time, and keeps nothing of the question', async () => {
    const { orderId, requestId } = ids()
    await bus.send([placing(orderId), bus.command('BeginCancellation', asking(orderId, requestId), `${orderId}-begin`)])
    await bus.answer(`${orderId}-begin`)
    const ask = async (name: string) => {
      const query = { orderId: 'sweep', requestId: 'sweep', round: 1, until: new Date().toISOString() }
      await bus.send([bus.command('ListHolds', query, `${orderId}-${name}`)])
      return JSON.stringify((await bus.answer(`${orderId}-${name}`)).data)
    }
    expect(await ask('held')).toContain(requestId)
    const abandon = {
      orderId,
      requestId,
      round: 1,
      outcome: 'withdrawn',
      stage: 'confirming',
      request: sampleRequest({ orderId, requestId }),
    } as const
    await bus.send([bus.command('AbandonCancellation', abandon, `${orderId}-abandon`)])
    await bus.answer(`${orderId}-abandon`)
    expect(await ask('released')).not.toContain(requestId)
    expect((await sql`select 1 from steps where order_id = 'sweep'`.execute(db.database)).rows).toEqual([])
  })

  it('lists holds in pages that a broker takes, however long their notes are', async () => {
    const all = Array.from({ length: 200 }, ids)
    const reason = { code: 'other', note: '取'.repeat(2_000) } as const
    await bus.send(
      all.flatMap(({ orderId, requestId }) => [
        placing(orderId),
        bus.command('BeginCancellation', { ...asking(orderId, requestId), reason }, `${requestId}-begin`),
      ]),
    )
    await Promise.all(all.map(({ requestId }) => bus.answer(`${requestId}-begin`, 30_000)))
    const until = new Date().toISOString()
    const listed: string[] = []
    for (let page = 0, after: string | undefined; page < 50; page++) {
      const query = { orderId: 'sweep', requestId: 'sweep', round: 1, until, ...(after === undefined ? {} : { after }) }
      const replyTo = randomUUID()
      await bus.send([bus.command('ListHolds', query, replyTo)])
      const { holds, more } = answers.HoldsListed.parse((await bus.answer(replyTo)).data)
      listed.push(...holds.map(({ request }) => request.requestId))
      after = holds.at(-1)?.request.requestId
      if (!more) break
    }
    expect(new Set(listed).size).toBe(listed.length)
    expect(listed).toEqual(expect.arrayContaining(all.map(({ requestId }) => requestId)))
  }, 60_000)
})
