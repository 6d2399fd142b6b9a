import { type CommandData, events, type ShipmentChanged } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import type { OrderState } from '../state.ts'
import { moment, samplePlaced, samplePolicies, sampleRequest } from '../test/given.ts'
import { begin } from './begin.ts'
import { abandon, confirm } from './end.ts'
import { followParcel, place } from './facts.ts'
import { statusOf } from './order.ts'

const begun = (state: OrderState | undefined, changes: Parameters<typeof sampleRequest>[0] = {}) => {
  const decision = begin(samplePolicies(), state, { ...sampleRequest(changes), round: 1 }, moment())
  return decision === 'not-yet' ? undefined : (decision.state ?? state)
}
const placed = () => place(undefined, samplePlaced()).state
const status = (state: OrderState | undefined) => state?.order && statusOf(state.order)

const taking = (changes: Partial<CommandData<'AbandonCancellation'>> = {}): CommandData<'AbandonCancellation'> => ({
  orderId: 'ord-1',
  requestId: 'req-1',
  round: 1,
  outcome: 'compensated',
  code: 'refund-refused',
  stage: 'refunding',
  request: sampleRequest(),
  ...changes,
})

const refund = {
  tenderId: 't1',
  channel: 'sandbox-card',
  amount: 5919,
  currency: 'EUR',
  state: 'succeeded',
  destination: 'original',
} as const
const closing = (requestId = 'req-1') => ({ orderId: 'ord-1', requestId, round: 1, refunds: [refund] })

describe('abandoning a cancellation', () => {
  it('gives the order back as if the saga had not run, and ends the request once', () => {
    const { state, answer, publish } = abandon(begun(placed()), taking(), moment())
    expect(status(state)).toBe('paid')
    expect(state?.order).not.toHaveProperty('heldBy')
    expect(answer).toEqual({
      type: 'CancellationAbandoned',
      outcome: 'compensated',
      code: 'refund-refused',
      stage: 'refunding',
    })
    expect(publish).toMatchObject([
      {
        type: 'order.cancellation.compensated.v1',
        id: ['req-1'],
        data: { outcome: 'compensated', code: 'refund-refused', stage: 'refunding', amount: 5919, currency: 'EUR' },
      },
    ])
    expect(abandon(state, taking({ round: 2 }), moment())).toEqual({ answer })
  })

  it('lets the facts count that arrived during the hold', () => {
    const event = {
      shipmentId: 'shp-1',
      orderId: 'ord-1',
      carrier: 'sandbox',
      trackingNumber: 'OK-1',
      status: 'delivered',
      at: '2026-11-20T12:00:00Z',
      lineIds: ['1', '2'],
    } satisfies ShipmentChanged
    const during = followParcel(begun(placed()), event, moment())
    const state = during === 'not-yet' ? undefined : during.state
    expect(status(state)).toBe('on-hold')
    expect(status(abandon(state, taking(), moment()).state)).toBe('delivered')
  })

  it('answers what the request came to when it was taken back otherwise before', () => {
    const first = abandon(begun(placed()), taking({ outcome: 'withdrawn', by: 'cus-7' }), moment())
    expect(first.publish).toMatchObject([{ type: 'order.cancellation.withdrawn.v1', data: { by: 'cus-7' } }])
    expect(abandon(first.state, taking({ round: 2 }), moment())).toEqual({ answer: first.answer })
  })

  it('ends a request that never began, also of an order not heard of, and leaves other holds alone', () => {
    const unheard = abandon(undefined, taking({ outcome: 'withdrawn', stage: 'requested' }), moment())
    expect(unheard.answer?.type).toBe('CancellationAbandoned')
    expect(unheard.publish).toMatchObject([{ type: 'order.cancellation.withdrawn.v1' }])
    expect(unheard.publish?.[0]?.data).not.toHaveProperty('merchantId')
    const other = sampleRequest({ requestId: 'req-2' })
    const beside = abandon(begun(placed()), taking({ requestId: 'req-2', request: other }), moment())
    expect(beside.state?.order?.heldBy).toBe('req-1')
    expect(beside.publish).toHaveLength(1)
  })

  it('tells in public who rejected it', () => {
    const rejected = taking({ outcome: 'refused', code: 'merchant-rejected', by: 'mer-3' })
    const [event] = abandon(begun(placed()), rejected, moment()).publish ?? []
    expect(events['order.cancellation.refused.v1'].data.parse(event?.data)).toMatchObject({ by: 'mer-3' })
  })

  it('finds nothing to undo after verification said no, and leaves that no to be given again', () => {
    const refused = begun(placed(), { lines: [{ lineId: '9', quantity: 1 }] })
    const request = sampleRequest({ lines: [{ lineId: '9', quantity: 1 }] })
    expect(abandon(refused, taking({ request }), moment())).toEqual({
      answer: { type: 'NothingToUndo' },
      noTombstone: true,
    })
  })

  it('is refused after the request was confirmed, and leaves no tombstone', () => {
    const { state } = confirm(begun(placed()), closing(), moment())
    expect(abandon(state, taking(), moment())).toEqual({
      answer: { type: 'AbandonRefused', outcome: 'cancelled' },
      noTombstone: true,
    })
  })

  it('does nothing to a request of another order that has the same id', () => {
    const state = begun(placed())
    const other = taking({ request: sampleRequest({ reason: { code: 'other' } }) })
    expect(abandon(state, other, moment())).toEqual({ answer: { type: 'NothingToUndo' }, noTombstone: true })
  })

  it('cannot end in a refusal that has no code', () => {
    const { code: _, ...withoutCode } = taking({ outcome: 'refused' })
    expect(() => abandon(begun(placed()), withoutCode, moment())).toThrow(/req-1 of order ord-1/)
  })
})

describe('confirming a cancellation', () => {
  it('cancels the order and says where the money went', () => {
    const { state, answer, publish } = confirm(begun(placed()), closing(), moment())
    expect(status(state)).toBe('cancelled')
    expect(answer).toEqual({ type: 'OrderCancelled', at: '2026-11-20T10:00:01.000Z' })
    expect(publish).toMatchObject([
      {
        type: 'order.cancellation.completed.v1',
        data: { outcome: 'cancelled', stage: 'closed', refunds: [refund], amount: 5919 },
      },
    ])
    expect(confirm(state, { ...closing(), round: 2 }, moment('2026-12-01T00:00:00.000Z'))).toEqual({ answer })
  })

  it('cancels some lines, and the order when a later request takes the rest', () => {
    const part = confirm(begun(placed(), { lines: [{ lineId: '1', quantity: 1 }] }), closing(), moment())
    expect(part.answer?.type).toBe('LinesCancelled')
    expect(part.publish).toMatchObject([{ data: { outcome: 'lines-cancelled', amount: 1117 } }])
    expect(status(part.state)).toBe('partially-cancelled')
    const again = begun(part.state, { requestId: 'req-2' })
    expect(status(again)).toBe('on-hold')
    const rest = confirm(again, closing('req-2'), moment())
    expect(rest.publish).toMatchObject([{ data: { outcome: 'cancelled', amount: 5919 - 1117 } }])
    expect(status(rest.state)).toBe('cancelled')
  })

  it('throws when the request never began or was taken back', () => {
    expect(() => confirm(placed(), closing(), moment())).toThrow(/to hold order ord-1, got an unknown request/)
    const { state } = abandon(begun(placed()), taking(), moment())
    expect(() => confirm(state, closing(), moment())).toThrow(/to hold order ord-1, got abandoned/)
  })
})
