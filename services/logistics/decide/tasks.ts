import type { ShipmentStatus } from '@countermand/contracts'
import type { TaskSpec } from '@countermand/service'
import type { LogisticsOrder } from '../state.ts'
import type { ResumeOperation, Stop, StopOperation } from './parcel-stop.ts'
import type { Shipment } from './shipment.ts'

/** Calls to a carrier, and the deadlines of an answer that it owes, of a label that the shop does, and of the warehouse's word. */
export type TaskKind =
  | StopOperation
  | ResumeOperation
  /** Voids the label of a parcel that was held. */
  | 'release'
  | 'poll'
  | 'deadline'
  | 'label-deadline'
  | 'hold-deadline'

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
  /** Absent: not known, or written by an earlier release. */
  readonly merchantId?: string
  /** The label that is to be made void, where it is not the parcel's first: each is a work of its own. */
  readonly label?: string
  readonly shipmentRef?: string
  readonly carrierRef?: string
  /** When the call was first due in this round (ISO 8601). Absent: written by an earlier release. */
  readonly since?: string
}

/** When a call is made again. */
export interface Again {
  /** ISO 8601. */
  readonly dueAt: string
  /** When it was first due in this round (ISO 8601). */
  readonly since: string
  /** Its carrier is away: nobody was asked, and it was no attempt. */
  readonly uncounted?: true
}

/** When a call is made: for the first time then (ISO 8601), or again. */
export type Due = string | Again

const idOf = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/')

const taskId = (order: LogisticsOrder, stop: Stop, shipmentId: string, kind: TaskKind, round: number): string =>
  idOf(order.orderId, stop.requestId, shipmentId, kind, String(round))

/** The key by which a carrier knows a call again, across attempts, restarts and rounds. */
export const idempotencyKey = (orderId: string, kind: TaskKind, task: ParcelTask): string => {
  const { requestId, shipmentId, begun, label } = task
  return idOf(orderId, requestId, shipmentId, kind, String(begun), ...(label === undefined ? [] : [label]))
}

const againOf = (due: Due): Again => (typeof due === 'string' ? { dueAt: due, since: due } : due)

/** A call to the carrier. Each round has a task of its own, so that its attempts are counted anew. */
export const callTask = (
  order: LogisticsOrder,
  stop: Stop,
  shipment: Shipment,
  kind: TaskKind,
  begun: number,
  due: Due,
  carrierRef = stop.parcels.find((parcel) => parcel.shipmentId === shipment.shipmentId)?.carrierRef,
): TaskSpec => {
  const { shipmentId, carrier, trackingNumber, earlierTrackingNumbers, status, shipmentRef } = shipment
  const isLaterLabel = kind === 'void-label' && earlierTrackingNumbers.length > 0
  const { merchantId } = order
  const { dueAt, since, uncounted } = againOf(due)
  const payload: ParcelTask = {
    requestId: stop.requestId,
    shipmentId,
    carrier,
    trackingNumber,
    status,
    round: stop.round,
    begun,
    ...(isLaterLabel && { label: trackingNumber }),
    ...(merchantId !== null && { merchantId }),
    ...(shipmentRef !== null && { shipmentRef }),
    ...(carrierRef !== undefined && { carrierRef }),
    ...(!deadlines.has(kind) && { since }),
  }
  return {
    id: taskId(order, stop, shipmentId, kind, waitKinds.has(kind) ? begun : stop.round),
    kind,
    dueAt,
    payload,
    ...(!deadlines.has(kind) && { party: carrier }),
    ...(uncounted === true && { uncounted }),
  }
}

/** A parcel whose carrier is asked where it is. */
export interface ParcelOf
  extends Pick<ParcelTask, 'shipmentId' | 'carrier' | 'trackingNumber' | 'merchantId' | 'shipmentRef'> {
  readonly since?: string
}

/** A look at where a parcel is, of which there is one at a time: whoever wants another one has it sooner. */
export const trackTask = ({ orderId, merchantId }: LogisticsOrder, shipment: Shipment, due: Due): TaskSpec => {
  const { shipmentId, carrier, trackingNumber, shipmentRef } = shipment
  const { dueAt, since, uncounted } = againOf(due)
  const payload: ParcelOf = {
    ...{ shipmentId, carrier, trackingNumber, since },
    ...(merchantId !== null && { merchantId }),
    ...(shipmentRef !== null && { shipmentRef }),
  }
  const id = idOf(orderId, shipmentId, 'track')
  return { id, kind: 'track', dueAt, payload, party: carrier, ...(uncounted === true && { uncounted }) }
}

const deadlines: ReadonlySet<TaskKind> = new Set(['deadline', 'label-deadline', 'hold-deadline'])
const waitKinds: ReadonlySet<TaskKind> = new Set(['poll', ...deadlines])

/** The tasks that may call a carrier for work that was begun in this round: it was scheduled in this one, or in one since. */
export const callIds = (
  order: LogisticsOrder,
  stop: Stop,
  shipmentId: string,
  { operation, begun }: { readonly operation: StopOperation | ResumeOperation; readonly begun: number },
): string[] =>
  Array.from({ length: stop.round - begun + 1 }, (_, more) => taskId(order, stop, shipmentId, operation, begun + more))

/** The tasks that wait for somebody's answer. */
export const waitIds = (order: LogisticsOrder, stop: Stop, shipmentId: string, begun: number): string[] =>
  [...waitKinds].map((kind) => taskId(order, stop, shipmentId, kind, begun))

/** What a call came to: the carrier's word, or a technical failure and when to try `again` (`undefined`: not in this round). */
export type CallResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false
      readonly error: string
      readonly attempts: number
      readonly again: Again | undefined
      /** True: there is no such carrier, nobody was asked. */
      readonly unasked: boolean
    }
