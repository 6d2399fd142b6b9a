import { describe, expect, it } from 'vitest'
import { createHistory, type OrderEvent, orderPlan, type Placed } from './history.ts'

const day = (nth: number) => Date.UTC(2026, 0, nth, 9)
const placed = (nth: number, orderId = `o${nth}`, customerId = 'ann'): Placed => ({
  kind: 'placed',
  at: day(nth),
  orderId,
  customerId,
  lines: [
    { sku: 'cup', quantity: 2, price: 500 },
    { sku: 'tea', quantity: 1, price: 250 },
  ],
})
const cancelled = (nth: number, orderId: string, customerId = 'ann'): OrderEvent => ({
  kind: 'cancelled',
  at: day(nth),
  orderId,
  customerId,
  skus: ['cup'],
})

const cellOf = (history: ReturnType<typeof createHistory>, order: Placed, name: string) =>
  history.row(order)[orderPlan.findIndex((column) => column.name === name)]

describe('what is known of an order when it is placed', () => {
  it('is only what was told before it', () => {
    const history = createHistory()
    const before = history.row(placed(1))
    expect(history.row(placed(1))).toEqual(before)
    history.tell(placed(1))
    expect(cellOf(history, placed(3), 'ordersBefore')).toBe(1)
    expect(cellOf(history, placed(3), 'daysSinceOrder')).toBe(2)
    expect(cellOf(history, placed(3), 'daysSinceCancel')).toBeUndefined()
  })

  it('has the sums of its lines', () => {
    const history = createHistory()
    const of = (name: string) => cellOf(history, placed(1), name)
    expect(['lines', 'units', 'value', 'largestLine', 'hour', 'weekday'].map(of)).toEqual([2, 3, 1250, 1000, 9, 4])
    expect(of('newSkuShare')).toBe(1)
  })

  it('has the rates of customer and goods, near everybody’s where little is known', () => {
    const history = createHistory()
    for (let nth = 1; nth <= 20; nth += 1) history.tell(placed(nth, `o${nth}`, nth % 2 === 0 ? 'ann' : 'bob'))
    for (let nth = 2; nth <= 20; nth += 2) history.tell(cancelled(21, `o${nth}`))
    const [ann, bob, new_] = ['ann', 'bob', 'cid'].map(history.ownCancelRate)
    expect(new_).toBe(0.5)
    expect(ann).toBe(12 / 14)
    expect(bob).toBe(2 / 14)
    expect(cellOf(history, placed(22), 'highestSkuCancelRate')).toBe((10 + 30 / 4) / 50)
  })

  it('counts an order once that is cancelled line by line', () => {
    const history = createHistory()
    history.tell(placed(1))
    for (const nth of [2, 3]) history.tell(cancelled(nth, 'o1'))
    expect(history.ownCancelRate('ann')).toBe((1 + 4) / (1 + 4))
  })

  it('says nothing of who somebody is', () => {
    const names = orderPlan.map(({ name }) => name.toLowerCase()).join(' ')
    expect(names).not.toMatch(/country|nation|language|name|mail|address|sex|age\b|device/)
  })
})
