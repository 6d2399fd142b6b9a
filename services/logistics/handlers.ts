import { shipmentStatus } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { type ServiceDefinition, type TaskMoment, task } from '@countermand/service'
import { z } from 'zod'
import { interceptWith, resumeWith, voidWith } from './carriers/ask.ts'
import { calledWith, type Said, saidBy } from './carriers/called.ts'
import type { Carrier, CarrierCall, Whereabouts } from './carriers/carrier.ts'
import { type Carried, type Carriers, carrierOf, isSetUp } from './carriers/index.ts'
import { closeParcel } from './decide/close-parcel.ts'
import { holdOverdue, shipmentHeld } from './decide/hold.ts'
import { labelOverdue } from './decide/label.ts'
import { carrierNotified, trackReturned } from './decide/notified.ts'
import { orderAccepted, orderAmended } from './decide/orders.ts'
import { decideRelease, releaseCallReturned } from './decide/release.ts'
import { decideResume, resumeCallReturned } from './decide/resume.ts'
import { decidePause, decideStop } from './decide/stop.ts'
import { deadlinePassed, pollReturned, stopCallReturned } from './decide/stop-results.ts'
import { type CallResult, idempotencyKey, type ParcelOf, type ParcelTask, type TaskKind } from './decide/tasks.ts'
import { shipmentUpdated } from './decide/tracking.ts'
import type { LogisticsOrder } from './state.ts'
import { store } from './store/store.ts'

/** Durations in milliseconds. */
export interface LogisticsSettings {
  readonly orderPatienceMs: number
  readonly interceptPatienceMs: number
  /** When a parcel counts as turned round; absent: when it is. */
  readonly interceptedWhen?: 'returning' | 'accepted'
  readonly holdPatienceMs: number
  readonly labelPatienceMs: number
  /** When labels of parcels that are not handed over are voided; absent: as their carriers say. */
  readonly labelVoid?: 'by-carrier' | 'before-refund' | 'after-refund'
  readonly stepAttempts: number
  readonly undoAttempts: number
  readonly stepBackoffMs: number
}

const parcelTask = exactly<ParcelTask>()(
  z.object({
    requestId: z.string(),
    shipmentId: z.string(),
    carrier: z.string(),
    trackingNumber: z.string(),
    status: shipmentStatus,
    round: z.int(),
    begun: z.int(),
    label: z.string().exactOptional(),
    merchantId: z.string().exactOptional(),
    shipmentRef: z.string().exactOptional(),
    carrierRef: z.string().exactOptional(),
    since: z.string().exactOptional(),
  }),
)

const parcelOf = exactly<ParcelOf>()(
  z.object({
    shipmentId: z.string(),
    carrier: z.string(),
    trackingNumber: z.string(),
    merchantId: z.string().exactOptional(),
    shipmentRef: z.string().exactOptional(),
    since: z.string().exactOptional(),
  }),
)

const callOf = (orderId: string, kind: TaskKind, payload: ParcelTask): CarrierCall => {
  const { requestId: _, begun: __, label: ___, since: ____, ...facts } = payload
  return { ...facts, orderId, idempotencyKey: idempotencyKey(orderId, kind, payload) }
}

const holdPolicy = ({ holdPatienceMs, labelVoid = 'by-carrier' }: LogisticsSettings, carriers: Carriers) => ({
  holdPatienceMs,
  holds: (carried: Carried): boolean =>
    labelVoid === 'by-carrier'
      ? isSetUp(carriers, carried) && carrierOf(carriers, carried).voids === 'after-refund'
      : labelVoid === 'after-refund',
})

/** A look at where a parcel is: nobody waits for it, and it is given up as a step is. */
const trackingTask = (settings: LogisticsSettings, carriers: Carriers) =>
  task<LogisticsOrder, ParcelOf, Said<Whereabouts | null>>({
    payload: parcelOf,
    perform: ({ since: _, ...parcel }, orderId) =>
      saidBy(async () => (await carrierOf(carriers, parcel).track?.({ orderId, ...parcel })) ?? null),
    decide: (order, parcel, result, at) => {
      const { stepAttempts: attempts, stepBackoffMs: backoffMs, interceptPatienceMs: outageMs } = settings
      const { since = at.now } = parcel
      return trackReturned(
        order,
        parcel,
        calledWith(result, at, { attempts, backoffMs, outageMs, since, unasked: false }),
        at,
      )
    },
  })

/** What logistics accepts, and what decides on it. */
export const logistics = (
  settings: LogisticsSettings,
  carriers: Carriers,
): ServiceDefinition<'logistics', LogisticsOrder> => {
  /** A task that calls a parcel's carrier; `attempts`: how often in one round. */
  const carrierTask = <Value>(
    kind: TaskKind,
    attempts: number,
    call: (carrier: Carrier, call: CarrierCall) => Promise<Value>,
    decide: (
      order: LogisticsOrder | undefined,
      task: ParcelTask,
      result: CallResult<Value>,
      at: TaskMoment,
    ) => ReturnType<typeof deadlinePassed>,
  ) => {
    const { stepBackoffMs: backoffMs, interceptPatienceMs: outageMs } = settings
    return task<LogisticsOrder, ParcelTask, Said<Value>>({
      payload: parcelTask,
      perform: async (payload, orderId) =>
        saidBy(async () => call(carrierOf(carriers, payload), callOf(orderId, kind, payload))),
      decide: (order, payload, result, at) => {
        const { since = at.now } = payload
        const tries = { attempts, backoffMs, outageMs, since, unasked: !isSetUp(carriers, payload) }
        return decide(order, payload, calledWith(result, at, tries), at)
      },
    })
  }

  const policy = holdPolicy(settings, carriers)
  const tracks = (carried: Carried): boolean =>
    isSetUp(carriers, carried) && carrierOf(carriers, carried).track !== undefined
  const resumedAt = ({ now }: TaskMoment) => ({ now, labelPatienceMs: settings.labelPatienceMs })

  return {
    name: 'logistics',
    store,
    commands: {
      PauseFulfilment: { decide: (order, command, at) => decidePause(order, command, at, settings.orderPatienceMs) },
      StopShipment: {
        decide: (order, command, at) => decideStop(order, command, at, settings.orderPatienceMs, policy),
      },
      ReleaseLabels: {
        decide: (order, command, at) => decideRelease(order, command, at, settings.orderPatienceMs),
      },
      ResumeShipment: { decide: decideResume },
    },
    closing: { decide: closeParcel },
    queries: {},
    events: {
      'order.accepted.v1': { decide: orderAccepted },
      'order.amended.v1': { decide: orderAmended },
      'shipment.updated.v1': {
        decide: (order, event, at) => shipmentUpdated(order, event, at, settings.orderPatienceMs),
      },
      'carrier.notified.v1': { decide: (order, event, at) => carrierNotified(order, event, at, tracks) },
      'shipment.held.v1': {
        decide: (order, event, at) => shipmentHeld(order, event, at, settings.orderPatienceMs),
      },
    },
    tasks: {
      track: trackingTask(settings, carriers),
      'void-label': carrierTask('void-label', settings.stepAttempts, voidWith, (order, payload, result, at) =>
        stopCallReturned(order, payload, result, at.now, settings),
      ),
      intercept: carrierTask('intercept', settings.stepAttempts, interceptWith, (order, payload, result, at) =>
        stopCallReturned(order, payload, result, at.now, settings),
      ),
      poll: carrierTask(
        'poll',
        // Until the deadline.
        Number.POSITIVE_INFINITY,
        (carrier, call) => carrier.stopStatus(call),
        (order, payload, result, at) => pollReturned(order, payload, result, at.now),
      ),
      deadline: task({ payload: parcelTask, decide: deadlinePassed }),
      'hold-deadline': task({ payload: parcelTask, decide: holdOverdue }),
      release: carrierTask('release', settings.stepAttempts, voidWith, (order, payload, result, at) =>
        releaseCallReturned(order, payload, result, at.now),
      ),
      'label-deadline': task({ payload: parcelTask, decide: labelOverdue }),
      relabel: carrierTask(
        'relabel',
        settings.undoAttempts,
        (carrier, call) => carrier.relabel(call),
        (order, payload, result, at) => resumeCallReturned(order, payload, result, resumedAt(at)),
      ),
      resume: carrierTask('resume', settings.undoAttempts, resumeWith, (order, payload, result, at) =>
        resumeCallReturned(order, payload, result, resumedAt(at)),
      ),
    } satisfies Record<TaskKind | 'track', unknown>,
  }
}
