import { acceptedOrder, orderTotal } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { describe, expect, it } from 'vitest'
import { heard, orderId, wholeLife } from '../test/given.ts'
import { previewOf } from './preview.ts'

const placed = acceptedOrder.parse(exampleOrder)
const fresh = heard({ type: 'order.accepted.v1', data: placed }) ?? expect.fail()
const after = heard(...wholeLife) ?? expect.fail()

describe('what a cancellation would come to', () => {
  it('is all that was paid, shipping too, of an order of which nothing was cancelled', () => {
    const preview = previewOf(orderId, fresh, undefined)
    expect(preview).toMatchObject({ possible: true, amount: orderTotal(placed), rest: 490 + 78, currency: 'EUR' })
  })

  it('is the share of the units that are asked for, without what goes back with the last one', () => {
    const preview = previewOf(orderId, fresh, [{ lineId: '1', quantity: 1 }])
    expect(preview).toMatchObject({
      possible: true,
      amount: 1391,
      rest: 0,
      lines: [{ lineId: '1', quantity: 1, left: 2 }],
    })
  })

  it('is of what earlier requests have left', () => {
    const preview = previewOf(orderId, after, undefined)
    expect(preview).toMatchObject({ possible: true, amount: 3351 - 1391, lines: [{ quantity: 1, left: 1 }] })
  })

  it('says what stands in the way, and counts no unit that is not there', () => {
    const preview = previewOf(orderId, after, [{ lineId: '1', quantity: 2 }])
    expect(preview).toMatchObject({ possible: false, code: 'quantity-exceeded', amount: 3351 - 1391 })
  })

  it('comes to the whole in the end, when it is asked for in parts', () => {
    const [first, last] = [fresh, after].map(
      (known) => previewOf(orderId, known, [{ lineId: '1', quantity: 1 }])?.amount,
    )
    expect((first ?? 0) + (last ?? 0)).toBe(orderTotal(placed))
  })
})
