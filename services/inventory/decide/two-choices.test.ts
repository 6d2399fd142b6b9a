import { describe, expect, it } from 'vitest'
import type { Reservation } from '../state.ts'
import { command, inTime, news, reservationAfter, stateAfter, units } from '../test/given.ts'
import { followParcel } from './facts.ts'
import { returnStockToSale, setStockAside } from './hold.ts'

/**
 * Logistics and inventory choose side by side which unit of a line a request takes. Here news of a parcel came between the two, so that they
 * chose differently: what still holds, and what does not.
 */

const mug = { lineId: '1', sku: 'MUG', quantity: 1 }

type Status = Parameters<typeof news>[0]

/** News of a parcel with one mug, and with pens where it also holds what the customer keeps. */
const mugIn = (shipmentId: string, status: Status, minute: number, pens = 0) => ({
  ...news(status, minute, pens > 0 ? ['1', '2'] : ['1']),
  shipmentId,
  lines: [{ lineId: '1', quantity: 1 }, ...(pens > 0 ? [{ lineId: '2', quantity: pens }] : [])],
})

const hear = (state: Reservation, ...events: ReturnType<typeof mugIn>[]) =>
  events.reduce((before, event) => stateAfter(followParcel(before, event, inTime), before), state)

const takeOneMug = (state: Reservation): Reservation => {
  const held = stateAfter(setStockAside(state, { ...command('req-1'), lines: [mug] }, inTime), state)
  return stateAfter(returnStockToSale(held, command('req-1'), inTime), held)
}

const sumOf = (state: Reservation) => Object.values(units(state, '1')).reduce((sum, each) => sum + each, 0)

describe('where news came between the two choices', () => {
  it('units in parcels of their line alone are all counted where they are, once the parcels are at their end', () => {
    // Logistics stopped `a`, which comes back; inventory had heard that both had left, and may have taken either.
    for (const [stopped, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const taken = takeOneMug(reservationAfter(mugIn('a', 'in-transit', 1), mugIn('b', 'in-transit', 1)))
      const end = hear(taken, mugIn(other, 'delivered', 2), mugIn(stopped, 'returned', 3))
      expect(units(end, '1')).toEqual({ shipped: 1, 'on-sale': 1 })
    }
    // Inventory took the one that had not left, and it left; logistics stopped the other one.
    const taken = takeOneMug(reservationAfter(mugIn('a', 'label-created', 1), mugIn('b', 'in-transit', 1)))
    const end = hear(taken, mugIn('a', 'handed-over', 2), mugIn('b', 'returned', 3), mugIn('a', 'delivered', 4))
    expect(units(end, '1')).toEqual({ shipped: 1, 'on-sale': 1 })
  })

  it('a unit of a shared box that left in that moment may be counted elsewhere than it is, and none is lost or doubled', () => {
    // Inventory took the unit out of the shared box, which left with it; logistics stopped the other parcel. One of the two is not there.
    const early = takeOneMug(reservationAfter(mugIn('a', 'label-created', 1, 3), mugIn('b', 'in-transit', 1)))
    const oneTooMany = hear(early, mugIn('a', 'delivered', 2, 3), mugIn('b', 'returned', 3))
    expect(units(oneTooMany, '1')).toEqual({ 'on-sale': 2 })
    // Logistics took it out of the shared box; inventory had heard that the box had left, and took the other one. One is in the warehouse.
    const late = takeOneMug(reservationAfter(mugIn('a', 'in-transit', 1, 3), mugIn('b', 'in-transit', 1)))
    const oneTooFew = hear(late, mugIn('a', 'delivered', 2, 3), mugIn('b', 'delivered', 3))
    expect(units(oneTooFew, '1')).toEqual({ shipped: 2 })
    for (const end of [oneTooMany, oneTooFew]) expect(sumOf(end)).toBe(2)
  })
})
