import { type ShipmentChanged, shipmentStatus } from '@countermand/contracts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { followParcel, reserve } from './decide/facts.ts'
import { reserveAgain, returnStockToSale, setStockAside } from './decide/hold.ts'
import { unitsOf } from './decide/whereabouts.ts'
import { inventory } from './handlers.ts'
import type { Reservation } from './state.ts'
import type { Movement } from './store/stock.ts'
import { movementsOf } from './store/store.ts'
import { command, exampleOrder, inTime, news, reservationAfter, stateAfter } from './test/given.ts'

type Step =
  | { readonly kind: 'accept' }
  | { readonly kind: 'parcel'; readonly event: ShipmentChanged }
  | {
      readonly kind: 'aside'
      readonly requestId: string
      readonly lines: { lineId: string; sku: string; quantity: number }[]
    }
  | { readonly kind: 'undo'; readonly requestId: string }
  | { readonly kind: 'return'; readonly requestId: string }

const decide = (state: Reservation | undefined, step: Step) => {
  switch (step.kind) {
    case 'accept':
      return reserve(state, exampleOrder())
    case 'parcel':
      return followParcel(state, step.event, inTime)
    case 'aside':
      return setStockAside(state, { ...command(step.requestId), lines: step.lines }, inTime)
    case 'undo':
      return reserveAgain(state, command(step.requestId))
    case 'return':
      return returnStockToSale(state, command(step.requestId), inTime)
  }
}

/** What the kit does with a step: a message that comes too early waits, one that throws is a dead letter. */
const after = (state: Reservation | undefined, step: Step): Reservation | undefined => {
  try {
    const decision = decide(state, step)
    return decision === 'not-yet' ? state : (decision.state ?? state)
  } catch {
    return state
  }
}

const run = (steps: readonly Step[], state?: Reservation) => steps.reduce(after, state)

const line = fc.oneof(
  fc.record({ lineId: fc.constant('1'), sku: fc.constant('MUG'), quantity: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ lineId: fc.constant('2'), sku: fc.constant('PEN'), quantity: fc.integer({ min: 1, max: 4 }) }),
)
const parcels: string[][] = [['1'], ['2'], ['1', '2'], ['2', 'gone']]
/** Parcels of other contents have other ids: how many units of each line, maybe more than were ordered when they are taken together; or nobody says. */
const contents: Readonly<Record<string, readonly number[] | undefined>> = { '': undefined, '-b': [1, 1], '-c': [2, 3] }
const inParcel = (event: ShipmentChanged, content: string): ShipmentChanged => {
  const quantities = contents[content]
  const lines = quantities && event.lineIds.map((lineId, place) => ({ lineId, quantity: quantities[place] ?? 1 }))
  return { ...event, shipmentId: `${event.shipmentId}${content}`, ...(lines && { lines }) }
}
const parcelNews = fc
  .tuple(
    fc.constantFrom(...shipmentStatus.options),
    fc.integer({ min: 0, max: 59 }),
    fc.constantFrom(...parcels),
    fc.constantFrom(...Object.keys(contents)),
  )
  .map(
    ([status, minute, lineIds, content]): Step => ({
      kind: 'parcel',
      event: inParcel(news(status, minute, lineIds), content),
    }),
  )
const requests = ['req-1', 'req-2', 'req-3']
const request = fc.constantFrom(...requests)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ kind: 'accept' }),
  parcelNews,
  fc.record({
    kind: fc.constant('aside' as const),
    requestId: request,
    lines: fc.array(line, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('undo' as const), requestId: request }),
  fc.record({ kind: fc.constant('return' as const), requestId: request }),
)

/** Each place's units per SKU, as they follow from the movements alone. */
const tally = () => {
  const stock = new Map(exampleOrder().lines.map(({ sku, quantity }) => [`${sku} on-sale`, quantity]))
  return {
    move: ({ sku, received, ...places }: Movement) => {
      expect(received).toBe(0)
      for (const [place, quantity] of Object.entries(places))
        stock.set(`${sku} ${place}`, (stock.get(`${sku} ${place}`) ?? 0) + quantity)
    },
    units: (sku: string, place: string) => stock.get(`${sku} ${place}`) ?? 0,
  }
}

it('keeps every unit in exactly one place, whatever comes in whatever order, and moves stock by exactly that', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const stock = tally()
      let state: Reservation | undefined
      for (const each of steps) {
        const next = after(state, each)
        if (next === undefined) continue
        movementsOf({ orderId: 'ord-1', before: state, after: next }).forEach(stock.move)
        state = next
        for (const line of next.lines) {
          const units = unitsOf(next, line)
          expect(Math.min(...Object.values(units))).toBeGreaterThanOrEqual(0)
          expect(Object.values(units).reduce((sum, quantity) => sum + quantity)).toBe(line.quantity)
          for (const [place, quantity] of Object.entries(units)) expect(stock.units(line.sku, place)).toBe(quantity)
        }
      }
    }),
  )
})

it('changes nothing when a step is done twice in a row', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), step, (steps, last) => {
      const once = run([...steps, last])
      expect(run([last], once)).toEqual(once)
    }),
  )
})

it('leaves, once undone, exactly what there would be had the saga not run', () => {
  const facts = fc.array(parcelNews, { maxLength: 6 })
  const lines = fc.array(line, { minLength: 1, maxLength: 2 })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      lines,
      facts,
      fc.array(step, { maxLength: 10 }),
      (earlier, asked, meanwhile, later) => {
        // One saga at a time: the order service holds the order for it.
        const ends = requests.map((requestId): Step => ({ kind: 'return', requestId }))
        const before: Step[] = [{ kind: 'accept' }, ...earlier, ...ends]
        const saga: Step = { kind: 'aside', requestId: 'the-saga', lines: asked }
        const undo: Step = { kind: 'undo', requestId: 'the-saga' }
        expect(run([...before, saga, ...meanwhile, undo, ...later])).toEqual(run([...before, ...meanwhile, ...later]))
      },
    ),
  )
})

it('ends with every unit in the same place in whichever order words of parcels arrive, and however often', () => {
  const arrivals = fc
    .array(parcelNews, { minLength: 1, maxLength: 8 })
    .chain((words) =>
      fc.tuple(
        fc.constant(words),
        fc.shuffledSubarray([...words, ...words], { minLength: words.length * 2, maxLength: words.length * 2 }),
      ),
    )
  const at = (step: Step) => (step.kind === 'parcel' ? Date.parse(step.event.at) : 0)
  fc.assert(
    fc.property(arrivals, ([words, mixed]) => {
      const places = (steps: readonly Step[]) => {
        const state = stateAfter({}, run([{ kind: 'accept' }, ...steps]))
        return state.lines.map((each) => unitsOf(state, each))
      }
      expect(places(mixed)).toEqual(places(words.toSorted((one, other) => at(one) - at(other))))
    }),
    { numRuns: 1_000 },
  )
})

it('ends with nothing of a request aside once its parcels have come to their end', () => {
  fc.assert(
    fc.property(
      fc.array(parcelNews, { maxLength: 6 }),
      fc.constantFrom('returned' as const, 'lost' as const),
      (facts, end) => {
        const all = [...reservationAfter().lines]
        const state = run([
          { kind: 'accept' },
          ...facts,
          { kind: 'aside', requestId: 'req-1', lines: all },
          { kind: 'return', requestId: 'req-1' },
          ...parcels.flatMap((lineIds) =>
            Object.keys(contents).map(
              (content): Step => ({ kind: 'parcel', event: inParcel(news(end, 59, lineIds), content) }),
            ),
          ),
        ])
        for (const each of state?.lines ?? [])
          expect(unitsOf(stateAfter({}, state), each)).toMatchObject({ aside: 0, reserved: 0, shipped: 0 })
      },
    ),
  )
})

it('answers each of its commands and reads each of its events', () => {
  const { commands, events } = inventory({ initialStock: 10 })
  expect(Object.keys(commands).sort()).toEqual(['ReserveAgain', 'ReturnStockToSale', 'SetStockAside'])
  expect(Object.keys(events).sort()).toEqual([
    'order.accepted.v1',
    'order.amended.v1',
    'shipment.changed.v1',
    'stock.received.v1',
  ])
})
