import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandId, eventId, sagaId } from './message-id.ts'

const anyId = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
  // What could be taken for a separator or for its escape.
  fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('/', '%', '2', 'F', '5', 'a') }),
)
const command = fc.record({
  orderId: anyId,
  requestId: anyId,
  step: anyId,
  direction: fc.constantFrom('do' as const, 'undo' as const),
  round: fc.integer({ min: 1, max: 3 }),
})
const event = fc.tuple(anyId, anyId, fc.option(anyId, { nil: undefined }))

describe('message ids', () => {
  it('leave ordinary ids as they are', () => {
    expect(commandId({ orderId: 'ord-1001', requestId: '9c3e', step: 'hold-order', direction: 'do', round: 1 })).toBe(
      'ord-1001/9c3e/hold-order/do/1',
    )
    expect(eventId('ord-1001', 'order.cancellation.completed.v1', '9c3e')).toBe(
      'ord-1001/9c3e/order.cancellation.completed.v1',
    )
    expect(sagaId('ord-1001', '9c3e')).toBe('cancel-ord-1001-9c3e')
  })

  it('are the same only for the same command', () => {
    fc.assert(
      fc.property(command, command, (one, other) => {
        expect(commandId(one) === commandId(other)).toBe(
          one.orderId === other.orderId &&
            one.requestId === other.requestId &&
            one.step === other.step &&
            one.direction === other.direction &&
            one.round === other.round,
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('tell two orders apart whose ids contain the separator or its escape', () => {
    const id = (orderId: string, requestId: string) =>
      commandId({ orderId, requestId, step: 'refund', direction: 'do', round: 1 })
    expect(new Set([id('a/b', 'c'), id('a', 'b/c'), id('a%2Fb', 'c'), id('a', 'b%2Fc')]).size).toBe(4)
  })

  it('are the same only for the same event', () => {
    fc.assert(
      fc.property(event, event, ([order, type, of], [otherOrder, otherType, otherOf]) => {
        expect(eventId(order, type, of) === eventId(otherOrder, otherType, otherOf)).toBe(
          order === otherOrder && type === otherType && of === otherOf,
        )
      }),
      { numRuns: 2_000 },
    )
  })
})
