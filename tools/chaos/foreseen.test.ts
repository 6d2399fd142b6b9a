import { describe, expect, it } from 'vitest'
import { isAtProviders } from './at-providers.ts'
import { foreseenOf } from './foreseen.ts'
import { mixedOrders, plainOrder, seedOf } from './mix.ts'

const cancelled = new Set(['cancelled', 'lines-cancelled'])
const waitMs = 4_000

describe('what is foreseen of an order', () => {
  it('that nothing stands in the way of is its cancellation, and nothing to attend to', () => {
    expect(foreseenOf(plainOrder('plain'))).toEqual({ outcomes: cancelled, attention: new Set() })
  })

  it('that waits for merchant, bank or carrier is an end of some kind', () => {
    const orders = mixedOrders(1, waitMs)
    const waiting = Array.from({ length: 9 }, () => orders.next().value).filter(({ wish }) => wish.name !== 'random')
    expect(new Set(waiting.map(({ wish }) => wish.name))).toEqual(
      new Set(['plain', 'slow-bank', 'patient', 'slow-carrier']),
    )
    for (const order of waiting) expect(foreseenOf(order).attention.size > 0).toBe(isAtProviders(order))
  })

  it.each([
    [
      'a bank that fails until a person tries again',
      { tenders: [{ ref: 'pay_down' }] },
      ['step-failed', 'refund-refused-after-pivot', 'refunded-twice'],
    ],
    [
      'a tender refused after another was refunded',
      { tenders: [{ ref: 'pay_ok' }, { ref: 'pay_refuse', amount: 100 }] },
      ['refund-refused-after-pivot', 'refunded-twice'],
    ],
    ['a carrier that cannot send on what it stopped', { parcels: [{ number: 'NORESUME-1' }] }, ['undo-failed']],
  ])('with %s may need a person', (_, wish, reasons) => {
    const { outcomes, attention } = foreseenOf({ ...plainOrder('x'), wish: { name: 'x', ...wish } })
    expect(outcomes.size).toBeGreaterThan(cancelled.size - 1)
    expect([...attention]).toEqual(reasons)
  })

  it('that is asked about twice may end in any way', () => {
    const { requests, ...order } = plainOrder('twice')
    expect(foreseenOf({ ...order, requests: [...requests, ...requests] }).outcomes.size).toBe(5)
  })
})

it('makes the same orders of the same seed, and others of another', () => {
  const some = (seed: string) => {
    const orders = mixedOrders(seedOf(seed), waitMs)
    return Array.from({ length: 30 }, () => {
      const { placedAt: _, ...wish } = orders.next().value.wish
      return wish
    })
  }
  expect(some('one')).toEqual(some('one'))
  expect(some('one')).not.toEqual(some('two'))
})
