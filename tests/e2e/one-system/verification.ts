import { randomUUID } from 'node:crypto'
import type { CancelRequested, RefusalCode } from '@countermand/contracts'
import { firstPublishedAt } from '@countermand/kafka'
import { eventually } from '@countermand/testing'
import type { Wish } from '@countermand/tools/shop/wish.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { endsOf, openShop, type Request, type Shop } from '../shop.ts'
import { world } from './system.ts'

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()

interface Refused {
  readonly title: string
  readonly wish: Wish
  readonly asked?: Partial<CancelRequested>
  readonly code: RefusalCode
  /** The order's status, by default `paid`. */
  readonly status?: string
}

const refused: readonly Refused[] = [
  {
    title: 'asked for after the window, by the time of the request',
    wish: { name: 'window', placedAt: daysAgo(40) },
    asked: { requestedAt: daysAgo(9) },
    code: 'window-closed',
  },
  {
    title: 'published after the window, whatever date it has',
    wish: { name: 'backdated', placedAt: daysAgo(40) },
    asked: { requestedAt: daysAgo(11) },
    code: 'window-closed',
  },
  { title: 'of a blocked account', wish: { name: 'blocked', customerId: 'cus-14' }, code: 'account-blocked' },
  {
    title: 'for more than there is of a line',
    wish: { name: 'exceeded' },
    asked: { lines: [{ lineId: '1', quantity: 3 }] },
    code: 'quantity-exceeded',
  },
  {
    title: 'for a line that the order does not have',
    wish: { name: 'strange-line' },
    asked: { lines: [{ lineId: '9', quantity: 1 }] },
    code: 'quantity-exceeded',
  },
  {
    title: 'of an order whose parcel came back already',
    wish: { name: 'returned', parcels: [{ number: 'OK-1', status: 'returned' }] },
    code: 'not-cancellable',
    status: 'shipped',
  },
]

/** Nothing is told of a refused request but its end. */
const expectRefused = async (request: Request, code: RefusalCode) => {
  expect(await request.ends()).toMatchObject({ outcome: 'refused', code, stage: 'verifying' })
  expect(request.heard().map(({ type }) => type)).toEqual(['order.cancellation.refused.v1'])
}

describe.concurrent('a request is refused in verification', () => {
  it.for(refused)('$title: $code', async ({ wish, asked, code, status }) => {
    const order = await shop.place(wish)
    await expectRefused(await shop.ask(order, asked), code)
    const { order: facts, payment } = await world.story(order.orderId)
    expect(facts).toMatchObject({ status: status ?? 'paid', heldBy: null })
    expect(payment.refunds).toEqual([])
  })

  it('of an order that nobody placed: order-not-found', async () => {
    await expectRefused(await shop.ask({ orderId: `ord-nobody-${randomUUID()}` }), 'order-not-found')
  })

  it('of an order that is cancelled already: already-cancelled', async () => {
    const order = await shop.place({ name: 'again' })
    expect(await (await shop.ask(order)).ends()).toMatchObject({ outcome: 'cancelled' })
    await expectRefused(await shop.ask(order), 'already-cancelled')
    expect((await world.story(order.orderId)).payment.tenders).toMatchObject([{ refunded: 3351 }])
  })

  it('when another one was asked for at the same moment: one goes on, the other is told that it is in progress', async () => {
    const order = await shop.place({ name: 'both', tenders: [{ ref: 'pay_slow_3000' }] })
    const both = await Promise.all([shop.ask(order), shop.ask(order)])
    const ends = await Promise.all(both.map((request) => request.ends()))
    expect(ends.map(({ outcome }) => outcome).toSorted()).toEqual(['cancelled', 'refused'])
    expect(ends.find(({ outcome }) => outcome === 'refused')).toMatchObject({ code: 'cancellation-in-progress' })
    expect((await world.story(order.orderId)).payment.tenders).toMatchObject([{ refunded: 3351 }])
  })
})

describe.concurrent('a request goes on', () => {
  it('that was made inside the window, however late it is read', async () => {
    const order = await shop.place({ name: 'in-time', placedAt: daysAgo(40) })
    const request = await shop.ask(order, { requestedAt: daysAgo(11) }, 'later')
    await request.publish({ [firstPublishedAt]: daysAgo(11) })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })

  it('of a blocked account when support asks for it', async () => {
    const order = await shop.place({ name: 'support', customerId: 'cus-13' })
    const request = await shop.ask(order, { initiator: { kind: 'support', id: 'agent-1' } })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })
})

describe.concurrent('a request id', () => {
  it('whose event comes again after its end starts nothing, and nothing is told twice', async () => {
    const order = await shop.place({ name: 'duplicate' })
    const request = await shop.ask(order, { lines: [{ lineId: '1', quantity: 1 }] })
    expect(await request.ends()).toMatchObject({ outcome: 'lines-cancelled' })
    await request.publish()
    await request.publish()
    // What comes behind it on its partition has been read once it ends.
    const next = await shop.ask(order)
    expect(await next.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(endsOf(request)).toHaveLength(1)
    const runs = await eventually('both runs', async () => {
      const found = await listRuns(world.temporal, { order: order.orderId })
      return found.length >= 2 && found
    })
    expect(runs.map(({ requestId }) => requestId).toSorted()).toEqual([request.requestId, next.requestId].toSorted())
  })

  it('that another order used before is a dead letter, and its order is untouched', async () => {
    const first = await shop.place({ name: 'first' })
    const request = await shop.ask(first)
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    const second = await shop.place({ name: 'second' })
    const { requestId } = request
    await world.outside.publish('order.cancel.requested.v1', second.orderId, {
      ...{ requestId, orderId: second.orderId, requestedAt: new Date().toISOString(), refundTo: 'original' },
      ...{ initiator: { kind: 'customer' }, reason: { code: 'other' } },
    })
    const letter = await eventually('its dead letter', async () =>
      (await world.deadLetters()).find(({ key }) => key === second.orderId),
    )
    expect(letter).toMatchObject({ reason: 'request-id-reused' })
    const { order, payment } = await world.story(second.orderId)
    expect(order).toMatchObject({ status: 'paid', heldBy: null })
    expect(payment.refunds).toEqual([])
    expect(await request.story()).toMatchObject({ orderId: first.orderId, outcome: 'cancelled' })
  })
})

it('leaves every invariant true, and each request with one public end', async () => {
  expect((await world.verify()).violations).toEqual([])
  expect(shop.requests.filter((request) => endsOf(request).length !== 1)).toEqual([])
})
