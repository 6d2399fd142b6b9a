import { orderTotal, type PlacedOrder, placedOrder, refundOf } from '@countermand/contracts'
import { expect } from 'vitest'
import type { ShopSettings } from './assemble.ts'

/** What every mapped order has to be, for the tests of all shops: valid, of this total, and given back to the cent, whichever way it is cancelled. */
export const expectSound = (order: PlacedOrder, total: number): void => {
  expect(placedOrder.parse(order)).toEqual(order)
  expect(orderTotal(order)).toBe(total)
  expect(order.tenders.reduce((sum, { amount }) => sum + amount, 0)).toBe(total)
  const units = order.lines.flatMap(({ quantity }, place) => Array.from({ length: quantity }, () => place))
  for (const sequence of [units, units.toReversed()]) {
    const cancelled = order.lines.map(() => 0)
    const given = sequence.map((place) => {
      const amount = refundOf(
        order,
        cancelled,
        order.lines.map((_, each) => (each === place ? 1 : 0)),
      )
      cancelled[place] = (cancelled[place] ?? 0) + 1
      return amount
    })
    for (const amount of given) expect(amount).toBeGreaterThanOrEqual(0)
    expect(given.reduce((sum, amount) => sum + amount, 0)).toBe(total)
  }
}

/** A shop of Germany; gateways go to channels of the sandbox. */
export const settings: ShopSettings = {
  ...{ merchantId: 'mer-3', market: 'DE' },
  channels: {
    ...{ shopify_payments: 'sandbox-card', gift_card: 'gift-card', shopify_store_credit: 'store-credit' },
    ...{ cod: 'cash-on-delivery', bacs: 'sandbox-wallet', giftcard: 'gift-card', customerbalance: 'store-credit' },
    rewardpoints: 'store-credit',
    ...{ adyen_cc: 'sandbox-card', cashondelivery: 'cash-on-delivery', Adyen: 'sandbox-card', Voucher: 'gift-card' },
    ...{ pp_stripe_stripe: 'sandbox-card', 'gift-card': 'gift-card' },
  },
  carriers: { 'DHL Express': 'sandbox', dhl: 'sandbox' },
}
