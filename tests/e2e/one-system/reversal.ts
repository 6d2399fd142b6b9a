import { topics } from '@countermand/contracts'
import { eventually, eventuallyHolds } from '@countermand/testing'
import type { DeadLetter } from '@countermand/workflows/operations/dead-letters/document.ts'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { endsOf, openShop, type Request, type Shop } from '../shop.ts'
import { world } from './system.ts'

const messageOf = z.object({ value: z.string(), headers: z.record(z.string(), z.string()) })

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

const runOf = ({ requestId }: Request) => world.temporal.client.workflow.getHandle(`refund-${requestId}-t1`)

/** The orchestrator hears the same event as the test does, perhaps after it. */
const started = (request: Request) =>
  eventually('the run that settles it', () =>
    runOf(request)
      .describe()
      .catch(() => undefined),
  )

/** An order that was cancelled, and whose refund was reversed after its end. */
const reversed = async (name: string, merchantId: string) => {
  const order = await shop.place({ name, merchantId, tenders: [{ ref: 'pay_reverse_3000' }] })
  const request = await shop.ask(order)
  expect(await request.ends()).toMatchObject({ outcome: 'cancelled', refunds: [{ state: 'succeeded' }] })
  expect(await request.hears('refund.reversed.v1')).toMatchObject({ tenderId: 't1', amount: 3351, state: 'reversed' })
  return request
}

/** Temporal's list is a moment behind what is told. */
const expectListed = ({ orderId, requestId }: Request, as: object) =>
  eventuallyHolds(async () => {
    const { stdout } = await world.saga('list', '--attention', '--order', orderId, '--json')
    expect(JSON.parse(stdout)).toMatchObject([{ requestId, ...as }])
  })

const kindsOf = async (request: Request) =>
  (await request.story()).payment.ledger.map(({ kind, destination }) => [kind, destination])

const settledAt = [
  ['capture', null],
  ['refund', 'original'],
  ['reversal', 'original'],
  ['refund', 'store-credit'],
]

describe.concurrent('a refund that is reversed after the end', () => {
  it('goes where policy says: the ledger shows it, and the cancellation stays ended', async () => {
    const request = await reversed('by-policy', 'mer-credit')
    expect(await request.hears('refund.succeeded.v1', 2)).toMatchObject({ destination: 'store-credit', amount: 3351 })
    expect(await runOf(request).result()).toMatchObject({
      stage: 'closed',
      refunds: [{ state: 'succeeded', destination: 'store-credit' }],
    })
    expect(await kindsOf(request)).toEqual(settledAt)
    expect(endsOf(request)).toHaveLength(1)
    const [{ records } = expect.fail()] = (await request.story()).requests
    expect(records.map(({ record }) => record)).toMatchObject([
      { what: 'resolved', decision: 'refund-elsewhere', to: 'store-credit', by: 'policy:refund-fallback' },
    ])
  })

  it('is left to the end when it comes while another tender is under way, and then goes where policy says', async () => {
    const order = await shop.place({
      name: 'while-open',
      merchantId: 'mer-credit',
      tenders: [{ ref: 'pay_reverse_500', amount: 1351 }, { ref: 'pay_slow_4000' }],
    })
    const request = await shop.ask(order)
    expect((await request.hears('refund.reversed.v1')).amount).toBe(1351)
    expect((await started(request)).status.name).toBe('RUNNING')
    expect(await request.ends()).toMatchObject({ refunds: [{ state: 'reversed' }, { state: 'succeeded' }] })
    expect(await runOf(request).result()).toMatchObject({
      refunds: [
        { tenderId: 't2', state: 'succeeded', destination: 'original' },
        { tenderId: 't1', state: 'succeeded', destination: 'store-credit' },
      ],
    })
    expect((await request.story()).payment.tenders).toMatchObject([{ refunded: 1351 }, { refunded: 2000 }])
  })

  it('is settled once, however often it is told', async () => {
    const request = await reversed('told-again', 'mer-credit')
    await eventually('the run that settles it', async () => {
      const run = await runOf(request)
        .describe()
        .catch(() => undefined)
      return run?.status.name === 'COMPLETED'
    })
    const { runId: first } = await runOf(request).describe()
    const told = await request.hears('refund.reversed.v1')
    for (const id of ['once-more', 'and-again'])
      await world.outside.publish('refund.reversed.v1', request.orderId, told, id)
    // A tender whose earlier refund was told of after a later one of it: a run that finds nothing to do.
    await world.outside.publish('refund.reversed.v1', request.orderId, { ...told, refundId: 'ref_other' })
    await eventually('the run for what was told last', async () => {
      const { runId, status } = await runOf(request).describe()
      return runId !== first && status.name === 'COMPLETED'
    })
    expect(await kindsOf(request)).toEqual(settledAt)
  })

  it('needs attention without a policy, in public and by search, and is settled as a person decides', async () => {
    const request = await reversed('by-a-person', 'mer-3')
    const { attention } = await request.hears('order.cancellation.needs-attention.v1')
    expect(attention).toMatchObject({ reason: 'refund-reversed', remedies: ['retry', 'refund-elsewhere', 'skip'] })
    expect((await world.verify()).violations).toEqual([])
    await expectListed(request, { attentionReason: 'refund-reversed' })
    expect((await request.story()).next).toContain(`npm run saga -- resolve ${request.requestId} --decision retry`)
    const who = ['--by', 'op-1', '--reason', 'the card is gone']
    const decision = ['--decision', 'refund-elsewhere', '--to', 'store-credit']
    expect(await world.saga('resolve', request.requestId, ...decision, ...who)).toMatchObject({ code: 0 })
    await runOf(request).result()
    expect(await kindsOf(request)).toEqual(settledAt)
    expect(endsOf(request)).toHaveLength(1)
  })
})

describe.concurrent('a refund that a person has settled by hand', () => {
  const byHand = ['--decision', 'skip', '--by', 'ann', '--reason', 'paid by hand']

  it('is not paid by its own command, redriven from the dead letters afterwards', async () => {
    const order = await shop.place({ name: 'skipped-letter', tenders: [{ ref: 'pay_ok' }] })
    const { payment } = world.raw
    const unwritable = sql`alter table refunds add constraint unwritable check (order_id <> ${sql.lit(order.orderId)})`
    await unwritable.execute(payment)
    const request = await shop.ask(order)
    await request.hears('order.cancellation.needs-attention.v1')
    await sql`alter table refunds drop constraint unwritable`.execute(payment)
    const isCommand = ({ key, type }: DeadLetter) => key === order.orderId && type === 'RefundOrder'
    const letter = (await world.deadLetters()).find(isCommand) ?? expect.fail()
    expect(await world.saga('resolve', request.requestId, ...byHand)).toMatchObject({ code: 0 })
    await request.ends()
    for (const how of [[], ['--force']])
      expect(await world.saga('dlq', 'redrive', letter.id, ...how)).toMatchObject({
        code: 2,
        stdout: expect.stringContaining('ann has decided about do refund, round 1 (skip): discard it'),
      })
    // As somebody would send it who does not ask the command line.
    const { value, headers } = messageOf.parse(
      JSON.parse((await world.saga('dlq', 'show', letter.id, '--json')).stdout),
    )
    for (const each of [value, 'what cannot be read comes after it'])
      await world.outside.publishRaw({ topic: topics.paymentCommands, key: order.orderId, headers, value: each })
    await eventually('both read', async () => (await world.deadLetters()).filter(isCommand).length === 2)
    const { payment: paid } = await request.story()
    expect(paid).toMatchObject({ tenders: [{ refunded: 0 }], refunds: [] })
  })

  it('opens a case for what was still under way, when its channel refuses it', async () => {
    const tenders = [
      { ref: 'pay_ok', amount: 1000 },
      { ref: 'pay_refuse', amount: 1000 },
      { ref: 'pay_late_refuse_4000' },
    ]
    const request = await shop.ask(await shop.place({ name: 'refused-after-skip', tenders }))
    const parkedFor = async (nth: number) =>
      (await request.hears('order.cancellation.needs-attention.v1', nth)).attention
    expect(await parkedFor(1)).toMatchObject({ reason: 'refund-refused-after-pivot' })
    expect(await world.saga('resolve', request.requestId, ...byHand)).toMatchObject({ code: 0 })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(await parkedFor(2)).toMatchObject({ reason: 'refund-refused-after-pivot' })
    expect((await world.verify()).violations).toEqual([])
    const credit = ['--decision', 'refund-elsewhere', '--to', 'store-credit', '--by', 'ann', '--reason', 'as agreed']
    expect(await world.saga('resolve', request.requestId, ...credit)).toMatchObject({ code: 0 })
    await request.hears('refund.succeeded.v1', 2)
    expect((await request.story()).payment.tenders.map(({ refunded }) => refunded)).toEqual([1000, 0, 1351])
  })
})

describe('a parcel that comes back after the end, though its intercept was taken back', () => {
  it('needs attention in public and by search; its carrier is asked once more, and again it comes back', async () => {
    const parcel = { number: 'OK-1', status: 'in-transit' } as const
    const order = await shop.place({ name: 'comes-back', tenders: [{ ref: 'pay_refuse' }], parcels: [parcel] })
    const request = await shop.ask(order, { initiator: { kind: 'merchant' } })
    expect(await request.ends()).toMatchObject({ outcome: 'compensated', code: 'refund-refused' })
    await shop.track(order, 0, 'returning', 'OK-1')
    const { attention } = await request.hears('order.cancellation.needs-attention.v1')
    expect(attention).toMatchObject({ reason: 'undo-failed', remedies: ['retry', 'skip'] })
    await expectListed(request, { attentionReason: 'undo-failed', stage: 'undoing' })
    expect((await request.story()).next).toContain(`npm run saga -- resolve ${request.requestId} --decision retry`)

    const decide = (decision: string) =>
      world.saga('resolve', request.requestId, '--decision', decision, '--by', 'op-1', '--reason', 'called the carrier')
    expect(await decide('retry')).toMatchObject({ code: 0 })
    await eventually('the parcel to go to the customer', async () => {
      const [known] = (await request.story()).shipments
      return known?.status === 'in-transit'
    })
    expect((await world.verify()).violations).toEqual([])
    await shop.track(order, 0, 'returned', 'OK-1')
    await request.hears('order.cancellation.needs-attention.v1', 2)
    expect(await decide('skip')).toMatchObject({ code: 0 })
    const run = world.temporal.client.workflow.getHandle(
      `parcel-${request.requestId}-${order.shipments[0]?.shipmentId}`,
    )
    expect(await run.result()).toMatchObject({ stage: 'closed' })
    expect(endsOf(request)).toHaveLength(1)
  })
})

it('leaves all six invariants true', async () => {
  expect((await world.verify()).violations).toEqual([])
})
