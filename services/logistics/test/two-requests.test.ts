import type { ShipmentStatus } from '@countermand/contracts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StopResult } from '../carriers/carrier.ts'
import { asOf } from '../carriers/sandbox.ts'
import { acceptedOrder, carrierThat, parcel } from './given.ts'
import { createWorld, type World } from './world.ts'

/** An order that one request let go, and the next one stops: whatever of the first comes late, or is asked for once more. */

const [first, second] = ['req-1', 'req-2']
const shipmentIds = ['shp-1', 'shp-2']
const whole = { whole: true, lines: [] }

const numbers = ['OK-1', 'SLOW-500', 'LATE-20000', 'FLAKY-1', 'FLAKY-4', 'SILENT-1', 'NORESUME-1', 'DOWN-1']
const parcels = fc.array(
  fc.tuple(
    fc.constantFrom(...numbers),
    fc.constantFrom<ShipmentStatus[]>('label-created', 'handed-over', 'in-transit'),
  ),
  { minLength: 1, maxLength: 2 },
)
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ what: fc.constant('undo' as const), round: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('start' as const), place: fc.nat({ max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('finish' as const), place: fc.nat({ max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.constantFrom(1, 150, 600, 15_000, 70_000) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('come back' as const), place: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('warehouse' as const), held: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ what: fc.constant('close' as const), round: fc.integer({ min: 1, max: 3 }) },
      /** Of one parcel that came back; 2: a person lets the whole undo be. */
      place: fc.nat({ max: 2 }),
    }),
  },
)
const course = fc.record({
  labelVoid: fc.constantFrom('before-refund' as const, 'after-refund' as const),
  parcels,
  before: fc.array(step, { maxLength: 12 }),
  after: fc.array(step, { maxLength: 20 }),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const isAt = (world: World, shipmentId: string, status: ShipmentStatus) => {
  const known = world.order()?.shipments.find((each) => each.shipmentId === shipmentId)
  if (known === undefined) return
  world.advance(1)
  const fields = parcel(shipmentId, known.trackingNumber, status, [...known.lineIds])
  world.tell('shipment.updated.v1', { ...fields, orderId: world.orderId, at: world.iso() })
}

const comesBack = (world: World, shipmentId: string) => {
  if (!world.entries.has(shipmentId)) return
  world.turnRound(shipmentId)
  isAt(world, shipmentId, 'returning')
}

/** What the warehouse was told last of a parcel: for whom it is to keep it. */
const holdOf = (world: World, shipmentId: string) =>
  world.published.findLast((each) => each.shipmentId === shipmentId)?.hold

const warehouseSays = (world: World, held: boolean) => {
  for (const shipmentId of shipmentIds) {
    const requestId = holdOf(world, shipmentId)
    if (requestId !== undefined)
      world.tell('shipment.held.v1', { orderId: world.orderId, shipmentId, requestId, held, at: world.iso() })
  }
}

/** What a carrier lets go, because it was asked to when it was on its way back already, is seen on the road. */
const tellOfLetGo = async (world: World) => {
  for (const { shipmentId, status } of world.order()?.shipments ?? [])
    if (status === 'returning' && atCarrier(world, shipmentId) === 'as-sent') isAt(world, shipmentId, 'in-transit')
  await world.run(86_400_000)
}

const take = async (world: World, { what, ...how }: Step): Promise<void> => {
  const place = 'place' in how ? how.place : 0
  switch (what) {
    case 'undo':
      if ('round' in how) world.send('ResumeShipment', { requestId: first, round: how.round })
      return
    case 'start': {
      const ready = world.startable()
      const task = ready[place % Math.max(ready.length, 1)]
      if (task !== undefined) await world.start(task.id)
      return
    }
    case 'finish':
      if (world.running.length > 0) world.finish(place % world.running.length)
      return
    case 'pass':
      if ('ms' in how) world.advance(how.ms)
      return
    case 'warehouse':
      if ('held' in how) warehouseSays(world, how.held)
      return
    case 'come back':
      return comesBack(world, shipmentIds[place] ?? '')
    case 'close':
      if ('round' in how) closes(world, how.round, shipmentIds[place])
  }
}

/** A person has taken care of what the first request's undo is about. */
const closes = (world: World, round: number, shipmentId: string | undefined): void => {
  const step = { step: 'stop-parcels', direction: 'undo', round } as const
  const key = `${shipmentId === undefined ? '' : `parcel.${shipmentId}.`}stop-parcels-undo-${round}`
  const said = { decision: 'skip', by: 'ops-1', reason: 'a new parcel' } as const
  const alone = shipmentId === undefined ? {} : { shipmentId }
  world.send('CloseRound', { requestId: first, round: 1, key, closes: step, ...alone, ...said })
}

/** What the parcel is left as by it is for a person to see to. */
const isOfThem = ({ what }: Step): boolean => what !== 'come back' && what !== 'close'

/** Both requests are sent to the end of their rounds. */
type Name = 'StopShipment' | 'ResumeShipment' | 'ReleaseLabels'
const settled = async (world: World, requestId: string, name: Name, from = 4) => {
  for (let round = from; round < from + 4; round++) {
    const data = { requestId, round, ...(name === 'StopShipment' ? whole : {}) }
    const id = world.send(name, data)
    warehouseSays(world, true)
    await world.run(86_400_000)
    const answer = world.lastAnswer(id)
    if (answer?.type !== 'StepFailed') return answer
  }
  throw new Error(`expected ${name} to end within four rounds`)
}

const atCarrier = (world: World, shipmentId: string) => {
  const entry = world.entries.get(shipmentId)
  return entry === undefined ? 'as-sent' : asOf(entry, new Date(world.now() + 2 * 86_400_000)).state
}

const progressIn = (world: World, requestId: string, shipmentId: string) => {
  const stop = world.order()?.stops.find((each) => each.requestId === requestId)
  return stop?.parcels.find((each) => each.shipmentId === shipmentId)?.progress
}
const isKeptFor = (world: World, requestId: string, shipmentId: string): boolean => {
  const state = progressIn(world, requestId, shipmentId)?.state
  return state === 'held' || state === 'holding'
}

describe('two requests, one after the other', () => {
  it('what comes late of the first lets no parcel go that the second has stopped', () =>
    fc.assert(
      fc.asyncProperty(course, async ({ labelVoid, parcels: of, before, after }) => {
        const world = createWorld({ labelVoid })
        world.tell('order.accepted.v1', acceptedOrder(of.map((fields, index) => parcel(`shp-${index + 1}`, ...fields))))
        world.send('StopShipment', { requestId: first, round: 1, ...whole })
        for (const each of before) await take(world, each)
        const stop = world.send('StopShipment', { requestId: second, round: 1, ...whole })
        for (const each of after) await take(world, each)
        warehouseSays(world, true)
        await world.run(86_400_000)
        const answer = world.lastAnswer(stop)
        const late =
          answer === undefined || answer.type === 'StepFailed' ? await settled(world, second, 'StopShipment') : answer
        await settled(world, first, 'ResumeShipment')
        await tellOfLetGo(world)
        // What is stuck by now goes on in the next round.
        const last = await settled(world, second, 'StopShipment', 10)
        for (const { shipmentId } of world.order()?.shipments ?? [])
          if (isKeptFor(world, second, shipmentId)) expect(holdOf(world, shipmentId)).toBe(second)
        await settled(world, second, 'ReleaseLabels', 1)
        expect(world.tasks()).toEqual([])
        if (late?.type === 'InterceptFailed' || last?.type === 'InterceptFailed') return
        for (const { shipmentId } of world.order()?.shipments ?? []) {
          const progress = progressIn(world, second, shipmentId)
          // Its carrier has refused it after the answer: that is told.
          if (progress?.state === 'failed') continue
          // Where it is kept, its carrier may take as long as it likes to void the label.
          if (progress?.state === 'released' && progress.label === 'void-asked') continue
          expect(['label-voided', 'intercepted'], JSON.stringify(progress)).toContain(atCarrier(world, shipmentId))
        }
      }),
      { numRuns: 1_500 },
    ))

  it('lets the parcel go in the end, when both are taken back', () =>
    fc.assert(
      fc.asyncProperty(course, async ({ labelVoid, parcels: of, before, after }) => {
        const world = createWorld({ labelVoid })
        world.tell('order.accepted.v1', acceptedOrder(of.map((fields, index) => parcel(`shp-${index + 1}`, ...fields))))
        world.send('StopShipment', { requestId: first, round: 1, ...whole })
        for (const each of before.filter(isOfThem)) await take(world, each)
        world.send('StopShipment', { requestId: second, round: 1, ...whole })
        for (const each of after.filter(isOfThem)) await take(world, each)
        await settled(world, first, 'ResumeShipment')
        await settled(world, second, 'ResumeShipment')
        expect(world.tasks()).toEqual([])
        for (const { shipmentId } of world.order()?.shipments ?? [])
          expect([atCarrier(world, shipmentId), holdOf(world, shipmentId)]).toEqual(['as-sent', undefined])
      }),
      { numRuns: 1_500 },
    ))
})

describe('a label that the shop makes for an undo', () => {
  /** A carrier that makes no labels, and knows which ones are void. Each key has one answer. */
  const shopsCarrier = (isDown: () => boolean = () => false) => {
    const voided = new Set<string>()
    const known = new Map<string, StopResult>()
    const carrier = carrierThat({
      voidLabel: async ({ idempotencyKey, trackingNumber }) => {
        if (isDown()) throw new Error('503 service unavailable')
        const answer = known.get(idempotencyKey)
        if (answer !== undefined) return answer
        voided.add(trackingNumber)
        known.set(idempotencyKey, { result: 'voided' })
        return { result: 'voided' }
      },
    })
    return { voided, carrier }
  }

  const shopsParcel = (trackingNumber: string) => ({
    ...parcel('shp-1', trackingNumber, 'label-created'),
    carrier: 'shops',
  })

  /** The first request is taken back and waits for a label, the second has stopped the parcel; then the shop's label comes. */
  const labelled = async (isDown?: () => boolean) => {
    const { voided, carrier } = shopsCarrier(isDown)
    const world = createWorld({}, { shops: carrier })
    world.tell('order.accepted.v1', acceptedOrder([shopsParcel('LBL-1')]))
    world.send('StopShipment', { requestId: first, round: 1, ...whole })
    await world.run()
    world.send('ResumeShipment', { requestId: first, round: 1 })
    await world.run()
    expect(world.labelsWanted).toHaveLength(1)
    const stop = world.send('StopShipment', { requestId: second, round: 1, ...whole })
    await world.run()
    expect(world.lastAnswer(stop)?.type).toBe('LabelVoided')
    return {
      world,
      voided,
      label: (number: string) => {
        world.advance(1_000)
        world.tell('shipment.updated.v1', { ...shopsParcel(number), orderId: world.orderId, at: world.iso() })
      },
    }
  }

  it('is void too, when the next request has stopped the parcel by then', async () => {
    const { world, voided, label } = await labelled()
    label('LBL-2')
    await world.run()
    expect([...voided]).toEqual(['LBL-1', 'LBL-2'])
  })

  it('is told of when it cannot be made void: nobody waits for that stop any more', async () => {
    let isDown = false
    const { world, label } = await labelled(() => isDown)
    isDown = true
    label('LBL-2')
    await world.run(86_400_000)
    expect(world.published.flatMap(({ lateDelivery }) => (lateDelivery ? [lateDelivery.requestId] : []))).toEqual([
      second,
    ])
  })
})
