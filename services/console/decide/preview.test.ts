import { acceptedOrder, type CancelRequested, orderTotal } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { describe, expect, it } from 'vitest'
import type { Case } from '../state.ts'
import { heard, orderId, shippedAsk, wholeLife } from '../test/given.ts'
import { previewOf } from './preview.ts'

const placed = acceptedOrder.parse(exampleOrder)
const now = '2026-11-20T10:00:00.000Z'
const preview = (known: Case, lines?: CancelRequested['lines'], refundTo: CancelRequested['refundTo'] = 'original') =>
  previewOf(orderId, known, { lines, refundTo, approvalOf: shippedAsk, at: now })
const fresh = heard({ type: 'order.accepted.v1', data: placed }) ?? expect.fail()
const after = heard(...wholeLife) ?? expect.fail()

describe('what a cancellation would come to', () => {
  it('is all that was paid, shipping too, of an order of which nothing was cancelled', () => {
    const seen = preview(fresh)
    expect(seen).toMatchObject({ possible: true, amount: orderTotal(placed), rest: 490 + 78, currency: 'EUR' })
  })

  it('is the share of the units that are asked for, without what goes back with the last one', () => {
    const seen = preview(fresh, [{ lineId: '1', quantity: 1 }])
    expect(seen).toMatchObject({
      possible: true,
      amount: 1391,
      rest: 0,
      lines: [{ lineId: '1', quantity: 1, left: 2 }],
    })
  })

  it('is of what earlier requests have left', () => {
    const seen = preview(after)
    expect(seen).toMatchObject({ possible: true, amount: 3351 - 1391, lines: [{ quantity: 1, left: 1 }] })
  })

  it('says what stands in the way, and counts no unit that is not there', () => {
    const seen = preview(after, [{ lineId: '1', quantity: 2 }])
    expect(seen).toMatchObject({ possible: false, code: 'quantity-exceeded', amount: 3351 - 1391 })
  })

  it('comes to the whole in the end, when it is asked for in parts', () => {
    const [first, last] = [fresh, after].map((known) => preview(known, [{ lineId: '1', quantity: 1 }])?.amount)
    expect((first ?? 0) + (last ?? 0)).toBe(orderTotal(placed))
  })

  it('says which payment gives back how much, where to, and by when: what gives the likeliest no is asked first', () => {
    const two = {
      ...placed,
      tenders: [
        { tenderId: 'gift', channel: 'gift-card', amount: 2000, paymentRef: 'gc' },
        { tenderId: 'card', channel: 'sandbox-card', amount: 1351, paymentRef: 'pay_ok' },
      ],
    } as const
    const known = heard({ type: 'order.accepted.v1', data: acceptedOrder.parse(two) }) ?? expect.fail()
    const one = { lines: [{ lineId: '1', quantity: 1 }] }
    expect(preview(known)?.tenders).toMatchObject([
      {
        tenderId: 'card',
        amount: 1351,
        destination: 'original',
        how: 'refund',
        expectedBy: '2026-11-30T10:00:00.000Z',
      },
      { tenderId: 'gift', amount: 2000, destination: 'gift-card', how: 'refund', expectedBy: now },
    ])
    expect(preview(known, one.lines, 'store-credit')?.tenders).toMatchObject([
      { tenderId: 'card', amount: 1351, destination: 'store-credit', expectedBy: now },
      { tenderId: 'gift', amount: 40, destination: 'gift-card' },
    ])
  })

  it('releases what is only held, of a part takes less, and gives back nothing that was never taken', () => {
    const paid = (tender: object) =>
      heard({
        type: 'order.accepted.v1',
        data: acceptedOrder.parse({
          ...placed,
          tenders: [{ tenderId: 't1', amount: 3351, paymentRef: 'p', ...tender }],
        }),
      }) ?? expect.fail()
    const held = paid({ channel: 'stripe', state: 'authorized' })
    expect(preview(held)?.tenders).toMatchObject([{ how: 'void', amount: 3351 }])
    expect(preview(held, [{ lineId: '1', quantity: 1 }])?.tenders).toMatchObject([{ how: 'nothing', amount: 1391 }])
    expect(preview(paid({ channel: 'cash-on-delivery' }))?.tenders).toMatchObject([
      { how: 'nothing', destination: 'none' },
    ])
  })

  it('takes from no payment what it has given back before', () => {
    expect(preview(after)?.tenders).toMatchObject([{ tenderId: 't1', amount: 3351 - 1391 }])
  })
})
