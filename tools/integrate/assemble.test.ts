import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placedFrom, type SoldOrder } from './assemble.ts'
import { expectSound, settings } from './checked.ts'

const sold = (changes: Partial<SoldOrder> = {}): SoldOrder => ({
  ...{ id: '7', customerId: undefined, country: undefined, currency: 'EUR', placedAt: '2026-11-20T09:00:00Z' },
  lines: [{ lineId: '1', sku: 'MUG', quantity: 3, price: 1000, tax: 190 }],
  ...{ shipping: { price: 0, tax: 0 }, total: 1190 },
  payments: [{ id: 't1', gateway: 'shopify_payments', amount: 1190, ref: 'pay_ok_1' }],
  ...changes,
})

describe('an order that was sold', () => {
  it('has unit prices, discounts and taxes that make the price of each line, to the cent', () => {
    const line = fc.record({
      quantity: fc.integer({ min: 1, max: 7 }),
      price: fc.nat(9_999),
      tax: fc.nat(999),
      listPrice: fc.nat(2_000),
    })
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), fc.nat(999), (all, shipping) => {
        const lines = all.map((each, place) => ({ lineId: `${place}`, sku: 'S', ...each }))
        const total = lines.reduce((sum, { price, tax }) => sum + price + tax, shipping)
        const payments = [{ id: 't1', gateway: 'shopify_payments', amount: total, ref: 'pay_ok_1' }]
        expectSound(
          placedFrom(settings, sold({ lines, shipping: { price: shipping, tax: 0 }, total, payments })),
          total,
        )
      }),
    )
  })

  it('may be a guest’s, of no country, under an id of its own', () => {
    const order = placedFrom({ ...settings, orderPrefix: 'shop-' }, sold())
    expect(order).toMatchObject({ orderId: 'shop-7', market: 'DE', merchantId: 'mer-3' })
    expect(order).not.toHaveProperty('customerId')
  })

  it('may cost nothing', () => {
    const lines = [{ lineId: '1', sku: 'GIFT', quantity: 2, price: 0, tax: 0 }]
    expectSound(placedFrom(settings, sold({ lines, total: 0, payments: [] })), 0)
  })

  it('is rounded by a cent for each line, and no more: money that is not known is said', () => {
    const order = placedFrom(
      settings,
      sold({ total: 1191, payments: [{ ...sold().payments[0], id: 't', gateway: 'cod', amount: 1191, ref: '' }] }),
    )
    expect(order.roundingAmount).toBe(1)
    expect(() => placedFrom(settings, sold({ total: 1240 }))).toThrow(
      'expected lines and shipping of order 7 that add up to 1240, got 1190',
    )
  })

  it.each<[string, Partial<SoldOrder>, string]>([
    [
      'a gateway of no channel',
      { payments: [{ id: 't1', gateway: 'pigeon', amount: 1190, ref: 'x' }] },
      'expected a channel for gateway pigeon',
    ],
    ['money that was not taken', { payments: [] }, 'order 7: tenders: expected tenders that add up to 1190, got 0'],
    [
      'a line of less than nothing',
      { lines: [{ lineId: '1', sku: 'S', quantity: 1, price: -1, tax: 0 }] },
      'expected line 1 to cost 0 or more',
    ],
  ])('with %s is refused in words', (_, changes, words) => {
    expect(() => placedFrom(settings, sold(changes))).toThrow(words)
  })
})
