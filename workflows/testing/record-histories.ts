/**
 * Records the histories that `replay.it.test.ts` replays: `node workflows/testing/record-histories.ts`, or with the names of
 * some. Run it when a change of the workflow is meant to be incompatible with runs that are open; otherwise the old histories
 * must replay as they are.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Resolution } from '@countermand/contracts'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { decidedSignal, type StepLane, sagaInput, withdrawnSignal } from '../src/protocol/inputs.ts'
import type { LateIntercept } from '../src/protocol/late-intercept.ts'
import { newsSignal } from '../src/protocol/news.ts'
import type { Reversal } from '../src/protocol/reversal.ts'
import {
  type LateInterceptHandle,
  openTimeMachine,
  type ReversalHandle,
  requested,
  type SagaHandle,
  type TimeMachine,
} from './laboratory.ts'
import { type AnyHandle, afterIn, asks, hour, needsApproval, parks, resolve, waitsFor } from './play.ts'
import { createWorld, type Services, stepFailed, tender, type World, willing } from './world.ts'

let laboratory: TimeMachine
const after = afterIn(() => laboratory)
const merchant = needsApproval(() => laboratory, 'reject')
const refused: Partial<Services> = {
  RefundOrder: () => ({ type: 'RefundRefused', tenders: [tender('failed')], message: 'no' }),
}
const failsOnce: Partial<Services> = {
  StopShipment: ({ data: { round } }) => (round === 1 ? stepFailed : willing.StopShipment()),
}
const settledByHand: Resolution = {
  ...{ step: 'refund', direction: 'do', round: 1, decision: 'skip', settled: [{ amount: 3351 }] },
  ...{ by: 'ops-1', reason: 'given in cash', at: '2026-11-20T10:00:00Z' },
}
const carrierRefuses = after(3 * hour)

interface Scenario {
  /** By default without one, as the runs from before there was a choice. */
  readonly lane?: StepLane
  /** As runs that begin today, in the fast lane. */
  readonly today?: true
  readonly services: Partial<Services>
  readonly script?: (saga: SagaHandle, world: World) => Promise<unknown>
}

const scenarios: Readonly<Record<string, Scenario>> = {
  cancelled: { services: {} },
  'refund-refused': { services: refused },
  'intercept-refused-after-hours': {
    services: {
      StopShipment: ({ final }) =>
        final
          ? carrierRefuses({ type: 'InterceptFailed' as const, shipments: [], message: 'no' })
          : { type: 'StepPending' },
    },
    script: async (saga, world) => {
      await waitsFor(saga, 'Stop the parcels')
      await asks(world, 'SetStockAside')
      await laboratory.passToTheEnd(saga, '1 hours')
    },
  },
  'merchant-approves': {
    services: merchant,
    script: async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      const at = new Date(await laboratory.now()).toISOString()
      await saga.signal(decidedSignal, { inputId: 'event-1', decision: 'approve', by: 'mer-3', at })
    },
  },
  'withdrawn-at-the-gate': {
    services: merchant,
    script: async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      await saga.signal(withdrawnSignal, { inputId: 'event-1', by: 'cus-7' })
    },
  },
  'parked-and-retried': {
    services: failsOnce,
    script: async (saga, world) => {
      await parks(saga, 'step-failed', world)
      await resolve(saga, 'retry')
    },
  },
  'held-then-released': {
    services: {
      StopShipment: () => ({
        type: 'NothingToStop',
        shipments: [{ shipmentId: 'shp-1', result: 'paused', labelKept: true }],
      }),
    },
  },
  'fast-cancelled': { lane: 'adaptive', services: {} },
  'fast-refund-refused': { lane: 'adaptive', services: refused },
  'fast-then-pending': {
    lane: 'adaptive',
    services: { RefundOrder: ({ final }) => (final ? willing.RefundOrder() : { type: 'StepPending' }) },
  },
  'fast-without-an-answer': {
    lane: 'adaptive',
    services: { SetStockAside: ({ time }) => (time === 1 ? 'later' : willing.SetStockAside()) },
  },
  'fast-merchant-silent': { lane: 'adaptive', services: merchant },
  'overdue-then-settled': {
    services: {
      RefundOrder: ({ data: { round } }) =>
        round === 1
          ? { type: 'RefundStuck', reason: 'refund-overdue', message: 'late', tenders: [tender('pending')] }
          : willing.RefundOrder(),
    },
    script: async (saga, world) => {
      await parks(saga, 'refund-overdue', world)
      const { orderId, requestId } = requested
      const event = { event: 'refund.succeeded.v1', says: 'the refund of tender t1 has succeeded' }
      await saga.signal(newsSignal, { orderId, requestId, step: 'refund', direction: 'do', ...event })
    },
  },
  // Runs that were reset: what was decided after the moment that they were reset to, they hear with the next answer that says so.
  'heard-with-the-alarm': {
    today: true,
    services: {
      RefundOrder: () => stepFailed,
      RecordCancellation: () => ({ type: 'CancellationRecorded', resolutions: [settledByHand] }),
    },
  },
  'heard-at-the-end': {
    today: true,
    services: {
      ConfirmCancellation: () => ({ ...willing.ConfirmCancellation(), resolutions: [settledByHand] }),
    },
  },
  // The second of two steps side by side answers first, with what needs a person.
  'fast-side-by-side': {
    today: true,
    services: {
      StopShipment: ({ final }) => (final ? willing.StopShipment() : sleep(40).then(() => ({ type: 'StepPending' }))),
      SetStockAside: () => stepFailed,
    },
    script: async (saga, world) => {
      await parks(saga, 'step-failed', world)
      await saga.signal(withdrawnSignal, { inputId: 'event-1', by: 'cus-7' })
    },
  },
}

const reversal: Reversal = {
  ...{ orderId: 'ord-1', requestId: 'req-1', tenderId: 't1', refundId: 'ref-1' },
  ...{ channel: 'sandbox-card', amount: 3351, currency: 'EUR', failure: 'the account is closed' },
}

const parcel: LateIntercept = {
  ...{ orderId: 'ord-1', requestId: 'req-1', shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1' },
  since: '2026-11-20T10:00:00.000Z',
}

/** The order service as something after the end sees it: it gives back what was recorded. */
const reversedIn = (world: () => World, fallback: 'attention' | 'store-credit'): Partial<Services> => ({
  ReadCancellation: () => {
    const made = world().records.flatMap(({ record }) => (record.what === 'resolved' ? [record] : []))
    const refund = { amount: 3351, currency: 'EUR', refundTo: 'original', fallback } as const
    return { type: 'CancellationRead', open: false, refund, resolutions: made.map(({ what: _, ...rest }) => rest) }
  },
  ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('reversed')] }),
  ResumeShipment: () => ({ type: 'ShipmentResumed', shipments: [{ shipmentId: 'shp-1', result: 'resumed' }] }),
})

const reversals = { 'reversed-by-policy': 'store-credit', 'reversed-by-a-person': 'attention' } as const

const folder = fileURLToPath(new URL('../histories/', import.meta.url))
await mkdir(folder, { recursive: true })
const isWanted = (name: string): boolean => process.argv.length < 3 || process.argv.includes(name)
const keep = async (name: string, run: AnyHandle): Promise<void> =>
  writeFile(`${folder}${name}.json`, `${historyToJSON(await run.fetchHistory())}\n`)
for (const [name, { lane, today, services, script }] of Object.entries(scenarios)) {
  if (!isWanted(name)) continue
  laboratory = await openTimeMachine()
  const world = createWorld(services, laboratory.whileOpen)
  const play = async (saga: SagaHandle) => {
    await script?.(saga, world)
    const { outcome } = await saga.result()
    await keep(name, saga)
    console.log(`${name}: ${outcome}`)
  }
  const asBefore = { ...requested, ...(lane === undefined ? {} : { lane }) }
  await laboratory.run(world, play, today ? sagaInput(requested, 'adaptive', requested.requested) : asBefore)
  await laboratory.close()
}
for (const [name, fallback] of Object.entries(reversals)) {
  if (!isWanted(name)) continue
  laboratory = await openTimeMachine()
  const world: World = createWorld(
    reversedIn(() => world, fallback),
    laboratory.whileOpen,
  )
  const play = async (saga: ReversalHandle) => {
    if (fallback === 'attention') {
      await parks(saga, 'refund-reversed', world)
      await resolve(saga, 'refund-elsewhere', 'store-credit')
    }
    const { stage } = await saga.result()
    await keep(name, saga)
    console.log(`${name}: ${stage}`)
  }
  await laboratory.runReversal(world, play, reversal)
  await laboratory.close()
}
const lateIntercept = 'late-intercept-retried'
if (isWanted(lateIntercept)) {
  laboratory = await openTimeMachine()
  const world: World = createWorld(
    reversedIn(() => world, 'attention'),
    laboratory.whileOpen,
  )
  const play = async (saga: LateInterceptHandle) => {
    await parks(saga, 'undo-failed', world)
    await resolve(saga, 'retry')
    const { stage } = await saga.result()
    await keep(lateIntercept, saga)
    console.log(`${lateIntercept}: ${stage}`)
  }
  await laboratory.runLateIntercept(world, play, parcel)
  await laboratory.close()
}
