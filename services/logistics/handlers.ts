import { shipmentStatus } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { nextAttemptAt, type ServiceDefinition, type TaskMoment, type TaskResult, task } from '@countermand/messaging'
import { z } from 'zod'
import type { Carrier, CarrierCall } from './carriers/carrier.ts'
import { type Carriers, carrierOf } from './carriers/index.ts'
import { decideResume, resumeCallReturned } from './decide/resume.ts'
import { decidePause, decideStop } from './decide/stop.ts'
import { deadlinePassed, pollReturned, stopCallReturned } from './decide/stop-results.ts'
import { type CallResult, idempotencyKey, type ParcelTask, type TaskKind } from './decide/tasks.ts'
import { orderAccepted, shipmentUpdated } from './decide/tracking.ts'
import type { LogisticsOrder } from './state.ts'
import { store } from './store/store.ts'

/** Durations in milliseconds. */
export interface LogisticsSettings {
  readonly orderPatienceMs: number
  readonly interceptPatienceMs: number
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
  }),
)

const callOf = (orderId: string, kind: TaskKind, payload: ParcelTask): CarrierCall => ({
  orderId,
  shipmentId: payload.shipmentId,
  trackingNumber: payload.trackingNumber,
  status: payload.status,
  round: payload.round,
  idempotencyKey: idempotencyKey(orderId, kind, payload),
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
    const called = (result: TaskResult<Value | undefined>, at: TaskMoment): CallResult<Value> => {
      if (result.ok && result.value !== undefined) return { ok: true, value: result.value }
      const error = result.ok ? `expected an answer of the carrier to ${kind}, got none` : result.error
      const retryAt = nextAttemptAt(at, { attempts, backoffMs: settings.stepBackoffMs })
      return { ok: false, error, attempts: at.attempt, retryAt }
    }
    return task<LogisticsOrder, ParcelTask, Value>({
      payload: parcelTask,
      perform: async (payload, orderId) => call(carrierOf(carriers, payload.carrier), callOf(orderId, kind, payload)),
      decide: (order, payload, result, at) => decide(order, payload, called(result, at), at),
    })
  }

  return {
    name: 'logistics',
    store,
    commands: {
      PauseFulfilment: { decide: (order, command, at) => decidePause(order, command, at, settings.orderPatienceMs) },
      StopShipment: { decide: (order, command, at) => decideStop(order, command, at, settings.orderPatienceMs) },
      ResumeShipment: { decide: decideResume },
    },
    queries: {},
    events: {
      'order.accepted.v1': { decide: orderAccepted },
      'shipment.updated.v1': {
        decide: (order, event, at) => shipmentUpdated(order, event, at, settings.orderPatienceMs),
      },
    },
    tasks: {
      'void-label': carrierTask(
        'void-label',
        settings.stepAttempts,
        (carrier, call) => carrier.voidLabel(call),
        (order, payload, result, at) => stopCallReturned(order, payload, result, at.now, settings.interceptPatienceMs),
      ),
      intercept: carrierTask(
        'intercept',
        settings.stepAttempts,
        (carrier, call) => carrier.requestIntercept(call),
        (order, payload, result, at) => stopCallReturned(order, payload, result, at.now, settings.interceptPatienceMs),
      ),
      poll: carrierTask(
        'poll',
        // Until the deadline.
        Number.POSITIVE_INFINITY,
        (carrier, call) => carrier.stopStatus(call),
        (order, payload, result, at) => pollReturned(order, payload, result, at.now),
      ),
      deadline: task({ payload: parcelTask, decide: deadlinePassed }),
      relabel: carrierTask(
        'relabel',
        settings.undoAttempts,
        (carrier, call) => carrier.relabel(call),
        (order, payload, result, at) => resumeCallReturned(order, payload, result, at.now),
      ),
      resume: carrierTask(
        'resume',
        settings.undoAttempts,
        (carrier, call) => carrier.resume(call),
        (order, payload, result, at) => resumeCallReturned(order, payload, result, at.now),
      ),
    } satisfies Record<TaskKind, unknown>,
  }
}
