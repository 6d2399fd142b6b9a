import type { Answer, ShipmentStatus } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { acceptedOrder, given, parcel } from '../test/given.ts'
import { createWorld } from '../test/world.ts'

const whole = { requestId: 'req-1', round: 1, whole: true, lines: [] }
const line = (lineId: string, quantity: number) => ({ lineId, quantity, sku: `SKU-${lineId}` })

const stopped = async (shipments: ReturnType<typeof parcel>[], command: object = whole, forMs = 0) => {
  const world = given(...shipments)
  const id = world.send('StopShipment', { ...whole, ...command })
  await world.run(forMs)
  return { world, id, answer: world.lastAnswer(id) }
}

const inWords = (answer: Answer | undefined): string => {
  if (answer === undefined) return 'nothing'
  const failures = 'shipments' in answer ? (answer.shipments ?? []).flatMap(({ failure }) => failure ?? []) : []
  return [answer.type, ...failures].join(' ')
}

/** What is answered within a minute and a half, of which a carrier may take one: by status and tracking number. */
const table: Record<string, Partial<Record<ShipmentStatus, string>>> = {
  'OK-1': {
    'label-created': 'LabelVoided',
    'handed-over': 'ShipmentIntercepted',
    'in-transit': 'ShipmentIntercepted',
    'out-for-delivery': 'InterceptFailed out-for-delivery',
    delivered: 'InterceptFailed delivered',
    returning: 'NothingToStop',
    returned: 'NothingToStop',
    lost: 'NothingToStop',
  },
  'SLOW-5000': {
    'label-created': 'LabelVoided',
    'in-transit': 'ShipmentIntercepted',
    delivered: 'InterceptFailed delivered',
  },
  'REFUSE-1': { 'label-created': 'InterceptFailed refused', 'in-transit': 'InterceptFailed refused' },
  'FLAKY-2': { 'label-created': 'LabelVoided', 'in-transit': 'ShipmentIntercepted' },
  'FLAKY-3': { 'label-created': 'StepFailed', 'in-transit': 'StepFailed' },
  'LATE-70000': { 'label-created': 'InterceptFailed no-answer', 'in-transit': 'InterceptFailed no-answer' },
  'SILENT-1': { 'label-created': 'InterceptFailed no-answer', 'in-transit': 'InterceptFailed no-answer' },
  'NORESUME-1': { 'label-created': 'LabelVoided', 'in-transit': 'ShipmentIntercepted' },
  'DOWN-1': { 'label-created': 'StepFailed', 'in-transit': 'StepFailed' },
  'UNHEARD-OF': { 'label-created': 'LabelVoided', 'in-transit': 'ShipmentIntercepted' },
}

describe('stopping a whole order', () => {
  for (const [trackingNumber, byStatus] of Object.entries(table))
    for (const [status, expected] of Object.entries(byStatus))
      it(`answers ${expected} for ${trackingNumber}, ${status}`, async () => {
        const shipment = parcel('shp-1', trackingNumber, 'label-created')
        const { answer } = await stopped([{ ...shipment, status: status as ShipmentStatus }], whole, 90_000)
        expect(inWords(answer)).toBe(expected)
      })

  it('answers NothingToStop when there is no parcel, and stops one that turns up later', async () => {
    const { world, answer } = await stopped([])
    expect(answer).toEqual({ type: 'NothingToStop', shipments: [] })
    world.tell('shipment.updated.v1', {
      ...parcel('shp-9', 'OK-9', 'label-created'),
      orderId: 'ord-1',
      at: world.iso(),
    })
    await world.run()
    expect(world.entries.get('shp-9')?.state).toBe('label-voided')
    expect(world.heard).toHaveLength(1)
  })

  it('stops a parcel that turns up years later, when the command itself is forgotten', async () => {
    const { world } = await stopped([])
    world.forgetSteps()
    world.tell('shipment.updated.v1', {
      ...parcel('shp-9', 'OK-9', 'label-created'),
      orderId: 'ord-1',
      at: world.iso(),
    })
    await world.run()
    expect(world.entries.get('shp-9')?.state).toBe('label-voided')
  })

  it('sends pending while the carrier takes its time, then the one answer', async () => {
    const { world, id, answer } = await stopped([parcel('shp-1', 'SLOW-5000', 'in-transit')])
    expect(answer?.type).toBe('StepPending')
    await world.run(6_000)
    expect(world.lastAnswer(id)?.type).toBe('ShipmentIntercepted')
    expect(world.heard).toHaveLength(2)
    expect(world.published.map(({ status }) => status)).toEqual(['returning'])
  })

  it('says which parcel failed and why, in words', async () => {
    const { answer } = await stopped([parcel('shp-1', 'OK-1', 'label-created'), parcel('shp-2', 'OK-2', 'delivered')])
    expect(answer).toEqual({
      type: 'InterceptFailed',
      shipments: [
        { shipmentId: 'shp-1', result: 'label-voided' },
        { shipmentId: 'shp-2', result: 'failed', failure: 'delivered' },
      ],
      message: 'parcel shp-2 (sandbox OK-2) was already delivered',
    })
  })

  it('fails technically when the carrier is not set up, and says so', async () => {
    const shipment = { ...parcel('shp-1', 'X-1', 'in-transit'), carrier: 'pigeon' }
    const { answer } = await stopped([shipment], whole, 10_000)
    expect(answer).toEqual({
      type: 'StepFailed',
      error:
        'parcel shp-1: carrier pigeon is not set up: expected one of sandbox, ups, webhook-carrier, or a name in ACCOUNTS_FILE',
      attempts: 3,
      moneyInDoubt: false,
    })
  })

  it('goes on in the next round with what is not done, under the same key at the carrier', async () => {
    const shipments = [parcel('shp-1', 'DOWN-1', 'in-transit'), parcel('shp-2', 'OK-2', 'in-transit')]
    const { world, answer } = await stopped(shipments, whole, 10_000)
    expect(answer?.type).toBe('StepFailed')
    const id = world.send('StopShipment', { ...whole, round: 2 })
    await world.run()
    expect(world.lastAnswer(id)?.type).toBe('ShipmentIntercepted')
    expect(world.entries.get('shp-2')?.calls).toBe(1)
  })

  it('tells of a technical failure at once, though another carrier still owes its answer', async () => {
    const shipments = [parcel('shp-1', 'DOWN-1', 'in-transit'), parcel('shp-2', 'SLOW-50000', 'in-transit')]
    const { world, answer } = await stopped(shipments, whole, 5_000)
    expect(answer?.type).toBe('StepFailed')
    const id = world.send('StopShipment', { ...whole, round: 2 })
    await world.run(60_000)
    expect(world.lastAnswer(id)?.type).toBe('ShipmentIntercepted')
  })

  it('intercepts a parcel that was handed over while its label was to be voided', async () => {
    const { world } = await stopped([parcel('shp-1', 'FLAKY-1', 'label-created')])
    world.tell('shipment.updated.v1', {
      ...parcel('shp-1', 'FLAKY-1', 'in-transit'),
      orderId: 'ord-1',
      at: world.iso(),
    })
    await world.run(1_000)
    expect(world.heard.map(({ answer }) => answer.type)).toEqual(['ShipmentIntercepted'])
  })
})

describe('an order that is not heard of', () => {
  it('is waited for, and stopped when it comes', async () => {
    const world = createWorld()
    const id = world.send('StopShipment', whole)
    expect(world.heard).toEqual([])
    world.tell('order.accepted.v1', acceptedOrder([parcel('shp-1', 'OK-1', 'label-created')]))
    await world.run()
    expect(world.lastAnswer(id)?.type).toBe('LabelVoided')
  })

  it('is a technical failure after patience, never nothing to stop', () => {
    const world = createWorld()
    world.send('StopShipment', whole)
    world.send('PauseFulfilment', { requestId: 'req-1', round: 1 })
    world.patienceOver()
    const error = 'order ord-1 not heard of within 10000 ms'
    for (const { answer } of world.heard)
      expect(answer).toEqual({ type: 'StepFailed', error, attempts: 1, moneyInDoubt: false })
    expect(world.heard).toHaveLength(2)
  })
})

describe('stopping some lines', () => {
  it('stops a parcel all of whose lines are wholly cancelled, and leaves the others alone', async () => {
    const shipments = [parcel('shp-1', 'OK-1', 'label-created', ['1']), parcel('shp-2', 'OK-2', 'in-transit', ['2'])]
    const { answer } = await stopped(shipments, { whole: false, lines: [line('1', 2)] })
    expect(answer).toEqual({ type: 'LabelVoided', shipments: [{ shipmentId: 'shp-1', result: 'label-voided' }] })
  })

  it('takes the units out of a box that is not handed over and holds other lines', async () => {
    const shipments = [parcel('shp-1', 'OK-1', 'label-created')]
    const { world, answer } = await stopped(shipments, { whole: false, lines: [line('1', 2)] })
    expect(answer).toEqual({ type: 'NothingToStop', shipments: [{ shipmentId: 'shp-1', result: 'not-needed' }] })
    expect(world.order()?.stops[0]?.parcels[0]?.progress).toEqual({ state: 'not-needed', withheld: ['1'], open: false })
  })

  it('does not stop a parcel on its way that holds other lines, or other units of the line', async () => {
    const shipments = [parcel('shp-1', 'OK-1', 'in-transit', ['1'])]
    const { answer } = await stopped(shipments, { whole: false, lines: [line('1', 1)] })
    expect(inWords(answer)).toBe('InterceptFailed holds-other-lines')
  })

  it('counts the units of earlier requests', async () => {
    const shipments = [parcel('shp-1', 'OK-1', 'label-created', ['1']), parcel('shp-2', 'OK-2', 'in-transit', ['2'])]
    const { world } = await stopped(shipments, { whole: false, lines: [line('1', 1)] })
    const id = world.send('StopShipment', { requestId: 'req-2', round: 1, whole: false, lines: [line('1', 1)] })
    await world.run()
    expect(world.lastAnswer(id)?.type).toBe('LabelVoided')
  })

  it('leaves to an earlier request what that one stopped, also when it is undone itself', async () => {
    const shipments = [parcel('shp-1', 'OK-1', 'label-created', ['1']), parcel('shp-2', 'OK-2', 'label-created', ['2'])]
    const { world } = await stopped(shipments, { whole: false, lines: [line('1', 2)] })
    const id = world.send('StopShipment', { ...whole, requestId: 'req-2' })
    await world.run()
    expect(world.lastAnswer(id)).toMatchObject({ shipments: [{ result: 'not-needed' }, { result: 'label-voided' }] })
    world.send('ResumeShipment', { requestId: 'req-2', round: 1 })
    await world.run()
    expect(world.entries.get('shp-1')?.state).toBe('label-voided')
    expect(world.entries.get('shp-2')?.state).toBe('as-sent')
  })
})

describe('pausing', () => {
  it('keeps what is not handed over', () => {
    const shipments = [parcel('shp-1', 'OK-1', 'label-created'), parcel('shp-2', 'OK-2', 'in-transit')]
    const world = given(...shipments)
    const id = world.send('PauseFulfilment', { requestId: 'req-1', round: 1 })
    expect(world.lastAnswer(id)).toEqual({
      type: 'FulfilmentPaused',
      shipments: [
        { shipmentId: 'shp-1', result: 'paused' },
        { shipmentId: 'shp-2', result: 'not-needed' },
      ],
    })
    expect(world.order()?.stops[0]?.phase).toBe('paused')
  })
})

describe('parcels that say how many units they hold', () => {
  const holding = (shipmentId: string, status: ShipmentStatus, units: Readonly<Record<string, number>>) => ({
    ...parcel(shipmentId, `OK-${shipmentId}`, status, Object.keys(units)),
    lines: Object.entries(units).map(([lineId, quantity]) => ({ lineId, quantity })),
  })
  const one = { whole: false, lines: [line('1', 1)] }

  it('let the unit be cancelled that is not sent, though the other was delivered', async () => {
    const shipments = [holding('a', 'delivered', { 1: 1 }), holding('b', 'label-created', { 1: 1 })]
    const { answer } = await stopped(shipments, one)
    expect(answer).toEqual({ type: 'LabelVoided', shipments: [{ shipmentId: 'b', result: 'label-voided' }] })
  })

  it('let the unit be cancelled that is in no parcel yet, though the other is on the road', async () => {
    const { world, answer } = await stopped([holding('a', 'in-transit', { 1: 1 })], one)
    expect(answer).toEqual({ type: 'NothingToStop', shipments: [] })
    // It must not be sent later, and what is known to go must not be stopped.
    world.tell('shipment.updated.v1', { ...holding('b', 'label-created', { 1: 1 }), orderId: 'ord-1', at: world.iso() })
    await world.run()
    expect(world.entries.get('b')?.state).toBe('label-voided')
    expect(world.entries.get('a')).toBeUndefined()
  })

  it('do not let a unit be cancelled that was delivered, and say so', async () => {
    const shipments = [holding('a', 'delivered', { 1: 1 }), holding('b', 'label-created', { 1: 1 })]
    const { answer } = await stopped(shipments, { whole: false, lines: [line('1', 2)] })
    expect(inWords(answer)).toBe('InterceptFailed delivered')
  })

  it('are stopped as few as it takes, and opened where that is enough', async () => {
    const road = [holding('a', 'in-transit', { 1: 1 }), holding('b', 'in-transit', { 1: 1 })]
    expect((await stopped(road, one)).answer).toEqual({
      type: 'ShipmentIntercepted',
      shipments: [{ shipmentId: 'a', result: 'intercepted' }],
    })
    const { world, answer } = await stopped([holding('a', 'label-created', { 1: 2, 2: 1 })], one)
    expect(answer).toEqual({ type: 'NothingToStop', shipments: [{ shipmentId: 'a', result: 'not-needed' }] })
    expect(world.order()?.stops[0]?.parcels[0]?.progress).toMatchObject({ withheld: ['1'] })
  })

  it('are not stopped on the road for a part of what they hold', async () => {
    const { answer } = await stopped([holding('a', 'in-transit', { 1: 2 })], one)
    expect(inWords(answer)).toBe('InterceptFailed holds-other-lines')
  })

  it('are stopped one after the other by requests one after the other, and go on each by its own undo', async () => {
    const shipments = [holding('a', 'in-transit', { 1: 1 }), holding('b', 'in-transit', { 1: 1 })]
    const { world } = await stopped(shipments, one)
    const second = world.send('StopShipment', { requestId: 'req-2', round: 1, ...one })
    await world.run()
    expect(world.lastAnswer(second)).toMatchObject({ shipments: [{ shipmentId: 'b', result: 'intercepted' }] })
    world.send('ResumeShipment', { requestId: 'req-1', round: 1 })
    await world.run()
    expect([world.entries.get('a')?.state, world.entries.get('b')?.state]).toEqual(['as-sent', 'intercepted'])
  })

  it('may say so later, and are then known to hold what was cancelled', async () => {
    const { world } = await stopped([], one)
    world.tell('shipment.updated.v1', { ...holding('a', 'in-transit', { 1: 1 }), orderId: 'ord-1', at: world.iso() })
    await world.run()
    expect(world.entries.get('a')).toBeUndefined()
    world.tell('shipment.updated.v1', { ...holding('b', 'in-transit', { 1: 1 }), orderId: 'ord-1', at: world.iso() })
    await world.run()
    expect(world.entries.get('b')?.state).toBe('intercepted')
    expect(world.order()?.stops[0]?.taken).toEqual([{ shipmentId: 'b', lineId: '1', quantity: 1 }])
  })

  it('are told of with their units, until they hold other lines', () => {
    const world = given(holding('a', 'label-created', { 1: 1 }))
    const news = { ...parcel('a', 'OK-a', 'in-transit'), orderId: 'ord-1', lineIds: undefined }
    world.tell('shipment.updated.v1', { ...news, at: '2026-11-20T11:00:00Z' })
    world.tell('shipment.updated.v1', { ...news, lineIds: ['1', '2'], at: '2026-11-20T11:01:00Z' })
    expect(world.published).toMatchObject([
      { lineIds: ['1'], lines: [{ lineId: '1', quantity: 1 }] },
      { lineIds: ['1', '2'] },
    ])
    expect(world.published[1]).not.toHaveProperty('lines')
    world.tell('shipment.updated.v1', { ...news, lines: [{ lineId: '1', quantity: 3 }], at: '2026-11-20T11:02:00Z' })
    expect(world.deadLetters).toEqual(['invalid-data'])
  })
})
