import { eventually } from '@countermand/testing'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { endsOf, openShop, type Request, type Shop } from './shop.ts'
import { startWorld, type World } from './world.ts'

let world: World
let shop: Shop
beforeAll(async () => {
  world = await startWorld(inject('stack'), {}, { 'mer-credit': { REFUND_FALLBACK: 'store-credit' } })
  shop = openShop(world)
})
afterAll(async () => {
  await world?.stop()
})

const runOf = ({ requestId }: Request) => world.temporal.client.workflow.getHandle(`refund-${requestId}-t1`)

/** An order that was cancelled, and whose refund was reversed after its end. */
const reversed = async (name: string, merchantId: string) => {
  const order = await shop.place({ name, merchantId, tenders: [{ ref: 'pay_reverse_3000' }] })
  const request = await shop.ask(order)
  expect(await request.ends()).toMatchObject({ outcome: 'cancelled', refunds: [{ state: 'succeeded' }] })
  expect(await request.hears('refund.reversed.v1')).toMatchObject({ tenderId: 't1', amount: 3351, state: 'reversed' })
  return request
}

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
    expect((await runOf(request).describe()).status.name).toBe('RUNNING')
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
    const listed = await world.saga('list', '--attention', '--order', request.orderId, '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { requestId: request.requestId, attentionReason: 'refund-reversed' },
    ])
    expect((await request.story()).next).toContain(`npm run saga -- resolve ${request.requestId} --decision retry`)
    const who = ['--by', 'op-1', '--reason', 'the card is gone']
    const decision = ['--decision', 'refund-elsewhere', '--to', 'store-credit']
    expect(await world.saga('resolve', request.requestId, ...decision, ...who)).toMatchObject({ code: 0 })
    await runOf(request).result()
    expect(await kindsOf(request)).toEqual(settledAt)
    expect(endsOf(request)).toHaveLength(1)
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
    const listed = await world.saga('list', '--attention', '--order', order.orderId, '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { requestId: request.requestId, attentionReason: 'undo-failed', stage: 'undoing' },
    ])
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
