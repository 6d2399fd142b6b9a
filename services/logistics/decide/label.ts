import type { Decision, Publication } from '@countermand/service'
import type { LogisticsOrder } from '../state.ts'
import { advance, type Move } from './advance.ts'
import { findParcel } from './find-parcel.ts'
import { type ParcelStop, progressOf, type Stop } from './parcel-stop.ts'
import { isAtItsEnd, type Shipment } from './shipment.ts'
import { callTask, type ParcelTask, waitIds } from './tasks.ts'

/** A new label for a parcel whose old one was voided, where only the shop can make one. */

const labelWanted = (orderId: string, stop: Stop, shipment: Shipment, dueBy: string): Publication => ({
  type: 'label.wanted.v1',
  id: [shipment.shipmentId, stop.requestId, String(stop.round)],
  data: {
    orderId,
    shipmentId: shipment.shipmentId,
    requestId: stop.requestId,
    carrier: shipment.carrier,
    replaces: shipment.trackingNumber,
    dueBy,
    lineIds: [...shipment.lineIds],
    ...(shipment.lines !== null && { lines: [...shipment.lines] }),
  },
})

/** Asks the shop for a label, once in a round of the undo. */
export const wantLabel = (
  order: LogisticsOrder,
  stop: Stop,
  shipment: Shipment,
  begun: number,
  until: string,
): Move => ({
  shipmentId: shipment.shipmentId,
  progress: { state: 'label-wanted', operation: 'relabel', begun, until },
  publish: [labelWanted(order.orderId, stop, shipment, until)],
  schedule: [callTask(order, stop, shipment, 'label-deadline', begun, until)],
})

const isWaitingForLabel = (progress: ParcelStop | undefined): boolean =>
  progress?.state === 'label-wanted' || (progress?.state === 'resume-stuck' && progress.operation === 'relabel')

/** Whether the number that the parcel has is of a label that is void: a request has had it made so, or waits for another one. */
export const hasVoidLabel = (order: LogisticsOrder, shipmentId: string): boolean =>
  order.stops.some((stop) => {
    const progress = progressOf(stop, shipmentId)
    return isWaitingForLabel(progress) || progress?.state === 'label-voided'
  })

/** What news of a parcel mean while its new label is waited for: with one it goes to the customer, and also when it has left without. */
export const newsOfLabel = (before: Shipment, shipment: Shipment, now: string): ParcelStop | undefined => {
  if (isAtItsEnd(shipment.status)) return { state: 'left-as-is' }
  if (shipment.status === 'returning') return undefined
  const isNew = shipment.trackingNumber !== before.trackingNumber
  return isNew || shipment.status !== 'label-created' ? { state: 'resumed', operation: 'relabel', at: now } : undefined
}

/** `LABEL_PATIENCE` has passed since the shop was told: a person has to see to the label. One that comes later still counts. */
export const labelOverdue = (order: LogisticsOrder | undefined, task: ParcelTask): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'label-wanted')
  if (found === undefined) return {}
  const { stop, shipment, progress } = found
  const { operation, begun, until } = progress
  const error = `expected a new label in the place of ${shipment.carrier} ${shipment.trackingNumber} by ${until}, the shop has told none`
  return advance(found.order, stop, [
    {
      shipmentId: shipment.shipmentId,
      progress: { state: 'resume-stuck', operation, begun, error, attempts: 1 },
      unschedule: waitIds(found.order, stop, shipment.shipmentId, begun),
    },
  ])
}
