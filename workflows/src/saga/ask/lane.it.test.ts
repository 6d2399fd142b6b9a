import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, requested, type SagaHandle } from '../../../testing/laboratory.ts'
import { asks, playIn, waitsFor } from '../../../testing/play.ts'
import { tender, willing } from '../../../testing/world.ts'
import { sagaInput, statusQuery, withdrawUpdate } from '../../protocol/inputs.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const playOnly = playIn(() => laboratory)
const fast = sagaInput(requested, 'adaptive', requested.requested)
const play = (services: Parameters<typeof playOnly>[0], script?: Parameters<typeof playOnly>[1]) =>
  playOnly(services, script, fast)

interface Told {
  readonly tasks: number
  readonly upserts: number
  /** Ordinary activities, by id. */
  readonly activities: readonly string[]
  /** Local activities, by type. */
  readonly local: readonly string[]
}

const text = (payloads: { readonly data?: Uint8Array | null }[] | null | undefined): string =>
  Buffer.from(payloads?.[0]?.data ?? []).toString()

const told = async (saga: SagaHandle): Promise<Told> => {
  const { events } = await saga.fetchHistory()
  const all = events ?? []
  const markers = all.flatMap(({ markerRecordedEventAttributes: marker }) => (marker ? [marker] : []))
  return {
    tasks: all.filter((event) => event.workflowTaskCompletedEventAttributes).length,
    upserts: all.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes).length,
    activities: all.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityId ?? []),
    local: markers.flatMap(({ markerName, details }) =>
      markerName === 'core_local_activity' ? [JSON.parse(text(details?.data?.payloads)).activity_type] : [],
    ),
  }
}

/** Plays, and tells its history. */
const historyOf = async (services: Parameters<typeof play>[0], script?: Parameters<typeof play>[1]) => {
  let history: Told | undefined
  const { result, world } = await play(services, async (saga, given) => {
    await script?.(saga, given)
    await saga.result()
    history = await told(saga)
  })
  if (history === undefined) throw new Error('expected a history')
  return { result, world, history }
}

const straight = [
  'beginCancellation',
  'stopShipment',
  'setStockAside',
  'refundOrder',
  'returnStockToSale',
  'confirmCancellation',
]

test('the straight road is one workflow task, and each step keeps its name', async () => {
  const { result, history } = await historyOf({})
  expect(result.outcome).toBe('cancelled')
  expect(history).toMatchObject({ tasks: 1, upserts: 1, activities: [] })
  expect(history.local.toSorted()).toEqual(straight.toSorted())
})

test('the road back after a "no" is one workflow task too', async () => {
  const refused = { type: 'RefundRefused' as const, tenders: [tender('failed')], message: 'no' }
  const { result, history } = await historyOf({ RefundOrder: () => refused })
  expect(result).toMatchObject({ outcome: 'compensated', code: 'refund-refused' })
  expect(history).toMatchObject({ tasks: 1, upserts: 1, activities: [] })
})

test('an answer that is pending is awaited by an ordinary activity', async () => {
  const { result, history } = await historyOf({
    RefundOrder: ({ final }) => (final ? willing.RefundOrder() : { type: 'StepPending' }),
  })
  expect(result.outcome).toBe('cancelled')
  expect(history.activities).toEqual(['refund-do-1-await'])
})

test('a service that does not answer is asked again by an ordinary activity, with the same message', async () => {
  const { result, world, history } = await historyOf({
    SetStockAside: ({ time }) => (time === 1 ? 'later' : willing.SetStockAside()),
  })
  expect(result.outcome).toBe('cancelled')
  expect(history.activities).toEqual(['set-stock-aside-do-1'])
  expect(world.asked.filter((command) => command === 'SetStockAside')).toHaveLength(1)
})

test('slow answers do not hold a workflow task longer than its budget, however many steps there are', async () => {
  const slowly = <Given>(answer: Given) => sleep(850).then(() => answer)
  const { result, history } = await historyOf({
    BeginCancellation: () => slowly(willing.BeginCancellation()),
    StopShipment: () => slowly(willing.StopShipment()),
    SetStockAside: () => slowly(willing.SetStockAside()),
    RefundOrder: () => slowly(willing.RefundOrder()),
    ReturnStockToSale: () => slowly(willing.ReturnStockToSale()),
  })
  expect(result.outcome).toBe('cancelled')
  // Two rounds of 850 ms fit into 2 s; the third would not, and goes the slow way. Then there is a new task.
  expect(history.activities).toEqual(['refund-do-1'])
  // It is the activity that has found no time.
  expect(history.local.toSorted()).toEqual(straight.toSorted())
})

test('a withdrawal and a query during a fast task are answered though the service is silent', async () => {
  const { result } = await play({ SetStockAside: () => 'later' }, async (saga, world) => {
    await asks(world, 'SetStockAside')
    const [answer] = await Promise.all([
      saga.executeUpdate(withdrawUpdate, { args: [{ by: 'cus-7' }] }),
      saga.query(statusQuery),
    ])
    expect(answer).toEqual({ accepted: true })
  })
  expect(result.outcome).toBe('withdrawn')
})

test('Cancel during a fast task turns the saga back though the service is silent', async () => {
  const { result, world } = await play({ SetStockAside: () => 'later' }, async (saga, given) => {
    await asks(given, 'SetStockAside')
    await saga.cancel()
    await saga.result()
  })
  expect(result.outcome).toBe('withdrawn')
  expect(world.asked).toContain('AbandonCancellation')
})

test('a saga that waits in the slow lane says so', async () => {
  await play({ RefundOrder: ({ final }) => (final ? 'later' : { type: 'StepPending' }) }, async (saga) => {
    await waitsFor(saga, 'Refund 33.51 EUR')
    await laboratory.complete(saga, 'refund-do-1-await', willing.RefundOrder())
  })
})
