import { describe, expect, it } from 'vitest'
import { acceptedOrder, given, parcel } from '../test/given.ts'
import { createWorld } from '../test/world.ts'

const stop = { requestId: 'req-1', round: 1, whole: true, lines: [] }
const undo = { requestId: 'req-1', round: 1 }

const stoppedWorld = async (trackingNumber: string, status: Parameters<typeof parcel>[2], forMs = 0) => {
  const world = given(parcel('shp-1', trackingNumber, status))
  const stopId = world.send('StopShipment', stop)
  await world.run(forMs)
  return { world, stopId, shipment: () => world.order()?.shipments[0] }
}

const resumed = { type: 'ShipmentResumed', shipments: [{ shipmentId: 'shp-1', result: 'resumed' }] }

describe('resuming', () => {
  it('gives a parcel whose label was voided a new label, tells it, and keeps the old number', async () => {
    const { world, shipment } = await stoppedWorld('OK-1', 'label-created')
    const id = world.send('ResumeShipment', undo)
    await world.run()
    expect(world.lastAnswer(id)).toEqual(resumed)
    expect(shipment()).toMatchObject({
      trackingNumber: 'OK-1-N1',
      earlierTrackingNumbers: ['OK-1'],
      status: 'label-created',
    })
    expect(world.published).toMatchObject([{ trackingNumber: 'OK-1-N1', status: 'label-created' }])
  })

  it('takes an intercept back: the parcel goes to the customer again', async () => {
    const { world, shipment } = await stoppedWorld('OK-1', 'in-transit')
    const id = world.send('ResumeShipment', undo)
    await world.run()
    expect(world.lastAnswer(id)).toEqual(resumed)
    expect(world.published.map(({ status }) => status)).toEqual(['returning', 'in-transit'])
    expect(shipment()?.status).toBe('in-transit')
    expect(world.entries.get('shp-1')?.state).toBe('as-sent')
  })

  it.each(['SILENT-1', 'LATE-90000'])('takes back the intercept that nobody answered: %s', async (trackingNumber) => {
    const { world, stopId } = await stoppedWorld(trackingNumber, 'in-transit', 61_000)
    expect(world.lastAnswer(stopId)?.type).toBe('InterceptFailed')
    const id = world.send('ResumeShipment', undo)
    await world.run(200_000)
    expect(world.lastAnswer(id)).toEqual(resumed)
    expect(world.entries.get('shp-1')?.state).toBe('as-sent')
  })

  it('takes back an intercept that the carrier has only accepted, and tells the stop that it is undone', async () => {
    const { world, stopId } = await stoppedWorld('SLOW-30000', 'in-transit')
    const id = world.send('ResumeShipment', undo)
    await world.run(60_000)
    expect(world.lastAnswer(id)).toEqual(resumed)
    expect(world.lastAnswer(stopId)).toEqual({ type: 'Undone' })
    expect(world.entries.get('shp-1')?.state).toBe('as-sent')
    expect(world.tasks()).toEqual([])
  })

  it('waits for a call that is under way, and takes back what it did', async () => {
    const world = given(parcel('shp-1', 'OK-1', 'in-transit'))
    const stopId = world.send('StopShipment', stop)
    const [call] = world.startable()
    await world.start(call?.id ?? '')
    const id = world.send('ResumeShipment', undo)
    expect(world.lastAnswer(id)).toBeUndefined()
    await world.run()
    expect(world.lastAnswer(id)).toEqual(resumed)
    expect(world.lastAnswer(stopId)).toEqual({ type: 'Undone' })
    expect(world.entries.get('shp-1')?.state).toBe('as-sent')
  })

  it('asks the carrier also when the stop failed technically, for it may have happened', async () => {
    const { world, stopId } = await stoppedWorld('DOWN-1', 'in-transit', 10_000)
    expect(world.lastAnswer(stopId)?.type).toBe('StepFailed')
    const id = world.send('ResumeShipment', undo)
    await world.run()
    expect(world.lastAnswer(id)).toEqual(resumed)
  })

  it('fails technically when the attempts are used up, and goes on in the next round', async () => {
    const { world } = await stoppedWorld('NORESUME-1', 'in-transit')
    const first = world.send('ResumeShipment', undo)
    await world.run(10_000)
    expect(world.lastAnswer(first)).toMatchObject({ type: 'StepFailed', attempts: 3, moneyInDoubt: false })
    const second = world.send('ResumeShipment', { ...undo, round: 2 })
    await world.run()
    expect(world.lastAnswer(second)).toEqual(resumed)
  })

  it('leaves a parcel that was delivered meanwhile as the carrier says', async () => {
    const { world, stopId, shipment } = await stoppedWorld('SLOW-30000', 'in-transit')
    world.advance(1_000)
    world.tell('shipment.updated.v1', {
      ...parcel('shp-1', 'SLOW-30000', 'delivered'),
      orderId: 'ord-1',
      at: world.iso(),
    })
    expect(world.lastAnswer(stopId)).toMatchObject({ type: 'InterceptFailed', shipments: [{ failure: 'delivered' }] })
    const id = world.send('ResumeShipment', undo)
    expect(world.lastAnswer(id)).toMatchObject({ shipments: [{ result: 'not-needed' }] })
    expect(shipment()?.status).toBe('delivered')
  })

  it('has nothing to undo for a request or an order that it never heard of, and keeps the stop from happening later', async () => {
    const world = createWorld()
    const id = world.send('ResumeShipment', undo)
    expect(world.lastAnswer(id)).toEqual({ type: 'NothingToUndo' })
    world.tell('order.accepted.v1', acceptedOrder([parcel('shp-1', 'OK-1', 'label-created')]))
    const late = world.send('StopShipment', stop)
    const pause = world.send('PauseFulfilment', undo)
    expect([world.lastAnswer(late), world.lastAnswer(pause)]).toEqual([{ type: 'Undone' }, { type: 'Undone' }])
    expect(world.tasks()).toEqual([])
  })

  it('lifts the stop mark: a parcel that turns up later is shipped', async () => {
    const world = given()
    world.send('StopShipment', stop)
    const id = world.send('ResumeShipment', undo)
    expect(world.lastAnswer(id)).toEqual({ type: 'ShipmentResumed', shipments: [] })
    world.tell('shipment.updated.v1', {
      ...parcel('shp-9', 'OK-9', 'label-created'),
      orderId: 'ord-1',
      at: world.iso(),
    })
    expect(world.tasks()).toEqual([])
  })

  it('lifts a pause', () => {
    const world = given(parcel('shp-1', 'OK-1', 'label-created'))
    world.send('PauseFulfilment', undo)
    const id = world.send('ResumeShipment', undo)
    expect(world.lastAnswer(id)).toEqual({ type: 'ShipmentResumed', shipments: [] })
    expect(world.order()?.stops[0]?.phase).toBe('resumed')
  })

  describe('of a parcel that comes back all the same', () => {
    const comesBack = async () => {
      const { world, shipment } = await stoppedWorld('LATE-90000', 'in-transit', 61_000)
      world.send('ResumeShipment', undo)
      await world.run()
      const tell = (status: 'returning' | 'returned') => {
        world.advance(60_000)
        const told = { ...parcel('shp-1', 'LATE-90000', status), orderId: 'ord-1', at: world.iso() }
        world.tell('shipment.updated.v1', told)
      }
      tell('returning')
      const progress = () => world.order()?.stops[0]?.parcels[0]?.progress
      return { world, shipment, progress, tell }
    }

    it('is a case for a person, told with the news that makes it one, and once', async () => {
      const { world, progress, tell } = await comesBack()
      expect(progress()).toEqual({ state: 'late-intercepted', at: world.iso() })
      const late = { requestId: 'req-1', since: world.iso() }
      expect(world.published.at(-1)).toMatchObject({ status: 'returning', lateIntercept: late })
      tell('returned')
      expect(world.published.at(-1)).toMatchObject({ status: 'returned' })
      expect(world.published.at(-1)).not.toHaveProperty('lateIntercept')
    })

    it('asks the carrier once more to bring it, in the next round, and it may come back again', async () => {
      const { world, shipment, progress, tell } = await comesBack()
      const id = world.send('ResumeShipment', { ...undo, round: 2 })
      await world.run()
      expect(world.lastAnswer(id)).toMatchObject({ type: 'ShipmentResumed', shipments: [{ result: 'resumed' }] })
      expect([progress()?.state, shipment()?.status]).toEqual(['resumed', 'in-transit'])
      tell('returning')
      expect(world.published.at(-1)?.lateIntercept).toEqual({ requestId: 'req-1', since: world.iso() })
    })

    it('cannot bring what is back in the warehouse', async () => {
      const { world, shipment, tell } = await comesBack()
      tell('returned')
      const id = world.send('ResumeShipment', { ...undo, round: 2 })
      await world.run()
      expect(world.lastAnswer(id)).toMatchObject({ type: 'ShipmentResumed', shipments: [{ result: 'intercepted' }] })
      expect(shipment()?.status).toBe('returned')
    })
  })

  it('makes no case of a parcel that another request turns round', async () => {
    const { world } = await stoppedWorld('SLOW-5000', 'in-transit')
    world.send('ResumeShipment', undo)
    await world.run()
    world.send('StopShipment', { ...stop, requestId: 'req-2' })
    await world.run(1_000)
    world.tell('shipment.updated.v1', {
      ...parcel('shp-1', 'SLOW-5000', 'returning'),
      orderId: 'ord-1',
      at: world.iso(),
    })
    await world.run(10_000)
    expect(world.order()?.stops.map(({ parcels }) => parcels[0]?.progress.state)).toEqual(['resumed', 'intercepted'])
    expect(world.published.filter(({ lateIntercept }) => lateIntercept !== undefined)).toEqual([])
  })
})

describe('a stop that never reached its carrier', () => {
  const unknown = { ...parcel('shp-1', 'OK-1', 'in-transit'), carrier: 'drill-express' }

  it('is left as it is by the undo, which asks nobody', async () => {
    const world = given(unknown)
    const id = world.send('StopShipment', stop)
    await world.run(3_600_000)
    expect(world.lastAnswer(id)).toMatchObject({ type: 'StepFailed' })
    const back = world.send('ResumeShipment', undo)
    expect(world.lastAnswer(back)).toEqual({
      type: 'ShipmentResumed',
      shipments: [{ shipmentId: 'shp-1', result: 'not-needed' }],
    })
    expect(world.tasks()).toEqual([])
  })

  it('is taken back from a carrier that may have been asked', async () => {
    const world = given(parcel('shp-1', 'DOWN-1', 'in-transit'))
    world.send('StopShipment', stop)
    await world.run(3_600_000)
    world.send('ResumeShipment', undo)
    expect(world.tasks()).toMatchObject([{ kind: 'resume' }])
  })
})
