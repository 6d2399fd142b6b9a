import type { Answer, Resolution, ShipmentResult } from '@countermand/contracts'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { eventually, type Laboratory, type LateInterceptHandle, openLaboratory } from '../../testing/laboratory.ts'
import { asks, parks, recorded, resolve, waitsFor } from '../../testing/play.ts'
import { createWorld, type Services, stepFailed, type World, willing } from '../../testing/world.ts'
import { cameBackSignal, type LateIntercept } from '../protocol/late-intercept.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())

const parcel: LateIntercept = {
  ...{ orderId: 'ord-1', requestId: 'req-1', shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1' },
  since: '2026-11-20T10:00:00.000Z',
}

const brought = (result: ShipmentResult['result']): Answer<'ShipmentResumed'> => ({
  type: 'ShipmentResumed',
  shipments: [{ shipmentId: 'shp-1', result }],
})

const decided = (step: string, decision: Resolution['decision']): Resolution => ({
  ...{ step, direction: 'undo', round: 1, decision, by: 'ops-0', reason: 'before', at: '2026-11-20T09:00:00Z' },
})

interface Setting {
  /** By default the parcel that comes back. */
  readonly of?: LateIntercept
  readonly earlier?: readonly Resolution[]
  readonly services?: Partial<Services>
}

/** Plays the saga of a parcel that comes back; the order service gives back what was recorded. */
const play = async (
  { earlier = [], services, of = parcel }: Setting,
  script: (saga: LateInterceptHandle, world: World) => Promise<unknown> = async () => {},
) => {
  const world: World = createWorld(
    {
      ReadCancellation: () => {
        const made = world.records.flatMap(({ record }) => (record.what === 'resolved' ? [record] : []))
        return {
          ...willing.ReadCancellation(),
          resolutions: [...earlier, ...made.map(({ what: _, ...rest }) => rest)],
        }
      },
      ResumeShipment: () => brought('resumed'),
      ...services,
    },
    laboratory.whileOpen,
  )
  const run = async (saga: LateInterceptHandle) => {
    await script(saga, world)
    return saga.result()
  }
  expect(await laboratory.runLateIntercept(world, run, of)).toMatchObject({ stage: 'closed' })
  return { world, asked: world.asked.filter((each) => each.startsWith('ResumeShipment')) }
}

test('it needs attention, told and recorded, and is left as a person has taken care of it', async () => {
  const { world, asked } = await play({}, async (saga, world) => {
    const attention = await parks(saga, 'undo-failed', world)
    expect(attention?.remedies).toEqual(['retry', 'skip'])
    expect(attention?.error).toContain('parcel shp-1 (sandbox OK-1) comes back')
    expect(await resolve(saga, 'skip')).toEqual({ accepted: true })
  })
  expect(asked).toEqual([])
  expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
  expect(world.records.map(({ key }) => key)).toEqual([
    'attention.parcel.shp-1.2026-11-20T10:00:00.000Z-undo-1',
    'resolved.parcel.shp-1.2026-11-20T10:00:00.000Z-undo-1.1',
  ])
})

test("its carrier is asked once more, in the round after the cancellation's own", async () => {
  const { asked } = await play({ earlier: [decided('stop-parcels', 'retry')] }, async (saga, world) => {
    await parks(saga, 'undo-failed', world)
    await resolve(saga, 'retry')
  })
  expect(asked).toEqual(['ResumeShipment 3'])
})

test('what the carrier cannot bring, or fails to, needs another decision', async () => {
  const services: Partial<Services> = {
    ResumeShipment: ({ data: { round } }) => (round === 2 ? brought('intercepted') : stepFailed),
  }
  const { world, asked } = await play({ services }, async (saga, world) => {
    await parks(saga, 'undo-failed', world)
    await resolve(saga, 'retry')
    await asks(world, 'ResumeShipment 2')
    await eventually(() => resolve(saga, 'retry'))
    await asks(world, 'ResumeShipment 3')
    await eventually(async () =>
      expect((await parks(saga, 'undo-failed', world))?.error).toContain('the carrier does not answer'),
    )
    await resolve(saga, 'skip')
  })
  expect(asked).toEqual(['ResumeShipment 2', 'ResumeShipment 3'])
  expect(recorded(world).filter((what) => what === 'needs-attention')).toHaveLength(3)
})

test('a decision that an earlier run recorded is not asked for again', async () => {
  const { world, asked } = await play({ earlier: [decided(`parcel.shp-1.${parcel.since}`, 'retry')] })
  expect(asked).toEqual(['ResumeShipment 2'])
  expect(world.records).toEqual([])
})

test('it waits until the cancellation itself has ended', async () => {
  const { world } = await play(
    {
      earlier: [decided(`parcel.shp-1.${parcel.since}`, 'skip')],
      services: {
        ReadCancellation: ({ time }) => ({
          ...willing.ReadCancellation(),
          open: time === 1,
          resolutions: [decided(`parcel.shp-1.${parcel.since}`, 'skip')],
        }),
      },
    },
    (saga) => waitsFor(saga, 'the cancellation to end'),
  )
  expect(world.asked).toEqual(['ReadCancellation'])
})

test('one that comes back once more is attended to by the same run, and the same news again is not', async () => {
  const { world } = await play({}, async (saga, world) => {
    await parks(saga, 'undo-failed', world)
    await saga.signal(cameBackSignal, parcel)
    await saga.signal(cameBackSignal, { ...parcel, since: '2026-11-20T11:00:00.000Z' })
    await resolve(saga, 'retry')
    await eventually(async () => expect(world.records).toHaveLength(3))
    await eventually(() => resolve(saga, 'skip'))
  })
  expect(recorded(world)).toEqual(['needs-attention', 'resolved', 'needs-attention', 'resolved'])
})

test("Temporal's Cancel does not end it: the customer waits for the goods", async () => {
  const { world } = await play({}, async (saga, world) => {
    await parks(saga, 'undo-failed', world)
    await saga.cancel()
    await resolve(saga, 'skip')
  })
  expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
})

const delivered: LateIntercept = { ...parcel, goesOut: 'delivered' }

test('one that was delivered though its order was cancelled needs attention until a person has taken care of it', async () => {
  const { world, asked } = await play({ of: delivered }, async (saga, world) => {
    const attention = await parks(saga, 'step-failed', world)
    expect(attention?.remedies).toEqual(['skip'])
    expect(attention?.error).toContain('parcel shp-1 (sandbox OK-1) was delivered after it had been stopped')
    expect(await resolve(saga, 'skip')).toEqual({ accepted: true })
  })
  expect(asked).toEqual([])
  expect(world.records.map(({ key }) => key)).toEqual([
    'attention.parcel.shp-1.2026-11-20T10:00:00.000Z-do-1',
    'resolved.parcel.shp-1.2026-11-20T10:00:00.000Z-do-1.1',
  ])
})

test('one that was delivered is nobody’s concern when its cancellation came to nothing, or a person had let it go on', async () => {
  const cameToNothing = () => ({ type: 'CancellationRead' as const, open: false, resolutions: [] })
  const { world } = await play({ of: delivered, services: { ReadCancellation: cameToNothing } })
  const letGo = { ...decided('stop-parcels', 'skip'), direction: 'do' } as const
  const { world: other } = await play({ of: delivered, earlier: [letGo] })
  expect([world.records, other.records]).toEqual([[], []])
})

test('signals of any shape, and of other orders, fail no workflow task and are no case', async () => {
  const { world } = await play({}, async (saga, world) => {
    await parks(saga, 'undo-failed', world)
    for (const value of [null, 'a text', 7, [], {}, { since: 7 }, { ...parcel, orderId: 'another', since: 'later' }])
      await saga.signal('cameBack', value)
    await saga.signal('cameBack')
    await resolve(saga, 'skip')
  })
  expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
})
