import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, type SagaHandle } from '../../../testing/laboratory.ts'
import { asks, parks, playIn, recorded, resolve } from '../../../testing/play.ts'
import { request, type Services, stepFailed, tender, willing } from '../../../testing/world.ts'
import { type News, newsSignal } from '../../protocol/news.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)

/** Overdue in the first round, settled in the second. */
const overdue: Partial<Services> = {
  RefundOrder: ({ data: { round } }) =>
    round === 1
      ? { type: 'RefundStuck', reason: 'refund-overdue', message: 'not settled in time', tenders: [tender('pending')] }
      : willing.RefundOrder(),
}

const { orderId, requestId } = request
const settled: News = {
  ...{ orderId, requestId, step: 'refund', direction: 'do' },
  ...{ event: 'refund.succeeded.v1', says: 'the refund of tender t1 is known to have succeeded by now' },
}
const tells = (saga: SagaHandle, news: News = settled) => saga.signal(newsSignal, news)

test('a refund that settles after a person was asked lets its saga go on by itself, and that is recorded', async () => {
  const { world, result } = await play(overdue, async (saga, world) => {
    await parks(saga, 'refund-overdue', world)
    await tells(saga)
  })
  expect(result.outcome).toBe('cancelled')
  expect(world.asked).toContain('RefundOrder 2')
  expect(recorded(world)).toEqual(['needs-attention', 'resolved'])
  expect(world.records.at(-1)?.record).toMatchObject({
    ...{ step: 'refund', direction: 'do', round: 1, decision: 'retry' },
    ...{ by: 'news:refund.succeeded.v1', reason: settled.says },
  })
})

test('news that comes before the step is parked keeps anybody from being asked', async () => {
  let answer: (() => void) | undefined
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const slowly: Partial<Services> = {
    RefundOrder: async (asked) => {
      if (asked.data.round === 1) await answered
      return overdue.RefundOrder?.(asked) ?? willing.RefundOrder()
    },
  }
  const { world, result } = await play(slowly, async (saga, world) => {
    await asks(world, 'RefundOrder')
    await tells(saga)
    answer?.()
  })
  expect(result.outcome).toBe('cancelled')
  expect(recorded(world)).toEqual(['resolved'])
})

test('news of another step, another saga, or in no shape of ours changes nothing', async () => {
  const { world } = await play(overdue, async (saga, world) => {
    await parks(saga, 'refund-overdue', world)
    await tells(saga, { ...settled, direction: 'undo' })
    await tells(saga, { ...settled, requestId: 'req-2' })
    await saga.signal('news', 'refund-do')
    await resolve(saga, 'retry')
  })
  expect(world.records.at(-1)?.record).toMatchObject({ by: 'ops-1' })
})

test('an undo that is stuck goes on when the customer has the parcel', async () => {
  const services: Partial<Services> = {
    RefundOrder: () => ({ type: 'RefundRefused', tenders: [tender('failed')], message: 'no' }),
    ResumeShipment: ({ data: { round } }) => (round === 1 ? stepFailed : willing.ResumeShipment()),
  }
  const { world, result } = await play(services, async (saga, world) => {
    await parks(saga, 'undo-failed', world)
    const says = 'parcel shp-1 (sandbox OK-1) is delivered'
    await tells(saga, { ...settled, step: 'stop-parcels', direction: 'undo', event: 'shipment.changed.v1', says })
  })
  expect(result.outcome).toBe('compensated')
  expect(world.asked).toContain('ResumeShipment 2')
})
