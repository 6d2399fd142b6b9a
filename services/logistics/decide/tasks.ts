import type { ShipmentStatus } from '@countermand/contracts'
import type { TaskSpec } from '@countermand/messaging'
import type { LogisticsOrder } from '../state.ts'
import type { ResumeOperation, Stop, StopOperation } from './parcel-stop.ts'
import type { Shipment } from './shipment.ts'

/** Calls to a carrier, and the deadline of an answer that it owes. */
export type TaskKind = StopOperation | ResumeOperation | 'poll' | 'deadline'

/** What a task needs to know; its carrier's call is made of it. */
export interface ParcelTask {
  readonly requestId: string
  readonly shipmentId: string
  readonly carrier: string
  readonly trackingNumber: string
  readonly status: ShipmentStatus
  /** The round that asks. */
  readonly round: number
  /** The round in which the work began: part of the carrier's idempotency key. */
  readonly begun: number
}

const idOf = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/')

const taskId = (order: LogisticsOrder, stop: Stop, shipmentId: string, kind: TaskKind, round: number): string =>
  idOf(order.orderId, stop.requestId, shipmentId, kind, String(round))

/** The key by which a carrier knows a call again, across attempts, restarts and rounds. */
export const idempotencyKey = (orderId: string, kind: TaskKind, task: ParcelTask): string =>
  idOf(orderId, task.requestId, task.shipmentId, kind, String(task.begun))

/** A call to the carrier. Each round has a task of its own, so that its attempts are counted anew. */
export const callTask = (
  order: LogisticsOrder,
  stop: Stop,
  shipment: Shipment,
  kind: TaskKind,
  begun: number,
  dueAt: string,
): TaskSpec => {
  const { shipmentId, carrier, trackingNumber, status } = shipment
  const payload: ParcelTask = {
    requestId: stop.requestId,
    shipmentId,
    carrier,
    trackingNumber,
    status,
    round: stop.round,
    begun,
  }
  return { id: taskId(order, stop, shipmentId, kind, waitKinds.has(kind) ? begun : stop.round), kind, dueAt, payload }
}

const waitKinds: ReadonlySet<TaskKind> = new Set(['poll', 'deadline'])

/** The tasks that wait for a carrier's answer. */
export const waitIds = (order: LogisticsOrder, stop: Stop, shipmentId: string, begun: number): string[] =>
  [...waitKinds].map((kind) => taskId(order, stop, shipmentId, kind, begun))

/** What a call came to: the carrier's word, or a technical failure and when to try again (`undefined`: not in this round). */
export type CallResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false
      readonly error: string
      readonly attempts: number
      readonly retryAt: string | undefined
    }
