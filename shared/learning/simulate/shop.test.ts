import { describe, expect, it } from 'vitest'
import { calibrationError } from '../metrics.ts'
import { horizonDays, simulateShop } from './shop.ts'

const shop = simulateShop({ orders: 6000, seed: 4 })
const placed = shop.events.flatMap((event) => (event.kind === 'placed' ? [event] : []))
const cancelled = shop.events.flatMap((event) => (event.kind === 'cancelled' ? [event] : []))

describe('the simulated shop', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(simulateShop({ orders: 500, seed: 4 })).toEqual(simulateShop({ orders: 500, seed: 4 }))
    expect(simulateShop({ orders: 500, seed: 5 })).not.toEqual(simulateShop({ orders: 500, seed: 4 }))
  })

  it('tells all in the order of its time, and cancels only what was placed, within the horizon', () => {
    const times = shop.events.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    const orders = new Map(placed.map((order) => [order.orderId, order]))
    for (const { orderId, at, skus } of cancelled) {
      const order = orders.get(orderId)
      expect(at - (order?.at ?? 0)).toBeLessThanOrEqual(horizonDays * 86_400_000)
      expect(order?.lines.map(({ sku }) => sku)).toEqual(expect.arrayContaining([...skus]))
    }
  })

  it('knows the true chance of what happens', () => {
    const ids = new Set(cancelled.map(({ orderId }) => orderId))
    const chances = Float64Array.from(placed, ({ orderId }) => shop.chances.get(orderId) ?? Number.NaN)
    const labels = Float64Array.from(placed, ({ orderId }) => (ids.has(orderId) ? 1 : 0))
    expect(calibrationError(chances, labels)).toBeLessThan(0.025)
    const noes = Float64Array.from(shop.requests, ({ chanceOfNo }) => chanceOfNo)
    const refused = Float64Array.from(shop.requests, (request) => (request.refused ? 1 : 0))
    expect(calibrationError(noes, refused)).toBeLessThan(0.05)
  })
})
