import { describe, expect, it } from 'vitest'
import type { Carrier } from '../carriers/carrier.ts'
import { acceptedOrder, carrierThat, parcel } from '../test/given.ts'
import { createWorld } from '../test/world.ts'

const hour = 3_600_000
const stop = { requestId: 'req-1', round: 1, whole: true, lines: [] }
const ids = { requestId: 'req-1', round: 1 }

/** An order whose parcels are carried by a carrier that holds first, and what it was asked. */
const asked = async (does: Partial<Carrier> = {}, ...more: ReturnType<typeof parcel>[]) => {
  const calls: string[] = []
  const noting = carrierThat({ voids: 'after-refund', ...does })
  const shops: Carrier = {
    ...noting,
    voidLabel: (call) => {
      calls.push('void')
      return noting.voidLabel(call)
    },
    requestIntercept: (call) => {
      calls.push('intercept')
      return noting.requestIntercept(call)
    },
  }
  const world = createWorld({ holdPatienceMs: hour, stepAttempts: 2 }, { shops })
  const first = { ...parcel('shp-1', 'LBL-1', 'label-created'), carrier: 'shops' }
  world.tell('order.accepted.v1', acceptedOrder([first, ...more]))
  const id = world.send('StopShipment', stop)
  await world.run()
  const word = (held?: boolean, message?: string) =>
    world.tell('shipment.held.v1', {
      ...{ orderId: 'ord-1', shipmentId: 'shp-1', requestId: 'req-1', at: world.iso() },
      ...{ held: held ?? true, ...(message !== undefined && { message }) },
    })
  const moves = (status: Parameters<typeof parcel>[2]) => {
    world.advance(1_000)
    world.tell('shipment.updated.v1', { ...first, status, orderId: 'ord-1', at: world.iso() })
  }
  return { world, id, calls, word, moves, progress: () => world.order()?.stops[0]?.parcels[0]?.progress }
}
const paused = { type: 'NothingToStop', shipments: [{ shipmentId: 'shp-1', result: 'paused', labelKept: true }] }
const voided = { type: 'LabelsReleased', shipments: [{ shipmentId: 'shp-1', result: 'label-voided' }] }

describe('a parcel that is not handed over', () => {
  it('is kept where it is by the warehouse, which says so, and its carrier is not asked', async () => {
    const { world, id, calls, word } = await asked()
    expect(world.published).toMatchObject([{ shipmentId: 'shp-1', status: 'label-created', hold: 'req-1' }])
    expect(world.lastAnswer(id)).toMatchObject({ type: 'StepPending', message: expect.stringContaining('shp-1') })
    word()
    expect(world.lastAnswer(id)).toEqual(paused)
    word()
    await world.run(2 * hour)
    expect([calls, world.tasks(), world.deadLetters]).toEqual([[], [], []])
  })

  it('goes on at no cost when the cancellation comes to nothing: the warehouse is told, nobody else is asked', async () => {
    const { world, calls, word } = await asked()
    word()
    const id = world.send('ResumeShipment', ids)
    await world.run()
    expect(world.lastAnswer(id)).toEqual({
      type: 'ShipmentResumed',
      shipments: [{ shipmentId: 'shp-1', result: 'resumed' }],
    })
    expect(world.published.map(({ hold }) => hold)).toEqual(['req-1', undefined])
    expect([calls, world.labelsWanted]).toEqual([[], []])
  })

  it('goes on also when nobody has said yet that it stays', async () => {
    const { world, id, word } = await asked()
    world.send('ResumeShipment', ids)
    expect(world.lastAnswer(id)).toEqual({ type: 'Undone' })
    word()
    expect(world.published.at(-1)).not.toHaveProperty('hold')
    expect(world.tasks()).toEqual([])
  })

  it.each([
    [
      'says no',
      (each: Awaited<ReturnType<typeof asked>>) => each.word(false, 'it is on the truck'),
      'refused',
      'on the truck',
    ],
    ['says nothing', (each: Awaited<ReturnType<typeof asked>>) => each.world.run(hour), 'no-answer', 'in time'],
  ] as const)('is not stopped when the warehouse %s, and is not kept any more', async (_, does, failure, words) => {
    const each = await asked()
    await does(each)
    expect(each.world.lastAnswer(each.id)).toMatchObject({
      ...{ type: 'InterceptFailed', shipments: [{ failure }] },
      message: expect.stringContaining(words),
    })
    expect(each.world.published.at(-1)).not.toHaveProperty('hold')
    const undo = each.world.send('ResumeShipment', ids)
    expect(each.world.lastAnswer(undo)).toMatchObject({ type: 'ShipmentResumed' })
    expect(each.calls).toEqual([])
  })

  it.each([true, false])('that goes out though it is to stay is intercepted (held: %s)', async (held) => {
    const { world, id, calls, word, moves, progress } = await asked()
    if (held) word()
    moves('in-transit')
    await world.run()
    expect([progress()?.state, calls]).toEqual(['intercepted', ['intercept']])
    expect(world.lastAnswer(id)?.type).toBe(held ? 'NothingToStop' : 'ShipmentIntercepted')
    expect(world.published.at(-1)).toMatchObject({ status: 'returning' })
    expect(world.published.at(-1)).not.toHaveProperty('hold')
  })

  it('that was held and is delivered all the same is told', async () => {
    const { world, word, moves } = await asked()
    word()
    moves('delivered')
    expect(world.published.at(-1)?.lateDelivery).toMatchObject({ requestId: 'req-1' })
  })

  it('is held only where its carrier holds first', async () => {
    const { world, id, word } = await asked({}, parcel('shp-2', 'OK-2', 'label-created'))
    word()
    await world.run()
    expect(world.lastAnswer(id)).toEqual({
      type: 'LabelVoided',
      shipments: [
        { shipmentId: 'shp-1', result: 'paused', labelKept: true },
        { shipmentId: 'shp-2', result: 'label-voided' },
      ],
    })
  })

  it('that nobody had held, or of another order, is a dead letter', async () => {
    const { world } = await asked()
    const at = world.iso()
    world.tell('shipment.held.v1', { orderId: 'ord-1', shipmentId: 'shp-9', requestId: 'req-1', held: true, at })
    world.tell('shipment.held.v1', { orderId: 'ord-1', shipmentId: 'shp-1', requestId: 'req-9', held: true, at })
    expect(world.deadLetters).toEqual(['invalid-data', 'invalid-data'])
  })
})

describe('the setting LABEL_VOID', () => {
  it.each([
    ['after-refund', 'NothingToStop'],
    ['before-refund', 'LabelVoided'],
  ] as const)('counts before what carriers say: %s', async (labelVoid, answer) => {
    const world = createWorld({ labelVoid }, { shops: carrierThat({ voids: 'after-refund' }) })
    const carrier = labelVoid === 'after-refund' ? 'sandbox' : 'shops'
    world.tell('order.accepted.v1', acceptedOrder([{ ...parcel('shp-1', 'OK-1', 'label-created'), carrier }]))
    const id = world.send('StopShipment', stop)
    await world.run()
    const held = { orderId: 'ord-1', shipmentId: 'shp-1', requestId: 'req-1', held: true, at: world.iso() }
    world.tell('shipment.held.v1', held)
    expect(world.lastAnswer(id)?.type).toBe(answer)
  })
})

describe('a label that was not needed', () => {
  const held = async (does: Partial<Carrier> = {}) => {
    const each = await asked(does)
    each.word()
    return each
  }

  it('is voided once money has moved, once however often that is asked', async () => {
    const { world, calls } = await held()
    const id = world.send('ReleaseLabels', ids)
    await world.run()
    expect(world.lastAnswer(id)).toEqual(voided)
    const again = world.send('ReleaseLabels', { ...ids, round: 2 })
    await world.run()
    expect([world.lastAnswer(again), calls]).toEqual([voided, ['void']])
  })

  it('counts as given back when its carrier takes that on', async () => {
    const { world, progress } = await held({ voidLabel: async () => ({ result: 'accepted', askAgainMs: 1_000 }) })
    const id = world.send('ReleaseLabels', ids)
    await world.run()
    expect([world.lastAnswer(id), progress()]).toEqual([voided, { state: 'released', label: 'void-asked' }])
  })

  it('whose carrier says no is lost, and the parcel stays where it is', async () => {
    const { world, progress } = await held({
      voidLabel: async () => ({ result: 'refused', failure: 'ineligible', reason: '190102 no shipment found' }),
    })
    const id = world.send('ReleaseLabels', ids)
    await world.run()
    expect(world.lastAnswer(id)).toEqual({
      type: 'LabelsReleased',
      shipments: [{ shipmentId: 'shp-1', result: 'paused' }],
    })
    expect(progress()).toEqual({ state: 'released', label: 'kept', reason: '190102 no shipment found' })
    world.advance(1_000)
    world.send('StopShipment', { ...stop, round: 2 })
    expect(world.order()?.shipments[0]?.status).toBe('label-created')
  })

  it('needs a person when its carrier is away, and goes on under the same key', async () => {
    const keys: string[] = []
    const { world } = await held({
      voidLabel: async ({ round, idempotencyKey }) => {
        keys.push(idempotencyKey)
        if (round === 1) throw new Error('503 away')
        return { result: 'voided' }
      },
    })
    const first = world.send('ReleaseLabels', ids)
    await world.run(hour)
    expect(world.lastAnswer(first)).toMatchObject({ type: 'StepFailed', attempts: 2, moneyInDoubt: false })
    const second = world.send('ReleaseLabels', { ...ids, round: 2 })
    await world.run()
    expect(world.lastAnswer(second)).toEqual(voided)
    expect([keys.length, new Set(keys).size]).toEqual([3, 1])
  })

  it('is given back as far as anybody can when the parcel goes out meanwhile: it is intercepted', async () => {
    const { world, moves, progress, calls } = await held()
    const id = world.send('ReleaseLabels', ids)
    moves('in-transit')
    await world.run()
    expect(world.lastAnswer(id)?.type).toBe('LabelsReleased')
    expect(progress()?.state).toBe('intercepted')
    expect(calls).toContain('intercept')
  })

  it('of a request that held nothing, or was undone, is none', async () => {
    const { world } = await held()
    world.send('ResumeShipment', ids)
    const id = world.send('ReleaseLabels', ids)
    const other = world.send('ReleaseLabels', { requestId: 'req-2', round: 1 })
    for (const each of [id, other]) expect(world.lastAnswer(each)).toEqual({ type: 'LabelsReleased', shipments: [] })
  })
})
