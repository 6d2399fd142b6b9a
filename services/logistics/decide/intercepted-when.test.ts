import { expect, it } from 'vitest'
import type { CarrierCall, StatusResult } from '../carriers/carrier.ts'
import { acceptedOrder, carrierThat, parcel } from '../test/given.ts'
import { createWorld } from '../test/world.ts'

/** `INTERCEPTED_WHEN=accepted`: that a carrier has taken an intercept on counts as a yes. */

const hour = 3_600_000

const given = (status: 'label-created' | 'in-transit' = 'in-transit') => {
  let known: StatusResult = { result: 'pending', askAgainMs: hour }
  const resumed: CarrierCall[] = []
  const taken = { result: 'accepted', askAgainMs: hour, carrierRef: 'int-7' } as const
  const carrier = carrierThat({
    voidLabel: async () => taken,
    requestIntercept: async () => taken,
    stopStatus: async () => known,
    resume: async (call) => {
      resumed.push(call)
      return { result: 'resumed' }
    },
  })
  const world = createWorld({ interceptedWhen: 'accepted', interceptPatienceMs: 10 * hour }, { acme: carrier })
  world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', 'AC-1', status), carrier: 'acme' }]))
  const stop = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  return {
    ...{ world, stop, resumed },
    becomes: (status: StatusResult) => {
      known = status
    },
    late: () => world.published.filter(({ lateDelivery }) => lateDelivery !== undefined),
  }
}

it('is answered at once, and what comes of it is asked for all the same', async () => {
  const { world, stop, becomes, late } = given()
  await world.run(1_000)
  expect(world.lastAnswer(stop)).toMatchObject({ type: 'ShipmentIntercepted', shipments: [{ result: 'intercepted' }] })
  expect(world.order()?.shipments[0]?.status).toBe('in-transit')
  becomes({ result: 'intercepted' })
  await world.run(2 * hour)
  expect([world.order()?.shipments[0]?.status, late(), world.tasks()]).toEqual(['returning', [], []])
})

it.each([
  ['says no after all', { result: 'refused', failure: 'out-for-delivery' }],
  ['does not know of it any more', { result: 'none' }],
] as const)('is a case for a person as soon as the carrier %s', async (_, status) => {
  const { world, stop, becomes, late } = given()
  await world.run(1_000)
  becomes(status)
  await world.run(2 * hour)
  expect(world.lastAnswer(stop)?.type).toBe('ShipmentIntercepted')
  expect(late()).toMatchObject([{ shipmentId: 'shp-1', lateDelivery: { requestId: 'req-1' } }])
  expect(world.tasks()).toEqual([])
})

it('is one too when the carrier says nothing for as long as it may, or the parcel is delivered', async () => {
  const silent = given()
  await silent.world.run(11 * hour)
  expect([silent.late().length, silent.world.tasks()]).toEqual([1, []])
  const { world, late } = given()
  await world.run(1_000)
  const news = { ...parcel('shp-1', 'AC-1', 'delivered'), carrier: 'acme', orderId: world.orderId, at: world.iso() }
  world.tell('shipment.updated.v1', news)
  expect([late().length, world.tasks()]).toEqual([1, []])
})

it('is taken back by the name that the carrier gave it', async () => {
  const { world, resumed } = given()
  await world.run(1_000)
  const undo = world.send('ResumeShipment', { requestId: 'req-1', round: 1 })
  await world.run(1_000)
  expect(world.lastAnswer(undo)).toMatchObject({ type: 'ShipmentResumed', shipments: [{ result: 'resumed' }] })
  expect([resumed.map(({ carrierRef }) => carrierRef), world.tasks()]).toEqual([['int-7'], []])
})

it('a label that a carrier voids later is waited for', async () => {
  const { world, stop, becomes } = given('label-created')
  await world.run(1_000)
  expect(world.lastAnswer(stop)?.type).toBe('StepPending')
  becomes({ result: 'voided' })
  await world.run(2 * hour)
  expect(world.lastAnswer(stop)?.type).toBe('LabelVoided')
})
