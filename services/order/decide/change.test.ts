import { events, lineAmount, most, type OrderChanged, orderChanged } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { OrderState } from '../state.ts'
import { moment, samplePlaced, samplePolicies, sampleRequest } from '../test/given.ts'
import { begin } from './begin.ts'
import { changeOrder } from './change.ts'
import { abandon, confirm } from './end.ts'
import { followParcel, place } from './facts.ts'
import { statusOf, versionOf } from './order.ts'

const cup = { lineId: '3', sku: 'SKU-CUP', quantity: 1, unitAmount: 700 }
const card = { tenderId: 't2', channel: 'sandbox-card', amount: 700, paymentRef: 'pay_ok_2' } as const

const change = (changes: Partial<z.input<typeof orderChanged>> = {}): OrderChanged =>
  orderChanged.parse({ orderId: 'ord-1', changeId: 'chg-1', at: '2026-11-20T09:30:00Z', ...changes })
const oneMore = change({ lines: { added: [cup] }, tenders: { added: [card] } })

const after = (decision: ReturnType<typeof changeOrder>, state: OrderState | undefined): OrderState => {
  if (decision === 'not-yet' || decision.deadLetter !== undefined) return expect.fail('expected it to be taken')
  return decision.state ?? state ?? expect.fail('expected a state')
}
const placed = after(place(undefined, samplePlaced()), undefined)
const changed = (state: OrderState, by: OrderChanged) => after(changeOrder(state, by, moment()), state)

const command = (requestId: string) => ({ orderId: 'ord-1', requestId, round: 1 })
const held = (state: OrderState, lines?: { lineId: string; quantity: number }[], requestId = 'req-1') =>
  after(
    begin(samplePolicies(), state, { ...sampleRequest({ requestId, ...(lines && { lines }) }), round: 1 }, moment()),
    state,
  )
const cancelled = (state: OrderState, lines?: { lineId: string; quantity: number }[], requestId = 'req-1') => {
  const holding = held(state, lines, requestId)
  const request = holding.requests.get(requestId)
  const amount = request?.status === 'holding' ? request.begun.amount : Number.NaN
  const back = {
    tenderId: 't1',
    channel: 'sandbox-card',
    currency: 'EUR',
    state: 'succeeded',
    destination: 'original',
  } as const
  return after(confirm(holding, { ...command(requestId), refunds: [{ ...back, amount }] }, moment()), state)
}
const oneMug = [{ lineId: '1', quantity: 1 }]
const refusalOf = (state: OrderState, by: OrderChanged): string => {
  const decision = changeOrder(state, by, moment())
  return decision === 'not-yet' ? 'it waits' : `${decision.deadLetter?.reason}: ${decision.deadLetter?.error}`
}

describe('a change of an order', () => {
  it('is made, and told as the whole order with its version', () => {
    const decision = changeOrder(placed, oneMore, moment())
    if (decision === 'not-yet') return expect.fail('expected it to be taken')
    const [told] = decision.publish ?? []
    expect(told).toMatchObject({ type: 'order.amended.v1', id: ['2'], data: { version: 2, changeId: 'chg-1' } })
    expect(events['order.amended.v1'].data.parse(told?.data)).toMatchObject({ lines: { length: 3 } })
    expect(decision.state?.order && versionOf(decision.state.order)).toBe(2)
  })

  it('changes and removes lines, tenders, shipping and rounding, and the total follows', () => {
    const mug = { lineId: '1', sku: 'SKU-MUG', quantity: 1, unitAmount: 1000 }
    const by = change({
      lines: { changed: [mug], removed: ['2'] },
      tenders: { changed: [{ tenderId: 't1', amount: 1102 }] },
      ...{ shippingAmount: 100, shippingTaxAmount: 0, roundingAmount: 2 },
    })
    const { order } = changed(placed, by)
    expect(order?.placed).toMatchObject({ lines: [{ quantity: 1 }], tenders: [{ amount: 1102 }], roundingAmount: 2 })
  })

  it('that came already is ignored, in any spelling; with other content it is a dead letter', () => {
    const state = changed(placed, oneMore)
    const again = { ...oneMore, at: '2026-11-20T10:30:00.000+01:00' }
    expect(changeOrder(state, again, moment())).toEqual({})
    expect(refusalOf(state, { ...oneMore, shippingAmount: 1 })).toMatch(/^order-changed: expected change chg-1/)
  })

  it('leaves the order known as it was placed: placed again, nothing happens', () => {
    expect(place(changed(placed, oneMore), samplePlaced())).toEqual({})
  })

  it('of an order that nobody placed waits, and is then a dead letter', () => {
    expect(changeOrder(undefined, oneMore, moment())).toBe('not-yet')
    expect(changeOrder(undefined, oneMore, moment(undefined, true))).toMatchObject({
      deadLetter: { reason: 'unknown-order' },
    })
  })

  it.each<[string, Partial<z.input<typeof orderChanged>>, RegExp]>([
    ['takes a line away that is not there', { lines: { removed: ['9'] } }, /expected a line of order ord-1, got 9/],
    ['adds a line that is there', { lines: { added: [{ ...cup, lineId: '1' }] } }, /does not have, got 1/],
    [
      'changes what a line is of',
      { lines: { changed: [{ ...cup, lineId: '1' }] } },
      /expected goods SKU-MUG in line 1, got goods SKU-CUP/,
    ],
    ['leaves nothing', { lines: { removed: ['1', '2'] } }, /expected something to be left .* cancel it instead/],
    ['does not add up', { lines: { added: [cup] } }, /expected tenders that add up to 6619, got 5919/],
    ['lowers a tender that is not there', { tenders: { changed: [{ tenderId: 't9', amount: 1 }] } }, /got t9/],
    ['adds a tender that is there', { tenders: { added: [{ ...card, tenderId: 't1' }] } }, /does not have, got t1/],
  ])('that %s is a dead letter in words', (_, by, words) => {
    expect(refusalOf(placed, change(by))).toMatch(words)
  })

  it('of what is on its way is refused: it is to be cancelled', () => {
    const parcel = { shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', lineIds: ['1'] }
    const news = { ...parcel, orderId: 'ord-1', status: 'in-transit' as const, at: '2026-11-20T09:10:00Z' }
    const state = after(followParcel(placed, news, moment()), placed)
    expect(refusalOf(state, change({ lines: { removed: ['1'] } }))).toMatch(
      /line 1 is in parcel shp-1, which is in-transit: expected a request to cancel it/,
    )
  })

  it('of a line whose parcels say how many units they hold leaves those that have left', () => {
    const parcel = { shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', status: 'in-transit' as const }
    const state = after(
      place(undefined, samplePlaced({ shipments: [{ ...parcel, lines: [{ lineId: '1', quantity: 2 }] }] })),
      undefined,
    )
    const mugs = (quantity: number) => ({ lineId: '1', sku: 'SKU-MUG', quantity, unitAmount: 1000 })
    const by = (quantity: number, amount: number) =>
      change({
        lines: { changed: [mugs(quantity)], removed: ['2'] },
        tenders: { changed: [{ tenderId: 't1', amount }] },
      })
    expect(refusalOf(state, by(1, 1568))).toMatch(/line 1 is in parcel shp-1, which is in-transit/)
    expect(changed(state, by(2, 2568)).order?.placed.shipments).toMatchObject([
      { lines: [{ lineId: '1', quantity: 2 }] },
    ])
  })

  it('of many changes makes no order that is larger than one that is placed', () => {
    const wide = (n: number) => ({ ...cup, lineId: `${n}`.padEnd(128, '語'), sku: '語'.repeat(128), unitAmount: 0 })
    const many = (from: number) =>
      change({ changeId: `chg-${from}`, lines: { added: Array.from({ length: 200 }, (_, n) => wide(from + n)) } })
    expect(refusalOf(changed(placed, many(1_000)), many(2_000))).toMatch(
      /expected order ord-1 to stay within 262,144 bytes/,
    )
    expect(
      refusalOf(
        placed,
        change({ lines: { added: Array.from({ length: 499 }, (_, n) => ({ ...cup, lineId: `l${n}` })) } }),
      ),
    ).toMatch(/expected at most 500 lines, got 501/)
  })

  it('comes at most so often', () => {
    const many = Array.from({ length: most.changes }, (_, n) => change({ changeId: `chg-${n}`, shippingAmount: 490 }))
    expect(refusalOf(many.reduce(changed, placed), change({ changeId: 'one-more' }))).toMatch(/at most 100 changes/)
  })
})

describe('a change of an order of which something was cancelled', () => {
  const state = cancelled(placed, oneMug)

  it('removes what is left of a line, and keeps what was cancelled at its price', () => {
    const given = state.requests.get('req-1')
    const [mug] = samplePlaced().lines
    const left = mug ? lineAmount(mug, 2, 1) : Number.NaN
    const by = change({ lines: { removed: ['1'], added: [{ ...cup, unitAmount: left }] } })
    const { order } = changed(state, by)
    const line = order?.placed.lines.find(({ lineId }) => lineId === '1')
    expect(line?.quantity).toBe(1)
    expect(given && 'begun' in given && line && lineAmount(line, 1)).toBe(
      given && 'begun' in given && given.begun?.amount,
    )
  })

  it('of the price of what is left of a line says how it can be had, and it can; on its way it cannot', () => {
    const dearer = { lineId: '1', sku: 'SKU-MUG', quantity: 3, unitAmount: 1100, discountAmount: 100, taxAmount: 451 }
    const by = change({ lines: { changed: [dearer] }, tenders: { changed: [{ tenderId: 't1', amount: 6219 }] } })
    expect(refusalOf(state, by)).toMatch(/got \d+: remove the line, and add what is left as another$/)
    const [mug] = samplePlaced().lines
    const left = (mug ? lineAmount(mug, 3) - lineAmount(mug, 1) : Number.NaN) + 200
    const asSaid = change({
      lines: { removed: ['1'], added: [{ lineId: '1b', sku: 'SKU-MUG', quantity: 2, unitAmount: left / 2 }] },
      tenders: { changed: [{ tenderId: 't1', amount: 6119 }] },
    })
    expect(changed(state, asSaid).order?.placed.lines).toMatchObject([
      { lineId: '1', quantity: 1 },
      { lineId: '2' },
      { lineId: '1b', quantity: 2 },
    ])
    const parcel = { shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', lineIds: ['1'] }
    const news = { ...parcel, orderId: 'ord-1', status: 'in-transit' as const, at: '2026-11-20T09:10:00Z' }
    const out = after(followParcel(state, news, moment()), state)
    expect(refusalOf(out, by)).toMatch(/got \d+: what is left of it is on its way, and keeps its price/)
  })

  it('that removes a line which was cancelled already is no error', () => {
    const gone = cancelled(placed, [{ lineId: '2', quantity: 2 }])
    expect(changed(gone, change({ lines: { removed: ['2'] } })).order?.placed).toMatchObject(
      gone.order?.placed ?? expect.fail('expected an order'),
    )
  })

  it.each<[string, Partial<z.input<typeof orderChanged>>, RegExp]>([
    [
      'leaves fewer than are cancelled',
      { lines: { changed: [{ lineId: '2', sku: 'SKU-CUP', quantity: 1, unitAmount: 1000 }] } },
      /expected 2 or more of line 2, which are cancelled, got 1/,
    ],
    [
      'changes the price of what was given back',
      { lines: { changed: [{ lineId: '2', sku: 'SKU-CUP', quantity: 2, unitAmount: 999 }] } },
      /expected 2000 for the 2 cancelled of line 2, which were given back, got 1998: all of it is cancelled/,
    ],
    [
      'takes more from a tender than is left of it',
      { tenders: { changed: [{ tenderId: 't1', amount: 1999 }] } },
      /expected 2000 or more of tender t1, which were given back/,
    ],
  ])('that %s is refused', (_, by, words) => {
    expect(refusalOf(cancelled(placed, [{ lineId: '2', quantity: 2 }]), change(by))).toMatch(words)
  })

  it('of which nothing is left is refused', () => {
    expect(refusalOf(cancelled(placed), oneMore)).toMatch(/nothing is left of order ord-1/)
  })
})

describe('a change that comes while a saga holds the order', () => {
  it('waits, and is made when the saga has ended, whichever way', () => {
    const waiting = changed(held(placed, oneMug), oneMore)
    expect(waiting.order?.placed).toEqual(samplePlaced())
    expect(changeOrder(waiting, oneMore, moment())).toEqual({})
    const closed = confirm(waiting, { ...command('req-1'), refunds: [] }, moment())
    const why = { outcome: 'withdrawn', stage: 'confirming' } as const
    const back = abandon(waiting, { ...command('req-1'), ...why, request: sampleRequest({ lines: oneMug }) }, moment())
    for (const { state, publish } of [closed, back]) {
      expect(state?.order?.placed.lines).toHaveLength(3)
      expect(publish?.map(({ type }) => type)).toContain('order.amended.v1')
    }
  })

  it('and does not fit any more is told as refused, with the reason', () => {
    const waiting = changed(held(placed), oneMore)
    const { state, publish } = confirm(waiting, { ...command('req-1'), refunds: [] }, moment())
    expect(state?.order && statusOf(state.order)).toBe('cancelled')
    const told = publish?.find(({ type }) => type === 'order.change.refused.v1')
    expect(told?.data).toEqual({
      ...{ orderId: 'ord-1', changeId: 'chg-1', code: 'nothing-left', at: moment().now },
      message: 'nothing is left of order ord-1',
    })
    expect(state && changeOrder(state, oneMore, moment())).toEqual({})
  })

  it('is one of a few that wait', () => {
    const many = Array.from({ length: most.waitingChanges }, (_, n) => change({ changeId: `chg-${n}` }))
    expect(refusalOf(many.reduce(changed, held(placed, oneMug)), change({ changeId: 'x' }))).toMatch(
      /expected at most 10 changes of order ord-1 to wait for request req-1/,
    )
  })
})
