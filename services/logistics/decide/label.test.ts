import { describe, expect, it } from 'vitest'
import { acceptedOrder, carrierThat, parcel } from '../test/given.ts'
import { createWorld } from '../test/world.ts'

const hour = 3_600_000
const shopsParcel = (trackingNumber = 'LBL-1', status: Parameters<typeof parcel>[2] = 'label-created') => ({
  ...parcel('shp-1', trackingNumber, status),
  carrier: 'shops',
})

/** A parcel whose label was voided, and whose carrier makes no new one. */
const undone = async () => {
  const world = createWorld({ labelPatienceMs: 24 * hour }, { shops: carrierThat() })
  world.tell('order.accepted.v1', acceptedOrder([shopsParcel()]))
  world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
  await world.run()
  world.advance(1_000)
  const id = world.send('ResumeShipment', { requestId: 'req-1', round: 1 })
  await world.run()
  const news = (trackingNumber: string, status: Parameters<typeof parcel>[2] = 'label-created') =>
    world.tell('shipment.updated.v1', { ...shopsParcel(trackingNumber, status), orderId: 'ord-1', at: world.iso() })
  return { world, id, news, progress: () => world.order()?.stops[0]?.parcels[0]?.progress }
}
const resumed = { type: 'ShipmentResumed', shipments: [{ shipmentId: 'shp-1', result: 'resumed' }] }

describe('a label that only the shop can make', () => {
  it('is asked for once, and the undo waits until it has come', async () => {
    const { world, id, news } = await undone()
    expect(world.labelsWanted).toEqual([
      {
        ...{ orderId: 'ord-1', shipmentId: 'shp-1', requestId: 'req-1', carrier: 'shops', replaces: 'LBL-1' },
        ...{ dueBy: '2026-11-21T10:00:01.000Z', lineIds: ['1', '2'] },
      },
    ])
    expect(world.lastAnswer(id)).toMatchObject({ type: 'StepPending', message: expect.stringContaining('label') })
    world.advance(hour)
    news('LBL-2')
    expect(world.lastAnswer(id)).toEqual(resumed)
    expect(world.tasks()).toEqual([])
    expect(world.order()?.shipments[0]).toMatchObject({
      ...{ trackingNumber: 'LBL-2', earlierTrackingNumbers: ['LBL-1'] },
      status: 'label-created',
    })
    world.advance(hour)
    news('LBL-1', 'handed-over')
    expect(world.order()?.shipments[0]).toMatchObject({ trackingNumber: 'LBL-2', status: 'handed-over' })
  })

  it('is not the void one, told again', async () => {
    const { world, id, news } = await undone()
    world.advance(hour)
    news('LBL-1')
    expect(world.lastAnswer(id)?.type).toBe('StepPending')
  })

  it('needs a person when it does not come, and ends the step when it comes after all', async () => {
    const { world, id, news, progress } = await undone()
    await world.run(24 * hour)
    expect(world.lastAnswer(id)).toMatchObject({ type: 'StepFailed', error: expect.stringContaining('shops LBL-1') })
    news('LBL-2')
    expect(progress()?.state).toBe('resumed')
    expect(world.published.at(-1)?.newsFor).toEqual({ requestId: 'req-1', step: 'stop-parcels', direction: 'undo' })
    const next = world.send('ResumeShipment', { requestId: 'req-1', round: 2 })
    expect(world.lastAnswer(next)).toEqual(resumed)
  })

  it('is asked for once more when a person says so', async () => {
    const { world, news } = await undone()
    await world.run(24 * hour)
    const next = world.send('ResumeShipment', { requestId: 'req-1', round: 2 })
    await world.run()
    expect(world.labelsWanted.map(({ dueBy }) => dueBy)).toEqual([
      '2026-11-21T10:00:01.000Z',
      '2026-11-22T10:00:01.000Z',
    ])
    news('LBL-2')
    expect(world.lastAnswer(next)).toEqual(resumed)
  })

  it.each([
    ['in-transit', 'resumed'],
    ['delivered', 'not-needed'],
  ] as const)('is not waited for when the parcel is %s without it', async (status, result) => {
    const { world, id, news } = await undone()
    world.advance(hour)
    news('LBL-1', status)
    expect(world.lastAnswer(id)).toEqual({ type: 'ShipmentResumed', shipments: [{ shipmentId: 'shp-1', result }] })
    expect(world.tasks()).toEqual([])
  })

  it('counts when it came while the carrier was asked', async () => {
    const world = createWorld({}, { shops: carrierThat() })
    world.tell('order.accepted.v1', acceptedOrder([shopsParcel()]))
    world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await world.run()
    const id = world.send('ResumeShipment', { requestId: 'req-1', round: 1 })
    await world.start(world.startable()[0]?.id ?? '')
    world.advance(1_000)
    world.tell('shipment.updated.v1', { ...shopsParcel('LBL-2'), orderId: 'ord-1', at: world.iso() })
    await world.run()
    expect([world.lastAnswer(id), world.labelsWanted]).toEqual([resumed, []])
  })
})

describe('a carrier that does not let a parcel go on', () => {
  it('has said no: a person decides at once, in its words, and may ask it again as a new call', async () => {
    const keys: string[] = []
    const shops = carrierThat({
      resume: async ({ idempotencyKey, round }) => {
        keys.push(idempotencyKey)
        return round === 1
          ? { result: 'refused', failure: 'ineligible', reason: 'the intercept is complete' }
          : { result: 'resumed' }
      },
    })
    const world = createWorld({ undoAttempts: 20 }, { shops })
    world.tell('order.accepted.v1', acceptedOrder([shopsParcel('LBL-1', 'in-transit')]))
    world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await world.run()
    const first = world.send('ResumeShipment', { requestId: 'req-1', round: 1 })
    await world.run(hour)
    expect(world.lastAnswer(first)).toMatchObject({
      ...{ type: 'StepFailed', attempts: 1, moneyInDoubt: false },
      error: expect.stringContaining('the intercept is complete'),
    })
    expect(world.tasks()).toEqual([])
    const second = world.send('ResumeShipment', { requestId: 'req-1', round: 2 })
    await world.run()
    expect(world.lastAnswer(second)).toEqual(resumed)
    expect(new Set(keys).size).toBe(2)
  })

  it('is quoted when it refuses to stop it', async () => {
    const shops = carrierThat({
      requestIntercept: async () => ({ result: 'refused', failure: 'ineligible', reason: 'no service in that area' }),
    })
    const world = createWorld({}, { shops })
    world.tell('order.accepted.v1', acceptedOrder([shopsParcel('LBL-1', 'in-transit')]))
    const id = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await world.run()
    expect(world.lastAnswer(id)).toMatchObject({ message: expect.stringContaining('no service in that area') })
  })
})
