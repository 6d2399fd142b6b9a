import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandId, eventId, lateInterceptId, reversalId, sagaId } from './message-id.ts'

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

const uuid = '9c3e1f60-8f5a-4d5e-9a67-0d2f3c4b5a69'
/** Ids that are easily taken for one another: of parts that separate, and of those that mark where a request begins. */
const trickyId = fc
  .array(fc.constantFrom('-', '/', '%', '%2F', 'a', '1', 'req', '-req', 'req-', uuid, `-${uuid}`), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''))
const pair = fc.tuple(fc.oneof(trickyId, anyId), fc.oneof(trickyId, anyId))

describe('workflow ids', () => {
  it('are plain where outsiders rely on it', () => {
    expect(sagaId('ord-1001', uuid)).toBe(`cancel-ord-1001-${uuid}`)
    expect(sagaId('ord-1001', 'req-1-b')).toBe('cancel-ord-1001-req-1-b')
    expect(sagaId('1001-1', '7')).toBe('cancel-1001-1-7')
    expect(reversalId({ requestId: uuid, tenderId: 'gift-card-1' })).toBe(`refund-${uuid}-gift-card-1`)
    expect(reversalId({ requestId: 'req-1', tenderId: 't1' })).toBe('refund-req-1-t1')
  })

  it('are told apart by escaping where the plain form would be that of another pair', () => {
    expect(sagaId('1001', '1-7')).toBe('cancel/1001/1-7')
    expect(sagaId('a-req-1', 'req-2')).toBe('cancel/a-req-1/req-2')
    expect(lateInterceptId({ requestId: 'req-1', shipmentId: 'shp-1' })).toBe('parcel/req-1/shp-1')
  })

  it.each([
    ['of sagas', sagaId],
    ['of reversed refunds', (requestId: string, tenderId: string) => reversalId({ requestId, tenderId })],
    ['of late intercepts', (requestId: string, shipmentId: string) => lateInterceptId({ requestId, shipmentId })],
  ])('%s are the same only for the same pair', (_, idOf) => {
    fc.assert(
      fc.property(pair, pair, ([one, two], [other, another]) => {
        expect(idOf(one, two) === idOf(other, another)).toBe(one === other && two === another)
      }),
      { numRuns: 5_000 },
    )
    // Every way to cut one text into two: all are another pair.
    fc.assert(
      fc.property(fc.oneof(trickyId, anyId), trickyId, (head, tail) => {
        const text = `${head}-${tail}`
        const cuts = text
          .split('')
          .flatMap((sign, place) => (sign === '-' && place > 0 && place < text.length - 1 ? [place] : []))
        const ids = cuts.map((place) => idOf(text.slice(0, place), text.slice(place + 1)))
        expect(new Set(ids).size).toBe(cuts.length)
      }),
      { numRuns: 2_000 },
    )
  })

  it('fit into every database that Temporal keeps them in, and stay apart', () => {
    const long = (end: string) => `${'ü'.repeat(127)}${end}`
    const ids = [sagaId(long('1'), long('1')), sagaId(long('1'), long('2')), sagaId('%'.repeat(128), '1')]
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(255)
    expect(new Set(ids).size).toBe(3)
  })
})
