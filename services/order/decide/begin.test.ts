import {
  type AnswerTo,
  answers,
  type CancelRequested,
  events,
  placedOrder,
  type ShipmentStatus,
} from '@countermand/contracts'
import type { Decision } from '@countermand/service/decision.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderState } from '../state.ts'
import { moment, samplePlaced, samplePolicies, sampleRequest } from '../test/given.ts'
import { begin, beginAgain } from './begin.ts'
import { abandon, confirm } from './end.ts'
import { place } from './facts.ts'
import { statusOf } from './order.ts'
import { record } from './record.ts'

type Answered = Decision<OrderState, AnswerTo<'BeginCancellation'>>

const placed = (changes: Parameters<typeof samplePlaced>[0] = {}): OrderState | undefined =>
  place(undefined, samplePlaced(changes)).state

const asked = (
  state: OrderState | undefined,
  request: CancelRequested = sampleRequest(),
  policies = samplePolicies(),
  at = moment(),
): Answered => {
  const decision = begin(policies, state, { ...request, round: 1 }, at)
  if (decision === 'not-yet') throw new Error('expected a decision, got not-yet')
  return decision
}

const parcel = (status: ShipmentStatus, lineIds?: string[]) => ({
  shipmentId: `shp-${status}`,
  carrier: 'sandbox',
  trackingNumber: 'OK',
  status,
  ...(lineIds && { lineIds }),
})

const afterEnd = (state: OrderState | undefined): OrderState | undefined =>
  confirm(asked(state).state, { orderId: 'ord-1', requestId: 'req-1', round: 1, refunds: [] }, moment()).state

const abandonment = {
  orderId: 'ord-1',
  requestId: 'req-1',
  round: 1,
  outcome: 'compensated',
  code: 'intercept-failed',
  stage: 'confirming',
  request: sampleRequest(),
} as const

describe('a cancellation that may begin', () => {
  it('puts the order on hold, tells the public, and answers what will be cancelled', () => {
    const { state, answer, publish } = asked(placed())
    expect(state?.order && statusOf(state.order)).toBe('on-hold')
    expect(state?.order?.heldBy).toBe('req-1')
    expect(answer).toEqual({
      type: 'CancellationBegun',
      merchantId: 'mer-3',
      customerId: 'cus-7',
      currency: 'EUR',
      amount: 5919,
      whole: true,
      lines: [
        { lineId: '1', quantity: 3, sku: 'SKU-MUG' },
        { lineId: '2', quantity: 2, sku: 'SKU-CUP' },
      ],
      parcels: [{ shipmentId: 'shp-1', status: 'label-created' }],
      tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 5919 }],
      approval: { needed: false },
      refundFallback: 'attention',
      decided: { resolutions: [] },
    })
    expect(publish).toEqual([
      {
        type: 'order.cancellation.started.v1',
        id: ['req-1'],
        data: {
          requestId: 'req-1',
          orderId: 'ord-1',
          merchantId: 'mer-3',
          customerId: 'cus-7',
          initiator: { kind: 'customer', id: 'cus-7' },
          reason: { code: 'changed-mind' },
          amount: 5919,
          currency: 'EUR',
          lines: answer?.type === 'CancellationBegun' ? answer.lines : [],
          workflowId: 'cancel-ord-1-req-1',
          at: '2026-11-20T10:00:01.000Z',
        },
      },
    ])
  })

  it('is answered with the same hold and what was decided since, when it is asked again', () => {
    const decided = { what: 'decided', decision: 'approve', by: 'mer-3', at: '2026-11-20T11:00:00Z' } as const
    const resolved = {
      what: 'resolved',
      step: 'refund',
      direction: 'do',
      round: 1,
      decision: 'retry',
      by: 'sre',
      reason: 'bank is back',
      at: '2026-11-20T12:00:00Z',
    } as const
    const turned = { what: 'turning-back', outcome: 'withdrawn', stage: 'confirming', by: 'cus-7' } as const
    const first = asked(placed())
    let state = first.state
    for (const [key, what] of [
      ['decision', decided],
      ['r1', resolved],
      ['turning-back', turned],
    ] as const) {
      const command = { orderId: 'ord-1', requestId: 'req-1', round: 1, key, record: what, request: sampleRequest() }
      state = record(state, command, moment()).state
    }
    const { what: _d, ...approval } = decided
    const { what: _r, ...resolution } = resolved
    const { what: _t, ...turn } = turned
    const expected = { ...first.answer, decided: { approval, resolutions: [resolution], turn } }
    expect(beginAgain(state, { ...sampleRequest(), round: 1 }, first.answer)).toEqual(expected)
    expect(asked(state, sampleRequest(), samplePolicies(), moment('2026-12-30T00:00:00.000Z'))).toEqual({
      answer: expected,
    })
  })
})

describe('the merchant’s approval', () => {
  const approval = (
    policy: Parameters<typeof samplePolicies>[0],
    shipments: ReturnType<typeof parcel>[],
    changes: Parameters<typeof sampleRequest>[0] = {},
  ) => {
    const { answer } = asked(placed({ shipments }), sampleRequest(changes), samplePolicies(policy))
    return answer?.type === 'CancellationBegun' ? answer.approval : answer
  }
  const wanted = { needed: true, decideBy: '2026-11-21T10:00:01.000Z', onSilence: 'approve', from: ['mer-3'] }

  it('is the merchant’s to give, or whoever’s policy names, or anybody’s', () => {
    const from = (...DECISIONS_FROM: string[]) => approval({ DECISIONS_FROM }, [parcel('handed-over')])
    expect(from('merchant', 'support-desk')).toMatchObject({ from: ['mer-3', 'support-desk'] })
    expect(from('anyone')).not.toHaveProperty('from')
  })

  it('is needed once a parcel is handed over, by default', () => {
    expect(approval({}, [parcel('label-created')])).toEqual({ needed: false })
    expect(approval({}, [parcel('handed-over')])).toEqual(wanted)
  })

  it('is asked for only of the parcels that carry what is cancelled', () => {
    const shipments = [parcel('in-transit', ['1']), parcel('label-created', ['2'])]
    expect(approval({}, shipments, { lines: [{ lineId: '2', quantity: 1 }] })).toEqual({ needed: false })
    expect(approval({}, shipments, { lines: [{ lineId: '1', quantity: 1 }] })).toEqual(wanted)
  })

  it('is never needed, or always, by policy; and silence may reject', () => {
    expect(approval({ MERCHANT_APPROVAL: 'never' }, [parcel('delivered')])).toEqual({ needed: false })
    const always = { MERCHANT_APPROVAL: 'always', MERCHANT_SILENCE: 'reject', MERCHANT_DEADLINE: 1000 } as const
    expect(approval(always, [])).toEqual({ ...wanted, decideBy: '2026-11-20T10:00:02.000Z', onSilence: 'reject' })
  })

  it('is not asked of the merchant who cancels', () => {
    expect(approval({ MERCHANT_APPROVAL: 'always' }, [], { initiator: { kind: 'merchant' } })).toEqual({
      needed: false,
    })
  })
})

describe('verification', () => {
  const refusedBy = (decision: Answered, type: string, code: string) => {
    expect(decision.answer?.type).toBe(type)
    expect(decision.publish).toHaveLength(1)
    expect(decision.publish?.[0]).toMatchObject({
      type: 'order.cancellation.refused.v1',
      data: { outcome: 'refused', code, stage: 'verifying' },
    })
  }

  it('waits for an order not heard of, and refuses when patience is over', () => {
    const command = { ...sampleRequest(), round: 1 }
    expect(begin(samplePolicies(), undefined, command, moment())).toBe('not-yet')
    const decision = asked(undefined, sampleRequest(), samplePolicies(), moment(undefined, true))
    refusedBy(decision, 'OrderNotFound', 'order-not-found')
    expect(decision.publish?.[0]?.data).not.toHaveProperty('customerId')
    expect(decision.state?.order).toBeUndefined()
  })

  it('refuses what is cancelled already', () => {
    const decision = asked(afterEnd(placed()), sampleRequest({ requestId: 'req-2' }))
    refusedBy(decision, 'AlreadyCancelled', 'already-cancelled')
  })

  it('refuses while another request holds the order, and names it', () => {
    const decision = asked(asked(placed()).state, sampleRequest({ requestId: 'req-2' }))
    refusedBy(decision, 'CancellationInProgress', 'cancellation-in-progress')
    expect(decision.answer).toMatchObject({ by: 'req-1' })
    expect(decision.state?.order?.heldBy).toBe('req-1')
  })

  it('refuses what was returned, but not the lines of other parcels, nor a parcel that is delivered', () => {
    const shipments = [parcel('returned', ['1']), parcel('delivered', ['2'])]
    refusedBy(asked(placed({ shipments })), 'NotCancellable', 'not-cancellable')
    const other = sampleRequest({ lines: [{ lineId: '2', quantity: 1 }] })
    expect(asked(placed({ shipments }), other).answer?.type).toBe('CancellationBegun')
  })

  it('judges the window at the time of the request', () => {
    const policies = samplePolicies({ CANCEL_WINDOW: 3_600_000 })
    const at = moment('2026-11-25T00:00:00.000Z')
    const within = sampleRequest({ requestedAt: '2026-11-20T10:00:00Z' })
    expect(asked(placed(), within, policies, at).answer?.type).toBe('CancellationBegun')
    const after = sampleRequest({ requestedAt: '2026-11-20T10:00:01Z' })
    refusedBy(asked(placed(), after, policies, at), 'WindowClosed', 'window-closed')
  })

  it('believes a sender’s clock up to five minutes ahead, and takes more for now', () => {
    const policies = samplePolicies({ CANCEL_WINDOW: 3_600_000 })
    const at = moment('2026-11-20T09:59:00.000Z')
    const ahead = (requestedAt: string) => asked(placed(), sampleRequest({ requestedAt }), policies, at).answer?.type
    expect(ahead('2026-11-20T10:03:00Z')).toBe('WindowClosed')
    expect(ahead('2026-11-20T10:05:00Z')).toBe('CancellationBegun')
  })

  it('judges the window by when the request was published, whatever date it has', () => {
    const policies = samplePolicies({ CANCEL_WINDOW: 30 * 86_400_000 })
    const january = placed({ placedAt: '2026-01-01T00:00:00Z' })
    const of = (requestedAt: string, publishedAt: string, now = '2026-11-20T10:00:01.000Z') => {
      const data = { ...sampleRequest({ requestedAt }), round: 1, publishedAt }
      const decision = begin(policies, january, data, moment(now))
      return decision === 'not-yet' ? decision : decision.answer?.type
    }
    const backdated = ['2025-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-30T23:59:59Z']
    for (const date of backdated) expect(of(date, '2026-11-20T10:00:00Z')).toBe('WindowClosed')
    // Published in time, and read, or sent again from the dead letters, much later.
    expect(of('2026-01-30T10:00:00Z', '2026-01-30T10:00:01Z')).toBe('CancellationBegun')
    // On its way for as long as it may be, and for longer.
    expect(of('2026-01-30T23:59:00Z', '2026-01-31T00:58:00Z')).toBe('CancellationBegun')
    expect(of('2026-01-30T23:59:00Z', '2026-01-31T01:01:00Z')).toBe('WindowClosed')
    // A record of the future was published now.
    expect(of('2026-11-20T10:00:00Z', '2062-01-01T00:00:00Z')).toBe('WindowClosed')
  })

  it('holds the window of every request, for every date that it names', () => {
    const hour = 3_600_000
    const start = Date.parse('2026-11-20T00:00:00Z')
    const iso = (ms: number) => new Date(start + ms).toISOString()
    const policies = samplePolicies({ CANCEL_WINDOW: 24 * hour, REQUEST_DELAY: hour })
    const state = placed({ placedAt: iso(0) })
    const time = fc.integer({ min: -50 * hour, max: 100 * hour })
    fc.assert(
      fc.property(time, fc.integer({ min: 0, max: 50 * hour }), (requested, published) => {
        const data = { ...sampleRequest({ requestedAt: iso(requested) }), round: 1, publishedAt: iso(published) }
        const decision = begin(policies, state, data, moment(iso(60 * hour)))
        const type = decision === 'not-yet' ? decision : decision.answer?.type
        if (published <= 23 * hour) expect(type).toBe('CancellationBegun')
        if (published > 25 * hour) expect(type).toBe('WindowClosed')
      }),
    )
  })

  it('refuses what a blocked customer asks, not what the shop asks about that customer’s order', () => {
    const policies = samplePolicies({ BLOCKED_CUSTOMERS: ['cus-7'] })
    refusedBy(asked(placed(), sampleRequest(), policies), 'AccountBlocked', 'account-blocked')
    const fraudDesk = sampleRequest({ initiator: { kind: 'system' }, reason: { code: 'fraud-suspected' } })
    expect(asked(placed(), fraudDesk, policies).answer?.type).toBe('CancellationBegun')
  })

  it('asks the merchant about what has left, not about a unit that is not sent yet, when parcels say how many they hold', () => {
    const holding = (status: ShipmentStatus, quantity: number) => ({
      ...parcel(status),
      lines: [{ lineId: '1', quantity }],
    })
    const state = placed({ shipments: [holding('delivered', 1), holding('label-created', 1)] })
    const asks = (quantity: number) => asked(state, sampleRequest({ lines: [{ lineId: '1', quantity }] })).answer
    expect(asks(2)).toMatchObject({ parcels: [{ shipmentId: 'shp-label-created' }], approval: { needed: false } })
    expect(asks(3)).toMatchObject({
      parcels: [{ status: 'delivered' }, { status: 'label-created' }],
      approval: { needed: true },
    })
  })

  it('lets a unit be cancelled that is not sent, though the parcel with the others came back', () => {
    const back = { ...parcel('returned'), lines: [{ lineId: '1', quantity: 2 }] }
    const unit = sampleRequest({ lines: [{ lineId: '1', quantity: 1 }] })
    expect(asked(placed({ shipments: [back] }), unit).answer).toMatchObject({ parcels: [], amount: 1117 })
    const all = { ...back, lines: [{ lineId: '1', quantity: 3 }] }
    refusedBy(asked(placed({ shipments: [all] }), unit), 'NotCancellable', 'not-cancellable')
  })

  it('knows a guest by no id: nothing told of the order has one, and nobody’s account is blocked', () => {
    const { customerId: _, ...guest } = samplePlaced()
    const policies = samplePolicies({ BLOCKED_CUSTOMERS: ['cus-7', 'undefined', ''] })
    const request = sampleRequest({ initiator: { kind: 'customer' } })
    const { answer, publish } = asked(place(undefined, placedOrder.parse(guest)).state, request, policies)
    expect(JSON.stringify(answers.CancellationBegun.parse(answer))).not.toContain('customerId')
    for (const { data, type } of publish ?? [])
      expect(JSON.stringify(events[type].data.parse(data))).not.toContain('customerId')
    expect(publish).toHaveLength(1)
  })

  it('refuses more than there is, and lines that are not of the order', () => {
    const tooMany = sampleRequest({ lines: [{ lineId: '1', quantity: 4 }] })
    refusedBy(asked(placed(), tooMany), 'QuantityExceeded', 'quantity-exceeded')
    const unknown = sampleRequest({ lines: [{ lineId: '9', quantity: 1 }] })
    refusedBy(asked(placed(), unknown), 'QuantityExceeded', 'quantity-exceeded')
  })

  it('gives the same no to a duplicate, and says that the request ended to a later round', () => {
    const refused = asked(placed(), sampleRequest({ lines: [{ lineId: '9', quantity: 1 }] }))
    const request = sampleRequest({ lines: [{ lineId: '9', quantity: 1 }] })
    expect(beginAgain(refused.state, { ...request, round: 1 }, refused.answer)).toBe(refused.answer)
    expect(asked(refused.state, request)).toEqual({
      answer: { type: 'AlreadyEnded', outcome: 'refused', code: 'quantity-exceeded', stage: 'verifying' },
    })
  })
})

describe('a request id', () => {
  it('that ended is answered with what it came to, and publishes nothing', () => {
    const ended = afterEnd(placed())
    const answer = { type: 'AlreadyEnded', outcome: 'cancelled', stage: 'closed' }
    expect(asked(ended)).toEqual({ answer })
    expect(beginAgain(ended, { ...sampleRequest(), round: 1 }, { type: 'Undone' })).toEqual(answer)
    const abandoned = abandon(asked(placed()).state, abandonment, moment()).state
    expect(asked(abandoned)).toEqual({
      answer: { type: 'AlreadyEnded', outcome: 'compensated', code: 'intercept-failed', stage: 'confirming' },
    })
  })

  it('cannot be used again with other content, and the first keeps its record', () => {
    const first = asked(placed())
    const other = sampleRequest({ reason: { code: 'other' } })
    expect(asked(first.state, other)).toEqual({ answer: { type: 'RequestIdReused', message: expect.any(String) } })
    expect(beginAgain(first.state, { ...other, round: 1 }, first.answer).type).toBe('RequestIdReused')
  })

  it('cannot be used again for another order', () => {
    const state = placed()
    const elsewhere = state && { ...state, owners: new Map([['req-1', 'ord-9']]) }
    expect(asked(elsewhere)).toEqual({ answer: { type: 'RequestIdReused', message: expect.any(String) } })
  })

  it('is the same request with its lines in another order, or another `retryOf`', () => {
    const lines = [
      { lineId: '1', quantity: 1 },
      { lineId: '2', quantity: 1 },
    ]
    const first = asked(placed(), sampleRequest({ lines }))
    const same = sampleRequest({ lines: lines.toReversed(), retryOf: 'req-0' })
    expect(asked(first.state, same)).toEqual({ answer: first.answer })
  })
})
