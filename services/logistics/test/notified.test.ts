import { CallFailed } from '@countermand/providers/call-failed.ts'
import { expect, it } from 'vitest'
import type { Carrier, StatusResult, Whereabouts } from '../carriers/carrier.ts'
import { acceptedOrder, carrierThat, parcel } from './given.ts'
import { createWorld } from './world.ts'

/** What a carrier tells without being asked: it is asked at once, and nothing else is believed. */

const hour = 3_600_000

const given = (does: Partial<Carrier>) => {
  const world = createWorld({ interceptPatienceMs: 72 * hour }, { acme: carrierThat(does) })
  world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', 'AC-1', 'in-transit'), carrier: 'acme' }]))
  const notify = (notificationId = 'n-1', shipmentId = 'shp-1') =>
    world.tell('carrier.notified.v1', {
      ...{ orderId: world.orderId, shipmentId, carrier: 'acme', trackingNumber: 'AC-1' },
      ...{ account: 'acme-de', provider: 'webhook-carrier', notificationId, kind: 'look', occurredAt: world.iso() },
    })
  return { world, notify, statusOf: () => world.order()?.shipments[0]?.status }
}

it('a stop that was taken on is looked at when its carrier tells something, and not when it was planned', async () => {
  let known: StatusResult = { result: 'pending', askAgainMs: hour }
  let looks = 0
  const { world, notify } = given({
    requestIntercept: async () => ({ result: 'accepted', askAgainMs: hour }),
    stopStatus: async () => {
      looks++
      return known
    },
  })
  const stop = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  await world.run(1_000)
  // It is too early: the carrier says so, and is asked again as it was planned.
  notify('n-1')
  await world.run(1_000)
  expect([looks, world.lastAnswer(stop)?.type]).toEqual([1, 'StepPending'])
  known = { result: 'intercepted' }
  for (const again of ['n-2', 'n-2', 'n-3']) notify(again)
  await world.run()
  expect([looks, world.lastAnswer(stop)?.type]).toEqual([2, 'ShipmentIntercepted'])
  notify('n-4')
  expect(world.tasks()).toEqual([])
})

it('a carrier that can be asked where a parcel is, is: its word counts as any news of it', async () => {
  let is: Whereabouts | undefined
  const { world, notify, statusOf } = given({ track: async () => is })
  notify()
  await world.run()
  expect([statusOf(), world.published]).toEqual(['in-transit', []])
  world.advance(hour)
  is = { status: 'delivered', at: world.iso() }
  notify('n-2')
  await world.run()
  expect(statusOf()).toBe('delivered')
  expect(world.published).toMatchObject([{ shipmentId: 'shp-1', status: 'delivered', at: is.at }])
  is = { status: 'in-transit', at: '2026-11-20T09:30:00.000Z' }
  notify('n-3')
  await world.run()
  expect([statusOf(), world.published.length, world.deadLetters]).toEqual(['delivered', 1, []])
})

it('one that turned round by itself ends a stop that was taken on', async () => {
  let is: Whereabouts | undefined
  const { world, notify } = given({
    requestIntercept: async () => ({ result: 'accepted', askAgainMs: hour }),
    stopStatus: async () => ({ result: 'pending', askAgainMs: hour }),
    track: async () => is,
  })
  const stop = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  await world.run(1_000)
  is = { status: 'returning', at: world.iso() }
  notify()
  await world.run()
  expect(world.lastAnswer(stop)?.type).toBe('ShipmentIntercepted')
})

it('a look that fails is tried as often as a step, one at a carrier that is away without counting; then the next news ask again', async () => {
  const troubles = [
    new CallFailed('acme is away', 'before-anything', { trouble: 'outage', retryAfterMs: 30_000 }),
    ...Array.from({ length: 3 }, () => new CallFailed('acme fails', 'unknown')),
  ]
  let looks = 0
  const { world, notify, statusOf } = given({
    track: async () => {
      looks++
      const trouble = troubles.shift()
      if (trouble !== undefined) throw trouble
      return { status: 'delivered', at: world.iso() }
    },
  })
  notify()
  await world.run(hour)
  expect([looks, statusOf(), world.tasks()]).toEqual([4, 'in-transit', []])
  notify('n-2')
  await world.run()
  expect([looks, statusOf()]).toEqual([5, 'delivered'])
})

it('an order that is not heard of yet is waited for, and of a parcel that nobody knows nothing is done', async () => {
  const world = createWorld({}, { acme: carrierThat({ track: async () => undefined }) })
  const told = { orderId: world.orderId, shipmentId: 'shp-1', carrier: 'acme', trackingNumber: 'AC-1' } as const
  const by = { account: 'acme-de', provider: 'webhook-carrier', kind: 'look', occurredAt: world.iso() } as const
  world.tell('carrier.notified.v1', { ...told, ...by, notificationId: 'n-1' })
  world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', 'AC-1', 'in-transit'), carrier: 'acme' }]))
  expect(world.tasks().map(({ kind }) => kind)).toEqual(['track'])
  world.tell('carrier.notified.v1', { ...told, ...by, notificationId: 'n-2', shipmentId: 'shp-9' })
  expect([world.tasks().length, world.deadLetters]).toEqual([1, []])
})
