import { type CommandData, type EventData, isNews, type ShipmentStatus } from '@countermand/contracts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asOf } from '../carriers/sandbox.ts'
import { isAtItsEnd } from '../decide/shipment.ts'
import { acceptedOrder, parcel } from './given.ts'
import { createWorld, type World } from './world.ts'

/** Commands, duplicates, undos, calls under way, tracking and time, in any order. */

const requestId = 'req-1'
const shipmentIds = ['shp-1', 'shp-2', 'shp-3']
const trackingNumber = fc.constantFrom(
  ...[
    'OK-1',
    'SLOW-500',
    'SLOW-20000',
    'REFUSE-1',
    'FLAKY-1',
    'FLAKY-4',
    'LATE-80000',
    'SILENT-1',
    'NORESUME-1',
    'DOWN-1',
  ],
)
const anyStatus: ShipmentStatus[] = [
  ...(['label-created', 'handed-over', 'in-transit', 'out-for-delivery'] as const),
  ...(['delivered', 'returning', 'returned', 'lost'] as const),
]
const lineIds = fc.constantFrom<string[]>(['1'], ['2'], ['1', '2'])
const lines = fc.constantFrom<Pick<CommandData<'StopShipment'>, 'whole' | 'lines'>>(
  { whole: true, lines: [] },
  { whole: false, lines: [{ lineId: '1', quantity: 2, sku: 'SKU-MUG' }] },
  { whole: false, lines: [{ lineId: '1', quantity: 1, sku: 'SKU-MUG' }] },
)
const round = fc.integer({ min: 1, max: 3 })
const place = fc.nat({ max: 5 })

const shipmentAt = (status: ShipmentStatus[]) => fc.tuple(trackingNumber, fc.constantFrom(...status), lineIds)

const stepOf = (tracked: ShipmentStatus[], undo: boolean) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ what: fc.constant('stop' as const), round }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('pause' as const), round }) },
    { weight: undo ? 2 : 0, arbitrary: fc.record({ what: fc.constant('undo' as const), round }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('start' as const), place }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('finish' as const), place }) },
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.constantFrom(1, 150, 600, 15_000, 70_000) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        what: fc.constant('track' as const),
        shipmentId: fc.constantFrom(...shipmentIds),
        as: shipmentAt(tracked),
        skewMs: fc.constantFrom(0, 0, 0, -290_000, -1_000, 2_000, 290_000, 40_000_000_000),
      }),
    },
  )

const scenario = (tracked: ShipmentStatus[], undo: boolean) =>
  fc.record({
    shipments: fc.array(shipmentAt(anyStatus), { maxLength: 2 }),
    request: lines,
    steps: fc.array(stepOf(tracked, undo), { maxLength: 30 }),
  })
type Scenario = ReturnType<typeof scenario> extends fc.Arbitrary<infer Value> ? Value : never
type Step = Scenario['steps'][number]

/** A parcel that came to its end stays there. */
const track = (world: World, step: Extract<Step, { what: 'track' }>) => {
  const known = world.order()?.shipments.find(({ shipmentId }) => shipmentId === step.shipmentId)
  if (known !== undefined && isAtItsEnd(known.status)) return
  const [number, status, ids] = step.as
  const fields = parcel(step.shipmentId, known?.trackingNumber ?? number, status, [...(known?.lineIds ?? ids)])
  world.advance(1)
  const at = new Date(world.now() + step.skewMs).toISOString()
  world.tell('shipment.updated.v1', { ...fields, orderId: world.orderId, at })
}

const take = async (world: World, request: Scenario['request'], step: Step): Promise<void> => {
  switch (step.what) {
    case 'stop':
      world.send('StopShipment', { requestId, round: step.round, ...request })
      return
    case 'pause':
      world.send('PauseFulfilment', { requestId, round: step.round })
      return
    case 'undo':
      world.send('ResumeShipment', { requestId, round: step.round })
      return
    case 'start': {
      const ready = world.startable()
      const task = ready[step.place % Math.max(ready.length, 1)]
      if (task !== undefined) await world.start(task.id)
      return
    }
    case 'finish':
      if (world.running.length > 0) world.finish(step.place % world.running.length)
      return
    case 'pass':
      world.advance(step.ms)
      return
    case 'track':
      track(world, step)
  }
}

const played = async ({ shipments, request, steps }: Scenario): Promise<World> => {
  const world = createWorld()
  world.tell(
    'order.accepted.v1',
    acceptedOrder(shipments.map((fields, index) => parcel(`shp-${index + 1}`, ...fields))),
  )
  for (const step of steps) await take(world, request, step)
  return world
}

const aDay = 86_400_000

const inTheEnd = (world: World, shipmentId: string) => {
  const entry = world.entries.get(shipmentId)
  return entry === undefined ? undefined : asOf(entry, new Date(world.now() + 2 * aDay))
}

/** What each round came to: `StepPending` is no answer, and `Undone` is what a stop hears once its undo was there. */
const expectOneAnswerEach = (world: World) => {
  const finals = world.heard.filter(
    ({ answer, isLatestRound }) => isLatestRound && answer.type !== 'StepPending' && answer.type !== 'Undone',
  )
  for (const [id, answers] of Map.groupBy(finals, ({ commandId }) => commandId))
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer))).size, id).toBe(1)
}

const undone = async (world: World): Promise<void> => {
  for (let next = 4; next < 7; next++) {
    const id = world.send('ResumeShipment', { requestId, round: next })
    await world.run(aDay)
    const answer = world.lastAnswer(id)
    if (answer?.type !== 'StepFailed') {
      expect(['ShipmentResumed', 'NothingToUndo']).toContain(answer?.type)
      return
    }
  }
  throw new Error('expected the undo to end within two rounds')
}

/** What the other services know of the parcels: they go by the dates of what they are told. */
const followed = (world: World) => {
  const known = new Map<string, EventData<'shipment.changed.v1'>>()
  for (const word of world.published) {
    const before = known.get(word.shipmentId)
    if (before === undefined || isNews(before, word, world.iso())) known.set(word.shipmentId, word)
  }
  return known
}

const settings = { numRuns: 1_500 }

describe('whatever the order of events', () => {
  it('no parcel stays stopped after an undo, and nothing is left to do', () =>
    fc.assert(
      fc.asyncProperty(scenario(anyStatus, true), async (given) => {
        const world = await played(given)
        await undone(world)
        expect(world.tasks()).toEqual([])
        for (const { shipmentId, status, trackingNumber: number } of world.order()?.shipments ?? []) {
          const entry = inTheEnd(world, shipmentId)
          if (entry === undefined || isAtItsEnd(status)) continue
          expect(entry.state, shipmentId).toBe('as-sent')
          expect(entry.trackingNumber).toBe(number)
        }
        expectOneAnswerEach(world)
      }),
      settings,
    ))

  it('everybody knows of every parcel what logistics does, whatever the clocks of carriers say', () =>
    fc.assert(
      fc.asyncProperty(scenario(anyStatus, true), async (given) => {
        const world = await played(given)
        for (const [shipmentId, { status, trackingNumber: number }] of followed(world))
          expect(world.order()?.shipments.find((each) => each.shipmentId === shipmentId)).toMatchObject({
            status,
            trackingNumber: number,
          })
      }),
      settings,
    ))

  it('a stop that says yes has stopped every parcel of a whole order, and one that says no has not', () =>
    fc.assert(
      fc.asyncProperty(
        scenario(
          anyStatus.filter((status) => status !== 'delivered'),
          false,
        ),
        async (given) => {
          const world = await played({ ...given, request: { whole: true, lines: [] } })
          const stop = { requestId, whole: true, lines: [] }
          let answer = world.lastAnswer('none')
          for (let next = 4; next < 7 && (answer === undefined || answer.type === 'StepFailed'); next++) {
            const id = world.send('StopShipment', { ...stop, round: next })
            await world.run(aDay)
            answer = world.lastAnswer(id)
          }
          const shipments = world.order()?.shipments ?? []
          // What is said of a parcel on its way back, but for its end, is said of that way.
          const wasTurnedRound = (shipmentId: string) =>
            world.published.some((word) => word.shipmentId === shipmentId && word.status === 'returning')
          const isStopped = ({ shipmentId, status }: (typeof shipments)[number]) =>
            ['returning', 'returned', 'lost'].includes(status) ||
            wasTurnedRound(shipmentId) ||
            ['label-voided', 'intercepted'].includes(inTheEnd(world, shipmentId)?.state ?? '')
          const yes = ['NothingToStop', 'LabelVoided', 'ShipmentIntercepted']
          expect([...yes, 'InterceptFailed']).toContain(answer?.type)
          if (yes.includes(answer?.type ?? '')) expect(shipments.filter((each) => !isStopped(each))).toEqual([])
          expectOneAnswerEach(world)
          expect(world.tasks()).toEqual([])
        },
      ),
      settings,
    ))
})
