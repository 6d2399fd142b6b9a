import { type Answer, answers, isAnswerName, type ShipmentStatus } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { givenCommand, givenEvent } from '@countermand/testing/given.ts'
import { serviceInMemory } from '@countermand/testing/service-in-memory.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unitsOf } from '../decide/whereabouts.ts'
import { inventory } from '../handlers.ts'
import type { Reservation } from '../state.ts'
import { exampleOrder, news } from './given.ts'

/** Stock that one request set aside and gave back, and the next one takes: whatever of the first comes late, or once more, on the kit's own rounds. */

const orderId = 'ord-1'
const [first, second] = ['req-1', 'req-2']
const all = [
  { lineId: '1', sku: 'MUG', quantity: 2 },
  { lineId: '2', sku: 'PEN', quantity: 3 },
]

const round = fc.integer({ min: 1, max: 3 })
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('hold' as const), round }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('release' as const), round }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('return' as const), round }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('close' as const),
      round,
      of: fc.constantFrom('do' as const, 'undo' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('news' as const),
      status: fc.constantFrom<ShipmentStatus[]>('label-created', 'handed-over', 'in-transit', 'delivered', 'returned'),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never
const steps = (maxLength: number) => fc.array(step, { maxLength })
const course = fc.record({ before: steps(8), between: steps(6), after: steps(10) })

const openWorld = () => {
  const heard: { readonly id: string; readonly answer: Answer }[] = []
  const hear = ({ headers, value }: OutgoingMessage) => {
    const type = headers.ce_type ?? ''
    if (headers['dlq-reason'] !== undefined) throw new Error(`expected it to be processed, got ${headers['dlq-error']}`)
    // The contract of this very type has checked the fields; the compiler cannot pair a type with its schema.
    const answer = isAnswerName(type)
      ? ({ type, ...answers[type].parse(JSON.parse(String(value))) } as Answer)
      : undefined
    if (answer !== undefined) heard.push({ id: headers['reply-to'] ?? '', answer })
  }
  const states = new Map<string, Reservation>()
  const service = serviceInMemory(inventory({ initialStock: 100 }), states, hear)
  let minute = 0
  service.take(givenEvent('order.accepted.v1', orderId, exampleOrder()))
  const ask = (
    name: 'SetStockAside' | 'ReserveAgain' | 'ReturnStockToSale',
    requestId: string,
    of: number,
  ): Answer['type'] | undefined => {
    const data = { orderId, requestId, round: of }
    service.take(
      name === 'SetStockAside'
        ? givenCommand(name, { ...data, lines: all }, requestId)
        : givenCommand(name, data, requestId),
    )
    return heard.findLast((each) => each.id === requestId)?.answer.type
  }
  const take = (requestId: string, each: Step): void => {
    switch (each.what) {
      case 'hold':
        return void ask('SetStockAside', requestId, each.round)
      case 'release':
        return void ask('ReserveAgain', requestId, each.round)
      case 'return':
        return void ask('ReturnStockToSale', requestId, each.round)
      case 'close': {
        const closes = { step: 'set-stock-aside', direction: each.of, round: each.round } as const
        const said = { decision: 'skip', by: 'ops-1', reason: 'counted by hand' } as const
        const key = `set-stock-aside-${each.of}-${each.round}`
        service.take(givenCommand('CloseRound', { orderId, requestId, round: 1, key, closes, ...said }, requestId))
        return
      }
      case 'news': {
        minute += 1
        service.take(givenEvent('shipment.changed.v1', orderId, news(each.status, minute)))
      }
    }
  }
  const state = () => states.get(orderId) ?? expect.unreachable()
  const heldBy = (requestId: string) => state().holds.find((each) => each.requestId === requestId)
  const units = () => all.map((line) => unitsOf(state(), line))
  return { ask, take, heldBy, units, state }
}

const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0)
const lastRound = 9

describe('two requests, one after the other', () => {
  it('what comes late of the first, or once more, takes nothing of what the second has set aside', () => {
    fc.assert(
      fc.property(course, ({ before, between, after }) => {
        const world = openWorld()
        for (const each of before) world.take(first, each)
        // It was taken back, or never held: the order is free for the next one.
        world.ask('ReserveAgain', first, lastRound)
        expect(world.heldBy(first)).toBeUndefined()
        expect(world.ask('SetStockAside', second, 1)).toBe('StockSetAside')
        const held = world.heldBy(second)?.lines.map(({ lineId, quantity }) => [lineId, quantity])
        for (const each of [...between, ...after]) {
          world.take(first, each)
          expect(world.heldBy(first), 'a do that comes after its undo').toBeUndefined()
          expect(world.heldBy(second)?.lines.map(({ lineId, quantity }) => [lineId, quantity])).toEqual(held)
        }
        const answer = world.ask('ReturnStockToSale', second, 1)
        expect(['StockOnSale', 'AwaitingParcel']).toContain(answer)
        for (const [place, line] of all.entries()) {
          const units = world.units()[place] ?? expect.unreachable()
          expect(sum(Object.values(units))).toBe(line.quantity)
          expect(units.reserved, 'nothing is kept for who has the money back').toBe(0)
        }
      }),
      { numRuns: 1_500 },
    )
  })

  it('leave the stock as it would be without them, when both are taken back, in whichever order', () => {
    fc.assert(
      fc.property(course, fc.boolean(), ({ before, between, after }, isFirstLast) => {
        const world = openWorld()
        const undisturbed = openWorld()
        const take = (requestId: string, each: Step) => {
          world.take(requestId, each)
          if (each.what === 'news') undisturbed.take(requestId, each)
        }
        for (const each of before) take(first, each)
        for (const each of between) take(second, each)
        for (const each of after) take(first, each)
        for (const requestId of isFirstLast ? [second, first] : [first, second])
          world.ask('ReserveAgain', requestId, lastRound)
        expect(world.state().holds).toEqual([])
        expect(world.units()).toEqual(undisturbed.units())
        expect(world.ask('SetStockAside', second, lastRound + 1)).toBe('StockSetAside')
      }),
      { numRuns: 1_500 },
    )
  })
})
