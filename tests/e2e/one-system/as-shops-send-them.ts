import { most, type ShipmentStatus } from '@countermand/contracts'
import type { Wish } from '@countermand/tools/shop/wish.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { endsOf, openShop, type Shop } from '../shop.ts'
import { world } from './system.ts'

/** Orders of real shops: guests, what is not kept in stock, sums that were rounded, and lines whose units go in several parcels. */

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

describe.concurrent('a line whose units go in several parcels', () => {
  const holding = (number: string, status: ShipmentStatus) => ({
    number,
    status,
    lines: [{ lineId: '1', quantity: 1 }],
  })
  const wish = (name: string, parcels: Wish['parcels']): Wish => ({
    ...{ name, merchantId: 'mer-never', shippingAmount: 0, shippingTaxAmount: 0 },
    lines: [{ lineId: '1', sku: 'SKU-LAMP', quantity: 2, unitAmount: 700, discountAmount: 0, taxAmount: 0 }],
    parcels: parcels ?? [],
  })
  const oneUnit = { lines: [{ lineId: '1', quantity: 1 }] }

  it('is cancelled as far as it is not sent, though a unit was delivered', async () => {
    const order = await shop.place(wish('half-sent', [holding('OK-1', 'delivered'), holding('OK-2', 'label-created')]))
    const request = await shop.ask(order, oneUnit)
    expect(await request.ends()).toMatchObject({ outcome: 'lines-cancelled', amount: 700 })
    const { stock, shipments } = await request.story()
    expect(stock).toMatchObject([{ shipped: 1, onSale: 1, aside: 0 }])
    expect(shipments).toMatchObject([
      { trackingNumber: 'OK-1', stops: [], lines: [{ lineId: '1', quantity: 1 }] },
      { trackingNumber: 'OK-2', stops: [{ state: 'label-voided' }] },
    ])
    const rest = await shop.ask(order)
    expect(await rest.ends()).toMatchObject({
      ...{ outcome: 'compensated', code: 'intercept-failed' },
      message: expect.stringContaining('was already delivered'),
    })
    expect((await rest.story()).stock).toMatchObject([{ shipped: 1, onSale: 1, aside: 0 }])
  })

  it('is cancelled as far as it is in no parcel yet, though a unit is on the road', async () => {
    const order = await shop.place(wish('half-packed', [holding('OK-1', 'in-transit')]))
    const request = await shop.ask(order, oneUnit)
    expect(await request.ends()).toMatchObject({ outcome: 'lines-cancelled', amount: 700 })
    expect(await request.story()).toMatchObject({
      stock: [{ shipped: 1, onSale: 1 }],
      shipments: [{ status: 'in-transit', stops: [] }],
    })
  })

  it('has one parcel of two intercepted, and its stock awaited', async () => {
    const order = await shop.place(wish('both-sent', [holding('OK-1', 'in-transit'), holding('OK-2', 'in-transit')]))
    const request = await shop.ask(order, oneUnit)
    expect(await request.ends()).toMatchObject({ outcome: 'lines-cancelled', amount: 700 })
    const { stock, shipments } = await request.story()
    expect(stock).toMatchObject([{ shipped: 1, aside: 1 }])
    expect(shipments.map(({ status }) => status).toSorted()).toEqual(['in-transit', 'returning'])
  })
})

it('takes an order as shops send it: a guest’s, with a tip, a fee without a SKU, and a sum that was rounded', async () => {
  const priced = { quantity: 1, discountAmount: 0, taxAmount: 0 }
  const order = await shop.place({
    ...{ name: 'guest', customerId: undefined, merchantId: 'mer-never', roundingAmount: -2 },
    lines: [
      { ...priced, lineId: 'mug', sku: 'SKU-GUEST', unitAmount: 999 },
      { ...priced, lineId: 'tip', kind: 'fee', unitAmount: 200 },
      { ...priced, lineId: 'song', kind: 'digital', sku: 'SKU-SONG', unitAmount: 150 },
    ],
    parcels: [{ number: 'OK-1' }],
  })
  const tip = await shop.ask(order, { lines: [{ lineId: 'tip', quantity: 1 }] })
  const end = await tip.ends()
  expect(end).toMatchObject({ outcome: 'lines-cancelled', amount: 200, lines: [{ lineId: 'tip', kind: 'fee' }] })
  expect(end).not.toHaveProperty('customerId')
  expect(await tip.story()).toMatchObject({ stock: [{ lineId: 'mug', reserved: 1 }], shipments: [{ stops: [] }] })
  const rest = await shop.ask(order)
  expect(await rest.ends()).toMatchObject({ outcome: 'cancelled', amount: 999 + 150 + 568 - 2 })
  const { stock, shipments, order: facts } = await rest.story()
  expect(facts).toMatchObject({ customerId: null, status: 'cancelled' })
  expect(stock).toMatchObject([{ lineId: 'mug', onSale: 1 }])
  expect(shipments).toMatchObject([{ stops: [{ state: 'label-voided' }] }])
})

it('cancels orders as large as they may be, and a small one among them', async () => {
  const largest: Wish = {
    ...{ name: 'largest', merchantId: 'mer-never', shippingAmount: 0, shippingTaxAmount: 0 },
    lines: Array.from({ length: most.lines }, (_, line) => ({
      ...{ lineId: `gid://shopify/LineItem/${line}`, sku: `SKU-LARGE-${line}`, quantity: 2 },
      ...{ unitAmount: 100, discountAmount: 0, taxAmount: 0 },
    })),
    parcels: Array.from({ length: 20 }, (_, parcel) => ({ number: `OK-${parcel}` })),
  }
  const small = await shop.place({ name: 'small', merchantId: 'mer-never' })
  const orders = await Promise.all(Array.from({ length: 8 }, () => shop.place(largest)))
  const requests = await Promise.all(orders.map((order) => shop.ask(order)))
  expect(await (await shop.ask(small)).ends()).toMatchObject({ outcome: 'cancelled' })
  for (const request of requests)
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled', amount: most.lines * 200 })
})

it('leaves every invariant true, and each request with one public end', async () => {
  expect((await world.verify()).violations).toEqual([])
  expect(shop.requests.filter((request) => endsOf(request).length !== 1)).toEqual([])
})
