import { expect, it } from 'vitest'
import { given, parcel } from '../test/given.ts'

const [one, two] = ['LATE-90000', 'LATE-90001']
const request = { requestId: 'req-1' }

/** Two parcels, whose intercepts were taken back, and which come back all the same. */
const bothComeBack = async () => {
  const world = given(parcel('shp-1', one, 'in-transit'), parcel('shp-2', two, 'in-transit'))
  world.send('StopShipment', { ...request, round: 1, whole: true, lines: [] })
  await world.run(61_000)
  world.send('ResumeShipment', { ...request, round: 1 })
  await world.run()
  world.advance(60_000)
  for (const [shipmentId, number] of [
    ['shp-1', one],
    ['shp-2', two],
  ] as const)
    world.tell('shipment.updated.v1', { ...parcel(shipmentId, number, 'returning'), orderId: 'ord-1', at: world.iso() })
  const states = () => world.order()?.stops[0]?.parcels.map(({ progress }) => progress.state)
  expect(states()).toEqual(['late-intercepted', 'late-intercepted'])
  const close = (shipmentId?: string) =>
    world.send('CloseRound', {
      ...{
        ...request,
        round: 1,
        key: `parcel.${shipmentId}-undo-1`,
        decision: 'skip',
        by: 'ops-1',
        reason: 'a new one is sent',
      },
      closes: { step: 'stop-parcels', direction: 'undo', round: 1 },
      ...(shipmentId === undefined ? {} : { shipmentId }),
    })
  return { world, states, close }
}

it('is not brought any more when another parcel of its request is asked for once more', async () => {
  const { world, states, close } = await bothComeBack()
  expect(world.lastAnswer(close('shp-1'))).toEqual({ type: 'RoundClosed' })
  const id = world.send('ResumeShipment', { ...request, round: 2 })
  await world.run()
  expect(states()).toEqual(['left-as-is', 'resumed'])
  expect(world.lastAnswer(id)).toMatchObject({
    shipments: [
      { shipmentId: 'shp-1', result: 'not-needed' },
      { shipmentId: 'shp-2', result: 'resumed' },
    ],
  })
})

it('holds up nobody who waits for the others, and is not called for again, when it was being asked for', async () => {
  const { world, states, close } = await bothComeBack()
  const id = world.send('ResumeShipment', { ...request, round: 2 })
  expect(states()).toEqual(['resuming', 'resuming'])
  close('shp-2')
  expect(world.tasks()).toHaveLength(1)
  await world.run()
  expect(states()).toEqual(['resumed', 'left-as-is'])
  expect(world.lastAnswer(id)?.type).toBe('ShipmentResumed')
})

it('is not called for again either when the round that began to is not the one that asks', async () => {
  const { world, states, close } = await bothComeBack()
  world.send('ResumeShipment', { ...request, round: 2 })
  world.send('ResumeShipment', { ...request, round: 3 })
  close('shp-2')
  expect(world.tasks()).toHaveLength(1)
  await world.run()
  expect(states()).toEqual(['resumed', 'left-as-is'])
})

it.each(['shp-9', undefined])('changes nothing of another parcel, or of all: %s', async (shipmentId) => {
  const { world, states, close } = await bothComeBack()
  expect(world.lastAnswer(close(shipmentId))).toEqual({ type: 'RoundClosed' })
  expect(states()).toEqual(['late-intercepted', 'late-intercepted'])
})
