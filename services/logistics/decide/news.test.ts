import { expect, it } from 'vitest'
import { given, parcel } from '../test/given.ts'

const hour = 3_600_000
const whole = { requestId: 'req-1', round: 1, whole: true, lines: [{ lineId: '1', quantity: 2, sku: 'SKU-MUG' }] }

type Shipments = ReturnType<typeof parcel>[]

/** A stop of these parcels, run until nothing is due. */
const stopped = async (...shipments: Shipments) => {
  const world = given(...shipments)
  const id = world.send('StopShipment', whole)
  await world.run(hour)
  const isAt = (shipment: Shipments[number], status: Shipments[number]['status']) => {
    const { lineIds: _, ...known } = shipment
    world.advance(1_000)
    world.tell('shipment.updated.v1', { ...known, status, orderId: world.orderId, at: world.iso() })
  }
  const newsFor = () => world.published.flatMap((each) => (each.newsFor === undefined ? [] : [each.newsFor]))
  return { world, isAt, newsFor, answer: world.lastAnswer(id) }
}

const down = parcel('shp-1', 'DOWN-1', 'in-transit')
const forStop = { requestId: 'req-1', step: 'stop-parcels', direction: 'do' }

it('tells that a stop that is stuck is not any more, once its parcel was delivered, and then answers without calling', async () => {
  const { world, isAt, newsFor, answer } = await stopped(down)
  expect(answer?.type).toBe('StepFailed')
  isAt(down, 'out-for-delivery')
  expect(newsFor()).toEqual([])
  isAt(down, 'delivered')
  expect(newsFor()).toEqual([forStop])
  const again = world.send('StopShipment', { ...whole, round: 2 })
  expect(world.lastAnswer(again)).toMatchObject({ type: 'InterceptFailed', shipments: [{ failure: 'delivered' }] })
})

it('tells it too when the carrier of another parcel says no at last', async () => {
  const slow = parcel('shp-2', 'SLOW-7200000', 'in-transit')
  const { world, isAt, newsFor, answer } = await stopped(down, slow)
  expect(answer?.type).toBe('StepFailed')
  isAt(slow, 'delivered')
  expect(newsFor()).toEqual([forStop])
  const again = world.send('StopShipment', { ...whole, round: 2 })
  expect(world.lastAnswer(again)).toMatchObject({ type: 'InterceptFailed' })
})

it('tells nothing when one of two parcels that are stuck is delivered, and then that the stop has its no', async () => {
  const { isAt, newsFor } = await stopped(down, parcel('shp-2', 'DOWN-2', 'in-transit'))
  isAt(down, 'returning')
  expect(newsFor()).toEqual([])
  isAt(parcel('shp-2', 'DOWN-2', 'in-transit'), 'delivered')
  expect(newsFor()).toEqual([forStop])
})

it('tells that an undo that is stuck is not any more when the customer has the parcel, and not when it came back', async () => {
  for (const [status, told] of [
    ['delivered', [{ ...forStop, direction: 'undo' }]],
    ['returned', []],
  ] as const) {
    const noResume = parcel('shp-1', 'NORESUME-1', 'in-transit')
    const { world, isAt, newsFor } = await stopped(noResume)
    const undo = world.send('ResumeShipment', { requestId: 'req-1', round: 1 })
    await world.run(hour)
    expect(world.lastAnswer(undo)?.type).toBe('StepFailed')
    isAt(noResume, status)
    expect(newsFor()).toEqual(told)
  }
})
