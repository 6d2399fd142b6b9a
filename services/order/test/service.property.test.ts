import { answers, type CancelRequested, events, orderTotal, type ShipmentStatus } from '@countermand/contracts'
import type { Decision, NotYet } from '@countermand/service/decision.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { begin, beginAgain } from '../decide/begin.ts'
import { abandon, confirm } from '../decide/end.ts'
import { followParcel, place } from '../decide/facts.ts'
import { statusOf } from '../decide/order.ts'
import { record } from '../decide/record.ts'
import type { OrderState } from '../state.ts'
import { moment, samplePlaced, samplePolicies, sampleRequest } from './given.ts'

/** The decisions as they are, without the kit that drops duplicates before them: they must stand any sequence by themselves. */

const lines = [
  undefined,
  [{ lineId: '1', quantity: 1 }],
  [{ lineId: '2', quantity: 2 }],
  [{ lineId: '1', quantity: 3 }],
]

type Step =
  | { readonly do: 'place' }
  | { readonly do: 'ship'; readonly status: ShipmentStatus; readonly hour: number }
  | { readonly do: 'begin' | 'confirm' | 'record'; readonly of: number; readonly patienceOver: boolean }
  | { readonly do: 'abandon'; readonly of: number; readonly outcome: 'refused' | 'withdrawn' | 'compensated' }

const of = fc.integer({ min: 0, max: 2 })
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ do: 'place' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('ship' as const),
      status: fc.constantFrom<ShipmentStatus>('label-created', 'handed-over', 'in-transit', 'delivered', 'returned'),
      hour: fc.integer({ min: 10, max: 20 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('begin' as const, 'begin' as const, 'confirm' as const, 'record' as const),
      of,
      patienceOver: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('abandon' as const),
      of,
      outcome: fc.constantFrom('refused' as const, 'withdrawn' as const, 'compensated' as const),
    }),
  },
)

const decide = (state: OrderState | undefined, step: Step, request: CancelRequested): Decision<OrderState> | NotYet => {
  const { orderId, requestId } = request
  const command = { orderId, requestId, round: 1 }
  switch (step.do) {
    case 'place':
      return place(state, samplePlaced())
    case 'ship': {
      const at = `2026-11-20T${step.hour}:00:00Z`
      const parcel = { shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', lineIds: ['1', '2'] }
      return followParcel(state, { ...parcel, orderId, status: step.status, at }, moment())
    }
    case 'begin':
      return begin(samplePolicies(), state, { ...request, round: 1 }, moment(undefined, step.patienceOver))
    case 'confirm':
      return confirm(state, { ...command, refunds: [] }, moment())
    case 'record': {
      const said = { what: 'decided', decision: 'approve', by: 'mer-3', at: '2026-11-20T11:00:00Z' } as const
      return record(state, { ...command, key: 'decision', request, record: said }, moment())
    }
    case 'abandon': {
      const why = { outcome: step.outcome, code: 'merchant-rejected', stage: 'confirming' } as const
      return abandon(state, { ...command, ...why, request }, moment())
    }
  }
}

/** A confirmation of what does not hold the order is a bug of the saga's; the service says so, loudly, and nothing changes. */
const decideOrThrow = (...[state, step, request]: Parameters<typeof decide>): Decision<OrderState> | NotYet => {
  try {
    return decide(state, step, request)
  } catch (error) {
    expect(step.do).toBe('confirm')
    expect(state?.order?.heldBy).not.toBe(request.requestId)
    expect(String(error)).toContain(request.requestId)
    return {}
  }
}

const endTypes = new Set([
  'order.cancellation.completed.v1',
  'order.cancellation.refused.v1',
  'order.cancellation.withdrawn.v1',
  'order.cancellation.compensated.v1',
])

const checkOrder = (state: OrderState, undisturbed: OrderState | undefined) => {
  const holding = [...state.requests.values()].filter((request) => request.status === 'holding')
  const { order } = state
  expect(holding.map((request) => request.request.requestId)).toEqual(order?.heldBy ? [order.heldBy] : [])
  if (order === undefined) return
  const confirmed = [...state.requests.values()].flatMap((each) => (each.status === 'confirmed' ? [each.begun] : []))
  const cancelled = new Map<string, number>()
  for (const { lineId, quantity } of confirmed.flatMap((begun) => begun.lines))
    cancelled.set(lineId, (cancelled.get(lineId) ?? 0) + quantity)
  expect(order.cancelled).toEqual(cancelled)
  for (const line of order.placed.lines) expect(cancelled.get(line.lineId) ?? 0).toBeLessThanOrEqual(line.quantity)
  if (order.heldBy !== undefined) expect(statusOf(order)).toBe('on-hold')
  else if (undisturbed?.order) expect(statusOf(order)).toBe(statusOf({ ...undisturbed.order, cancelled }))
  const amount = confirmed.reduce((sum, begun) => sum + begun.amount, 0)
  if (statusOf(order) === 'cancelled') expect(amount).toBe(orderTotal(order.placed))
  else expect(amount).toBeLessThan(orderTotal(order.placed))
}

describe('any sequence of commands, duplicates and facts', () => {
  it('keeps one holder, one end for each request, and the order as it would be without the sagas that were taken back', () => {
    const sequence = fc.record({
      steps: fc.array(stepArbitrary, { maxLength: 25 }),
      asked: fc.tuple(fc.constantFrom(...lines), fc.constantFrom(...lines), fc.constantFrom(...lines)),
    })
    fc.assert(
      fc.property(sequence, ({ steps, asked }) => {
        const requests = asked.map((each, n) => sampleRequest({ requestId: `req-${n}`, ...(each && { lines: each }) }))
        let state: OrderState | undefined
        let undisturbed: OrderState | undefined
        const ended = new Map<string, string>()
        const published = new Set<string>()
        for (const step of steps) {
          const request = requests['of' in step ? step.of : 0] ?? sampleRequest()
          const decision = decideOrThrow(state, step, request)
          if (decision === 'not-yet') continue
          for (const { type, id, data } of decision.publish ?? []) {
            events[type].data.parse(data)
            const eventId = [type, ...id].join('/')
            expect(published).not.toContain(eventId)
            published.add(eventId)
            if (!endTypes.has(type)) continue
            expect(ended.has(request.requestId)).toBe(false)
            ended.set(request.requestId, type)
          }
          if (decision.answer !== undefined) answers[decision.answer.type].parse(decision.answer)
          state = decision.state ?? state
          if (step.do === 'place' || step.do === 'ship') {
            const facts = decideOrThrow(undisturbed, step, request)
            undisturbed = facts === 'not-yet' ? undisturbed : (facts.state ?? undisturbed)
          }
          if (state !== undefined) checkOrder(state, undisturbed)
          const outcomes = [...(state?.requests.values() ?? [])].filter((each) => 'end' in each)
          expect(outcomes.map((each) => each.request.requestId).sort()).toEqual([...ended.keys()].sort())
          if (step.do !== 'begin' || state === undefined) continue
          const again = beginAgain(state, { ...request, round: 1 }, undefined)
          if (decision.answer?.type === 'CancellationBegun') expect(again).toEqual(decision.answer)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
