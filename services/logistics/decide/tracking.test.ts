import { type EventData, most, type ShipmentStatus } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { acceptedOrder, given, parcel } from '../test/given.ts'
import { createWorld } from '../test/world.ts'
import { shipmentUpdated } from './tracking.ts'

const news = (
  status: EventData<'shipment.updated.v1'>['status'],
  at: string,
  more: Partial<EventData<'shipment.updated.v1'>> = {},
) => {
  const { lineIds: _, ...shipment } = parcel('shp-1', 'OK-1', status)
  return { ...shipment, orderId: 'ord-1', at, ...more }
}

describe('news of a parcel', () => {
  it('is passed on with the lines that the parcel holds', () => {
    const known = given(parcel('shp-1', 'OK-1', 'label-created', ['2']))
    known.tell('shipment.updated.v1', news('handed-over', '2026-11-20T11:00:00+01:00'))
    expect(known.published).toEqual([news('handed-over', '2026-11-20T11:00:00+01:00', { lineIds: ['2'] })])
  })

  it('creates a shipment of a known order, of all its lines when it does not say which', () => {
    const empty = given()
    empty.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z'))
    expect(empty.order()?.shipments).toMatchObject([{ shipmentId: 'shp-1', status: 'in-transit', lineIds: ['1', '2'] }])
  })

  it('is of goods alone: nothing else is in a parcel', () => {
    const order = acceptedOrder([{ ...parcel('shp-1', 'OK-1', 'label-created'), lineIds: undefined }])
    const lines = order.lines.map((line) => (line.lineId === '2' ? { ...line, kind: 'service' as const } : line))
    const made = createWorld()
    made.tell('order.accepted.v1', { ...order, lines })
    expect(made.order()?.shipments).toMatchObject([{ lineIds: ['1'] }])
    made.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z', { lineIds: ['2'] }))
    expect(made.deadLetters).toEqual(['invalid-data'])
    made.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z', { shipmentId: 'shp-2' }))
    expect(made.order()?.shipments).toMatchObject([{}, { shipmentId: 'shp-2', lineIds: ['1'] }])
  })

  it('of one parcel more than an order may have is a dead letter; news of those it has are taken', () => {
    const full = given(
      ...Array.from({ length: most.shipments }, (_, place) => parcel(`shp-${place}`, `OK-${place}`, 'label-created')),
    )
    full.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z', { shipmentId: 'shp-more' }))
    expect(full.deadLetters).toEqual(['invalid-data'])
    expect(full.order()?.shipments).toHaveLength(most.shipments)
    full.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z'))
    expect(full.order()?.shipments.find(({ shipmentId }) => shipmentId === 'shp-1')?.status).toBe('in-transit')
  })

  it('is ignored when it is older than what is known, by time and not by text', () => {
    const known = given(parcel('shp-1', 'OK-1', 'label-created'))
    known.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z'))
    known.tell('shipment.updated.v1', news('handed-over', '2026-11-20T11:30:00+01:00'))
    expect(known.order()?.shipments[0]?.status).toBe('in-transit')
    expect(known.published).toHaveLength(1)
  })

  it('from further in the future than clocks differ counts as of now, and holds up nothing', () => {
    const known = given(parcel('shp-1', 'OK-1', 'label-created'))
    known.tell('shipment.updated.v1', news('in-transit', '2062-01-01T00:00:00Z'))
    expect(known.published.at(-1)?.at).toBe('2026-11-20T10:00:00.000Z')
    known.tell('shipment.updated.v1', news('handed-over', '2026-11-20T09:00:00Z'))
    expect(known.order()?.shipments[0]?.status).toBe('in-transit')
    known.tell('shipment.updated.v1', news('delivered', '2026-11-20T09:58:00Z'))
    expect(known.order()?.shipments[0]?.status).toBe('delivered')
  })

  it('counts, though a word that was kept before dates were bounded is from the future', () => {
    const known = given(parcel('shp-1', 'OK-1', 'in-transit'))
    const order = known.order()
    if (order === undefined) throw new Error('expected the order')
    const shipments = order.shipments.map((each) => ({ ...each, at: '2062-01-01T00:00:00Z' }))
    const at = { now: known.iso(), patienceOver: false }
    const told = shipmentUpdated({ ...order, shipments }, news('delivered', '2026-11-20T09:00:00Z'), at, 0)
    expect(told).toMatchObject({ publish: [{ data: { status: 'delivered', at: '2026-11-20T09:00:00Z' } }] })
  })

  it.each(['delivered', 'returned', 'lost'] as const)(
    'that is %s counts, though the carrier stamped it a little before our intercept',
    async (status) => {
      const known = given(parcel('shp-1', 'OK-1', 'in-transit'))
      known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
      known.advance(600_000)
      await known.run()
      expect(known.order()?.shipments[0]?.status).toBe('returning')
      const before = (ms: number) => new Date(known.now() - ms).toISOString()
      known.tell('shipment.updated.v1', news('in-transit', before(60_000)))
      known.tell('shipment.updated.v1', news(status, before(301_000)))
      expect(known.order()?.shipments[0]?.status).toBe('returning')
      known.tell('shipment.updated.v1', news(status, before(60_000)))
      expect(known.order()?.shipments[0]?.status).toBe(status)
      const [ours, theirs] = known.published.map(({ at }) => Date.parse(at))
      expect(theirs).toBeGreaterThan(ours ?? 0)
    },
  )

  it('is no news when it is older than the carrier’s own word, also at its end', () => {
    const known = given(parcel('shp-1', 'OK-1', 'label-created'))
    known.tell('shipment.updated.v1', news('returning', '2026-11-20T09:59:00Z'))
    known.tell('shipment.updated.v1', news('delivered', '2026-11-20T09:58:00Z'))
    expect(known.order()?.shipments[0]?.status).toBe('returning')
  })

  it('whose clock is ahead is no hindrance to an intercept', async () => {
    const known = given(parcel('shp-1', 'OK-1', 'label-created'))
    known.tell('shipment.updated.v1', news('in-transit', '2026-11-20T10:04:00Z'))
    known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await known.run()
    expect(known.published.at(-1)).toMatchObject({ status: 'returning', at: '2026-11-20T10:04:00.001Z' })
  })

  it('of an order not heard of waits for it, and is a dead letter after patience', () => {
    const early = createWorld()
    early.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z'))
    early.tell('order.accepted.v1', acceptedOrder([parcel('shp-1', 'OK-1', 'label-created')]))
    expect(early.order()?.shipments[0]?.status).toBe('in-transit')

    const never = createWorld()
    never.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z'))
    never.patienceOver()
    expect(never.deadLetters).toEqual(['unknown-order'])
  })

  it('with lines that the order does not have is a dead letter', () => {
    const known = given(parcel('shp-1', 'OK-1', 'label-created'))
    known.tell('shipment.updated.v1', news('in-transit', '2026-11-20T11:00:00Z', { lineIds: ['7'] }))
    expect(known.deadLetters).toEqual(['invalid-data'])
    expect(known.published).toEqual([])
  })

  it('settles an intercept that the carrier has accepted: a parcel that returns is intercepted', async () => {
    const known = given(parcel('shp-1', 'SILENT-1', 'in-transit'))
    const id = known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await known.run()
    known.advance(1_000)
    known.tell('shipment.updated.v1', news('returning', known.iso()))
    expect(known.lastAnswer(id)?.type).toBe('ShipmentIntercepted')
    expect(known.tasks()).toEqual([])
  })

  it('does not turn a resumed parcel round again when it is older than the resuming', async () => {
    const known = given(parcel('shp-1', 'SLOW-9000', 'in-transit'))
    known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await known.run(1_000)
    const before = known.iso()
    known.advance(1_000)
    known.send('ResumeShipment', { requestId: 'req-1', round: 1 })
    await known.run()
    known.tell('shipment.updated.v1', news('returning', before))
    expect(known.order()?.shipments[0]?.status).toBe('in-transit')
    known.tell('shipment.updated.v1', news('delivered', before))
    expect(known.order()?.shipments[0]?.status).toBe('delivered')
  })

  it.each([
    ['label-created', 'OK-1', 'delivered', 'LabelVoided'],
    ['label-created', 'OK-1', 'out-for-delivery', 'LabelVoided'],
    ['in-transit', 'OK-1', 'delivered', 'ShipmentIntercepted'],
    ['returning', 'OK-1', 'delivered', 'NothingToStop'],
  ] as const)(
    'of a parcel that was %s (%s) and is %s after %s is told as a late delivery, once',
    async (from, number, to, answer) => {
      const known = given(parcel('shp-1', number, from))
      const id = known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
      await known.run()
      expect(known.lastAnswer(id)?.type).toBe(answer)
      known.advance(1_000)
      known.tell('shipment.updated.v1', news(to, known.iso()))
      const late = { requestId: 'req-1', since: known.iso() }
      expect(known.published.at(-1)).toMatchObject({ status: to, lateDelivery: late })
      known.advance(1_000)
      known.tell('shipment.updated.v1', news('delivered', known.iso()))
      await known.run()
      expect(known.published.filter(({ lateDelivery }) => lateDelivery !== undefined)).toHaveLength(1)
    },
  )

  it('of a parcel that went out though it was stopped, and is back, says once that nobody has to look at it', async () => {
    const known = given(parcel('shp-1', 'OK-1', 'in-transit'))
    known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await known.run()
    const returns = () => known.published.filter(({ lateReturn }) => lateReturn !== undefined)
    const tell = (status: ShipmentStatus) => {
      known.advance(1_000)
      known.tell('shipment.updated.v1', news(status, known.iso()))
    }
    tell('delivered')
    expect(known.published.at(-1)).toHaveProperty('lateDelivery')
    tell('returning')
    expect(returns()).toEqual([])
    tell('returned')
    tell('returned')
    await known.run()
    expect(returns()).toMatchObject([{ status: 'returned', lateReturn: { requestId: 'req-1' } }])
    expect(new Set(known.published.map((each) => JSON.stringify(each))).size).toBe(known.published.length)
  })

  it('of a parcel that was stopped and comes back as it should says nothing of the kind', async () => {
    const known = given(parcel('shp-1', 'OK-1', 'in-transit'))
    known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await known.run()
    known.advance(1_000)
    known.tell('shipment.updated.v1', news('returned', known.iso()))
    expect(known.published.at(-1)).toMatchObject({ status: 'returned' })
    expect(known.published.filter(({ lateReturn }) => lateReturn !== undefined)).toEqual([])
  })

  it('of a voided label that is handed over is told as a late delivery when its carrier refuses the intercept', async () => {
    const known = given(parcel('shp-1', 'OK-1', 'label-created'))
    known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await known.run()
    known.advance(1_000)
    known.tell('shipment.updated.v1', news('handed-over', known.iso(), { trackingNumber: 'REFUSE-1' }))
    expect(known.published.at(-1)).not.toHaveProperty('lateDelivery')
    await known.run()
    const late = known.published.filter(({ lateDelivery }) => lateDelivery !== undefined)
    expect([known.order()?.stops[0]?.parcels[0]?.progress.state, late.length]).toEqual(['failed', 1])
  })

  it('of a parcel that cannot be stopped is the answer, and no late delivery', async () => {
    const known = given(parcel('shp-1', 'SILENT-1', 'in-transit'))
    const id = known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await known.run()
    known.tell('shipment.updated.v1', news('delivered', known.iso()))
    expect(known.lastAnswer(id)?.type).toBe('InterceptFailed')
    expect(known.published.filter(({ lateDelivery }) => lateDelivery !== undefined)).toEqual([])
  })

  it('of a voided label keeps the number of the new one', async () => {
    const known = given(parcel('shp-1', 'OK-1', 'label-created'))
    known.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines: [] })
    await known.run()
    known.send('ResumeShipment', { requestId: 'req-1', round: 1 })
    await known.run()
    known.tell('shipment.updated.v1', news('handed-over', known.iso()))
    expect(known.order()?.shipments[0]).toMatchObject({ trackingNumber: 'OK-1-N1', status: 'handed-over' })
  })
})
