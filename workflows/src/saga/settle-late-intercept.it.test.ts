import type { Answer, CommandData, Resolution, ShipmentResult } from '@countermand/contracts'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Laboratory, type LateInterceptHandle, openLaboratory } from '../../testing/laboratory.ts'
import { asks, parks, recorded, resolve, waitsFor } from '../../testing/play.ts'
import { createWorld, type Services, stepFailed, type World, willing } from '../../testing/world.ts'
import { statusQuery } from '../protocol/inputs.ts'
import { cameBackSignal, type LateIntercept } from '../protocol/late-intercept.ts'
import { type News, newsSignal } from '../protocol/news.ts'

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

/** Logistics that notes what is told of decisions. */
const closing = () => {
  const told: CommandData<'CloseRound'>[] = []
  const CloseRound: Services['CloseRound'] = ({ data }) => {
    told.push(data)
    return { type: 'RoundClosed' }
  }
  return { told, services: { CloseRound } }
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

test('it needs attention, told and recorded, and is left as a person has taken care of it, which logistics is told', async () => {
  const { told, services } = closing()
  const { world, asked } = await play({ services }, async (saga, world) => {
    const attention = await parks(saga, 'undo-failed', world)
    expect(attention?.remedies).toEqual(['retry', 'skip'])
    expect(attention?.error).toContain('parcel shp-1 (sandbox OK-1) comes back')
    expect(await resolve(saga, 'skip')).toEqual({ accepted: true })
  })
  expect(asked).toEqual([])
  const closes = { step: 'stop-parcels', direction: 'undo', round: 1 }
  expect(told).toMatchObject([{ closes, decision: 'skip', shipmentId: 'shp-1' }])
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
    await eventuallyHolds(() => resolve(saga, 'retry'))
    await asks(world, 'ResumeShipment 3')
    await eventuallyHolds(async () =>
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
  // What an earlier run was told is told once more: nobody knows whether it came to that.
  expect(world.asked).toEqual(['ReadCancellation', 'CloseRound'])
})

test('one that comes back once more is attended to by the same run, and the same news again is not', async () => {
  const { world } = await play({}, async (saga, world) => {
    await parks(saga, 'undo-failed', world)
    await saga.signal(cameBackSignal, parcel)
    await saga.signal(cameBackSignal, { ...parcel, since: '2026-11-20T11:00:00.000Z' })
    await resolve(saga, 'retry')
    await eventuallyHolds(async () => expect(world.records).toHaveLength(3))
    await eventuallyHolds(() => resolve(saga, 'skip'))
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

const isBack: News = {
  ...{ orderId: parcel.orderId, requestId: parcel.requestId, step: 'stop-parcels', direction: 'do', over: true },
  ...{ event: 'shipment.changed.v1', says: 'parcel shp-1 (sandbox OK-1) is returned' },
}

test('one that was delivered and is back needs nobody any more, until it goes out again', async () => {
  const { world } = await play({ of: delivered }, async (saga, world) => {
    await parks(saga, 'step-failed', world)
    await saga.signal(newsSignal, isBack)
  })
  expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
  expect(world.records.at(-1)?.record).toMatchObject({
    ...{ decision: 'skip', by: 'news:shipment.changed.v1', reason: isBack.says },
  })
  const again = '2026-11-21T10:00:00.000Z'
  const { world: other } = await play({ of: delivered }, async (saga, world) => {
    await parks(saga, 'step-failed', world)
    await saga.signal(newsSignal, isBack)
    await saga.signal(cameBackSignal, { ...delivered, since: again })
    await eventuallyHolds(async () => expect((await saga.query(statusQuery)).attention?.step).toContain(again))
    await resolve(saga, 'skip')
  })
  expect(recorded(other)).toEqual(['needs-attention', 'resolved', 'needs-attention', 'resolved'])
})

test('news that a step goes on is none of a parcel that went out', async () => {
  const { over: _, ...other } = isBack
  const { world } = await play({ of: delivered }, async (saga, world) => {
    await parks(saga, 'step-failed', world)
    await saga.signal(newsSignal, other)
    await resolve(saga, 'skip')
  })
  expect(world.records.at(-1)?.record).not.toMatchObject({ by: expect.stringMatching(/^news:/) })
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
