import type { Wish } from '@countermand/tools/shop/wish.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { endsOf, openShop, type Shop } from '../shop.ts'
import { world } from './system.ts'

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

/**
 * Three mugs and two bowls, each line in a parcel of its own, paid by card and gift card. Discount and tax of the mugs do not divide
 * by three, the tax of the bowls not by two: what is left over goes with the last unit.
 */
interface Sale {
  readonly currency: string
  readonly mug: { readonly unitAmount: number; readonly discountAmount: number; readonly taxAmount: number }
  readonly bowl: { readonly unitAmount: number; readonly taxAmount: number }
  readonly shipping: readonly [amount: number, tax: number]
  readonly giftCard: number
  /** What one mug, then a mug and a bowl, then the rest with the shipping give back. */
  readonly parts: readonly [number, number, number]
}

const sales: readonly Sale[] = [
  {
    currency: 'EUR',
    mug: { unitAmount: 1000, discountAmount: 100, taxAmount: 200 },
    bowl: { unitAmount: 499, taxAmount: 5 },
    shipping: [490, 78],
    giftCard: 2000,
    // 1000 − 33 + 66; 1000 − 33 + 67 and 499 + 2; 1000 − 34 + 67 and 499 + 3 and 568
    parts: [1033, 1535, 2103],
  },
  {
    currency: 'JPY',
    mug: { unitAmount: 333, discountAmount: 50, taxAmount: 100 },
    bowl: { unitAmount: 1, taxAmount: 1 },
    shipping: [500, 50],
    giftCard: 1,
    // 333 − 16 + 33; 333 − 17 + 33 and 1 + 0; 333 − 17 + 34 and 1 + 1 and 550
    parts: [350, 350, 902],
  },
  {
    currency: 'KWD',
    mug: { unitAmount: 12_345, discountAmount: 1, taxAmount: 2 },
    bowl: { unitAmount: 250, taxAmount: 0 },
    shipping: [1_500, 0],
    giftCard: 30_000,
    // 12345 − 0 + 0; 12345 − 0 + 1 and 250; 12345 − 1 + 1 and 250 and 1500
    parts: [12_345, 12_596, 14_095],
  },
]

const wishOf = ({ currency, mug, bowl, shipping: [shippingAmount, shippingTaxAmount], giftCard }: Sale): Wish => ({
  ...{ name: `partial-${currency}`, merchantId: 'mer-never', currency, shippingAmount, shippingTaxAmount },
  lines: [
    { lineId: 'mugs', sku: `MUG-${currency}`, quantity: 3, ...mug },
    { lineId: 'bowls', sku: `BOWL-${currency}`, quantity: 2, discountAmount: 0, ...bowl },
  ],
  tenders: [{ ref: 'pay_ok' }, { ref: 'gift-1', channel: 'gift-card', amount: giftCard }],
  parcels: [
    { number: 'OK-1', lineIds: ['mugs'] },
    { number: 'OK-2', lineIds: ['bowls'] },
  ],
})

const sumOf = (refunds: readonly { readonly amount: number }[]) => refunds.reduce((sum, { amount }) => sum + amount, 0)

describe.concurrent('lines and quantities, twice on one order, then the rest', () => {
  it.for(sales)('give back exact shares of $currency, the shipping with the last', async (sale) => {
    const order = await shop.place(wishOf(sale))
    const [first, second, third] = sale.parts

    const one = await shop.ask(order, { lines: [{ lineId: 'mugs', quantity: 1 }] })
    const oneEnd = await one.ends()
    expect(oneEnd).toMatchObject({ outcome: 'lines-cancelled', amount: first, currency: sale.currency })
    expect('refunds' in oneEnd ? sumOf(oneEnd.refunds) : 0).toBe(first)
    const after = await world.story(order.orderId)
    expect(after.order).toMatchObject({ status: 'partially-cancelled' })
    expect(after.stock).toMatchObject([
      { lineId: 'bowls', reserved: 2 },
      { lineId: 'mugs', reserved: 2, onSale: 1 },
    ])
    // The parcel holds two more mugs: one is taken out of the box, and the parcel goes its way.
    expect(after.shipments).toMatchObject([
      { trackingNumber: 'OK-1', stops: [{ state: 'not-needed' }] },
      { trackingNumber: 'OK-2', stops: [] },
    ])

    const lines = [
      { lineId: 'mugs', quantity: 1 },
      { lineId: 'bowls', quantity: 1 },
    ]
    expect(await (await shop.ask(order, { lines })).ends()).toMatchObject({
      outcome: 'lines-cancelled',
      amount: second,
    })
    expect(await (await shop.ask(order, { lines: [{ lineId: 'mugs', quantity: 2 }] })).ends()).toMatchObject({
      ...{ outcome: 'refused', code: 'quantity-exceeded' },
    })

    expect(await (await shop.ask(order)).ends()).toMatchObject({ outcome: 'cancelled', amount: third })
    const last = await world.story(order.orderId)
    expect(last.order).toMatchObject({ status: 'cancelled' })
    expect(last.stock).toMatchObject([
      { lineId: 'bowls', onSale: 2 },
      { lineId: 'mugs', onSale: 3 },
    ])
    expect(last.shipments.map(({ stops }) => stops.at(-1)?.state)).toEqual(['label-voided', 'label-voided'])
    expect(last.payment.tenders.map(({ captured, refunded }) => captured - refunded)).toEqual([0, 0])
    expect(sumOf(order.tenders)).toBe(first + second + third)
  })
})

describe.concurrent('a parcel that also holds what the customer keeps', () => {
  const wish: Wish = {
    name: 'shared-box',
    merchantId: 'mer-never',
    lines: [
      { lineId: '1', sku: 'SKU-A', quantity: 1, unitAmount: 700, discountAmount: 0, taxAmount: 0 },
      { lineId: '2', sku: 'SKU-B', quantity: 1, unitAmount: 300, discountAmount: 0, taxAmount: 0 },
    ],
    parcels: [{ number: 'OK-9', status: 'in-transit' }],
  }
  const oneLine = { lines: [{ lineId: '1', quantity: 1 }] }

  it('is not stopped on its way: the request is compensated, and says why', async () => {
    const order = await shop.place(wish)
    const request = await shop.ask(order, oneLine)
    expect(await request.ends()).toMatchObject({
      ...{ outcome: 'compensated', code: 'intercept-failed', stage: 'confirming' },
      message: expect.stringContaining('with other lines'),
    })
    const { order: facts, stock, shipments } = await request.story()
    expect(facts).toMatchObject({ status: 'shipped' })
    expect(stock).toMatchObject([{ shipped: 1 }, { shipped: 1 }])
    expect(shipments).toMatchObject([{ status: 'in-transit', stops: [{ state: 'left-as-is' }] }])
  })

  it('is turned round when all of it is cancelled', async () => {
    const order = await shop.place({ ...wish, name: 'whole-box' })
    const request = await shop.ask(order, { lines: ['1', '2'].map((lineId) => ({ lineId, quantity: 1 })) })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled', amount: 1568 })
    expect(await request.story()).toMatchObject({
      stock: [{ aside: 1 }, { aside: 1 }],
      shipments: [{ status: 'returning', stops: [{ state: 'intercepted' }] }],
    })
  })
})

it('leaves every invariant true, and each request with one public end', async () => {
  expect((await world.verify()).violations).toEqual([])
  expect(shop.requests.filter((request) => endsOf(request).length !== 1)).toEqual([])
})
