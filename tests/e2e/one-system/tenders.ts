import type { TenderRefund } from '@countermand/contracts'
import type { Wish } from '@countermand/tools/shop/wish.ts'
import { upstreamMessage } from '@countermand/workflows/operations/reach/upstream.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { endsOf, openShop, type Request, type Shop } from '../shop.ts'
import { world } from './system.ts'

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

const cancel = async (wish: Wish, refundTo: 'original' | 'store-credit' = 'original'): Promise<Request> =>
  shop.ask(await shop.place(wish), { refundTo })

/** Where the money went, as the public end says. */
const refundsOf = async (request: Request): Promise<readonly Partial<TenderRefund>[]> => {
  const end = await request.ends()
  expect(end).toMatchObject({ outcome: 'cancelled' })
  const refunds = 'refunds' in end ? end.refunds : []
  expect(refunds.reduce((sum, { amount }) => sum + amount, 0)).toBe(end.amount)
  return refunds.map(({ tenderId, amount, state, destination }) => ({ tenderId, amount, state, destination }))
}

const expectNothingMoved = async (request: Request) => {
  const { order, stock, payment } = await request.story()
  expect(order).toMatchObject({ status: 'paid', heldBy: null })
  expect(stock).toMatchObject([{ reserved: 2 }])
  expect(payment.tenders.map(({ refunded }) => refunded)).toEqual(payment.tenders.map(() => 0))
  expect(payment.pivots).toMatchObject([{ crossedAt: null }])
}

describe.concurrent('an order that costs nothing, or is paid at the door', () => {
  const cancelledAsPlaced = async (orderId: string, changes: object): Promise<Request> => {
    const order = {
      ...(await shop.place({ name: `${orderId}-like`, tenders: [{ ref: 'pay_ok' }] })),
      orderId,
      ...changes,
    }
    await world.outside.publishRaw(upstreamMessage('order.placed.v1', orderId, order))
    return shop.ask({ orderId })
  }
  const free = {
    lines: [{ lineId: '1', sku: 'SKU-GIFT', quantity: 1, unitAmount: 0 }],
    ...{ shippingAmount: null, shippingTaxAmount: null, shipments: null },
  }

  it.each([
    ['no tender', null],
    ['a tender of nothing', [{ tenderId: 't1', channel: 'sandbox-card', amount: 0, paymentRef: 'pay_refuse' }]],
  ])('is cancelled with %s, and no channel is asked', async (name, tenders) => {
    const request = await cancelledAsPlaced(`ord-${name.replaceAll(' ', '-')}`, { ...free, tenders })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled', amount: 0, refunds: [] })
    const { order, payment } = await request.story()
    expect([order?.status, payment.refunds]).toEqual(['cancelled', []])
  })

  it('is cancelled without a payment to name', async () => {
    const tenders = [{ tenderId: 't1', channel: 'cash-on-delivery', amount: 3351, paymentRef: '' }]
    const request = await cancelledAsPlaced('ord-at-the-door', { tenders })
    expect(await refundsOf(request)).toEqual([
      { tenderId: 't1', amount: 3351, state: 'succeeded', destination: 'none' },
    ])
  })
})

describe.concurrent('several payments for one order', () => {
  it('are all given back, each its own way', async () => {
    const request = await cancel({
      name: 'all',
      tenders: [
        { ref: 'gift-1', channel: 'gift-card', amount: 500 },
        { ref: 'cash', channel: 'cash-on-delivery', amount: 351 },
        { ref: 'pay_ok', amount: 2000 },
        { ref: 'pay_slow_300', channel: 'sandbox-wallet' },
      ],
    })
    expect(await refundsOf(request)).toEqual(
      expect.arrayContaining([
        { tenderId: 't1', amount: 500, state: 'succeeded', destination: 'gift-card' },
        { tenderId: 't2', amount: 351, state: 'succeeded', destination: 'none' },
        { tenderId: 't3', amount: 2000, state: 'succeeded', destination: 'original' },
        { tenderId: 't4', amount: 500, state: 'succeeded', destination: 'original' },
      ]),
    )
  })

  it('go to store credit where the customer asks for it, the gift card to the gift card all the same', async () => {
    const tenders = [{ ref: 'pay_ok' }, { ref: 'gift-1', channel: 'gift-card', amount: 500 }] as const
    expect(await refundsOf(await cancel({ name: 'credit', tenders }, 'store-credit'))).toEqual([
      { tenderId: 't1', amount: 2851, state: 'succeeded', destination: 'store-credit' },
      { tenderId: 't2', amount: 500, state: 'succeeded', destination: 'gift-card' },
    ])
  })

  it('all refused: no money has moved, and everything is undone', async () => {
    const tenders = [
      { ref: 'pay_refuse_1', amount: 2000 },
      { ref: 'pay_refuse_2', channel: 'sandbox-wallet' },
    ] as const
    const request = await cancel({ name: 'all-refused', tenders })
    expect(await request.ends()).toMatchObject({
      ...{ outcome: 'compensated', code: 'refund-refused', stage: 'refunding' },
    })
    await expectNothingMoved(request)
  })

  it('one refused after another moved: goes to store credit where policy says so, and the public is told', async () => {
    const tenders = [
      { ref: 'pay_ok', amount: 2000 },
      { ref: 'pay_refuse', channel: 'sandbox-wallet' },
    ] as const
    const request = await cancel({ name: 'fallback', merchantId: 'mer-credit', tenders })
    expect(await refundsOf(request)).toEqual([
      { tenderId: 't1', amount: 2000, state: 'succeeded', destination: 'original' },
      { tenderId: 't2', amount: 1351, state: 'succeeded', destination: 'store-credit' },
    ])
    expect(request.heard().map(({ type }) => type)).not.toContain('order.cancellation.needs-attention.v1')
  })

  it('one refused after another moved: waits for a person, who sends it elsewhere', async () => {
    const tenders = [
      { ref: 'pay_ok', amount: 2000 },
      { ref: 'pay_refuse', channel: 'sandbox-wallet' },
    ] as const
    const request = await cancel({ name: 'attention', tenders })
    expect(await request.hears('order.cancellation.needs-attention.v1')).toMatchObject({
      stage: 'refunding',
      attention: { reason: 'refund-refused-after-pivot', remedies: ['retry', 'skip', 'refund-elsewhere'] },
    })
    await expect(request.resolve('undo')).rejects.toThrow()
    expect(await request.resolve('refund-elsewhere', 'bank-transfer')).toEqual({ accepted: true })
    expect(await refundsOf(request)).toEqual([
      { tenderId: 't1', amount: 2000, state: 'succeeded', destination: 'original' },
      { tenderId: 't2', amount: 1351, state: 'succeeded', destination: 'bank-transfer' },
    ])
  })
})

describe.concurrent('a channel', () => {
  it('whose answers are lost moves the money once', async () => {
    const request = await cancel({ name: 'lost', tenders: [{ ref: 'pay_lost_2' }] })
    expect(await refundsOf(request)).toMatchObject([{ amount: 3351, state: 'succeeded' }])
    const { payment } = await request.story()
    expect(payment.ledger.filter(({ kind }) => kind === 'refund')).toHaveLength(1)
  })

  it('that fails for a while is asked again', async () => {
    const request = await cancel({ name: 'flaky', tenders: [{ ref: 'pay_flaky_2' }] })
    expect(await refundsOf(request)).toMatchObject([{ state: 'succeeded' }])
  })

  it('that accepts and then refuses: money may have moved, so a person decides where it goes', async () => {
    const request = await cancel({ name: 'late-refuse', tenders: [{ ref: 'pay_late_refuse_500' }] })
    const { attention } = await request.hears('order.cancellation.needs-attention.v1')
    expect(attention).toMatchObject({ reason: 'refund-refused-after-pivot' })
    expect(await request.resolve('refund-elsewhere', 'store-credit')).toEqual({ accepted: true })
    expect(await refundsOf(request)).toMatchObject([{ amount: 3351, destination: 'store-credit', state: 'succeeded' }])
  })

  it('that accepts and then refuses: policy may decide where it goes', async () => {
    const tenders = [{ ref: 'pay_late_refuse_300' }]
    const request = await cancel({ name: 'late-policy', merchantId: 'mer-credit', tenders })
    expect(await refundsOf(request)).toMatchObject([{ destination: 'store-credit', state: 'succeeded' }])
  })

  it('that is down parks the saga until it is tried again; an undo is refused while the refund is under way', async () => {
    const request = await cancel({ name: 'down', tenders: [{ ref: 'pay_down' }] })
    const { attention } = await request.hears('order.cancellation.needs-attention.v1')
    expect(attention).toMatchObject({ reason: 'step-failed', remedies: ['retry', 'skip', 'refund-elsewhere', 'undo'] })
    expect(await request.resolve('undo')).toMatchObject({ accepted: false, code: 'too-late' })
    expect(await request.resolve('retry')).toEqual({ accepted: true })
    expect(await refundsOf(request)).toMatchObject([{ amount: 3351, destination: 'original', state: 'succeeded' }])
  })

  it('that is down for a week: the money goes elsewhere, though none has moved yet', async () => {
    const request = await cancel({ name: 'elsewhere', tenders: [{ ref: 'pay_down' }] })
    await request.hears('order.cancellation.needs-attention.v1')
    expect(await request.resolve('refund-elsewhere', 'store-credit')).toEqual({ accepted: true })
    expect(await refundsOf(request)).toMatchObject([{ amount: 3351, destination: 'store-credit', state: 'succeeded' }])
  })

  it('that is down: a person may let the saga close without the refund, and that is on record', async () => {
    const request = await cancel({ name: 'skip', tenders: [{ ref: 'pay_down' }] })
    await request.hears('order.cancellation.needs-attention.v1')
    expect(await request.resolve('skip')).toEqual({ accepted: true })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    const [{ records } = expect.fail()] = (await request.story()).requests
    expect(records.map(({ record }) => record)).toMatchObject([
      { what: 'needs-attention' },
      { what: 'resolved', decision: 'skip', by: 'op-1', reason: expect.any(String) },
    ])
  })
})

it('leaves every invariant true, and each request with one public end', async () => {
  expect((await world.verify()).violations).toEqual([])
  expect(shop.requests.filter((request) => endsOf(request).length !== 1)).toEqual([])
})
