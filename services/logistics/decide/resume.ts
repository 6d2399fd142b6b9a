import type { AnswerTo, CommandData } from '@countermand/contracts'
import type { Decision, Moment } from '@countermand/messaging'
import type { RelabelResult, ResumeResult } from '../carriers/carrier.ts'
import { type LogisticsOrder, shipmentOf, stopOf, withStop } from '../state.ts'
import { advance, advanceResume, type Move, settlement } from './advance.ts'
import { findParcel } from './find-parcel.ts'
import type { ParcelStop, ResumeOperation, Stop } from './parcel-stop.ts'
import { changedByUs, isAtItsEnd, type Shipment } from './shipment.ts'
import { type CallResult, callTask, type ParcelTask, waitIds } from './tasks.ts'

/** `ResumeShipment`, the undo of a stop and of a pause: every parcel goes to the customer again, or is as its carrier says. */

const leftAsIs: ParcelStop = { state: 'left-as-is' }

/** How a parcel that may be stopped is set on its way again: by where it is now; `undefined`: nobody can, or needs to. */
const resumeOperation = (shipment: Shipment): ResumeOperation | undefined => {
  if (isAtItsEnd(shipment.status)) return undefined
  return shipment.status === 'label-created' ? 'relabel' : 'resume'
}

/** Takes back whatever its carrier did or may have done. `begun`: the round that began to, by default this one. */
export const resumeParcel = (
  order: LogisticsOrder,
  stop: Stop,
  shipment: Shipment,
  dueAt: string,
  begun: number = stop.round,
): Move => {
  const { shipmentId } = shipment
  const operation = resumeOperation(shipment)
  if (operation === undefined) return { shipmentId, progress: leftAsIs }
  const schedule = [callTask(order, stop, shipment, operation, begun, dueAt)]
  return { shipmentId, progress: { state: 'resuming', operation, begun }, schedule }
}

const takeBack = (order: LogisticsOrder, stop: Stop, shipment: Shipment, progress: ParcelStop, now: string): Move => {
  const { shipmentId } = shipment
  switch (progress.state) {
    case 'stopping':
    case 'resuming':
    case 'resumed':
    case 'left-as-is':
      return { shipmentId, progress }
    case 'late-intercepted':
      // As long as its carrier has it, it can be asked once more.
      return isAtItsEnd(shipment.status) ? { shipmentId, progress } : resumeParcel(order, stop, shipment, now)
    case 'not-needed':
    case 'failed':
      return progress.open ? resumeParcel(order, stop, shipment, now) : { shipmentId, progress: leftAsIs }
    case 'accepted': {
      const unschedule = waitIds(order, stop, shipmentId, progress.begun)
      return { ...resumeParcel(order, stop, shipment, now), unschedule }
    }
    case 'label-voided':
    case 'intercepted':
    case 'stuck':
      return resumeParcel(order, stop, shipment, now)
    case 'resume-stuck':
      return resumeParcel(order, stop, shipment, now, progress.begun)
  }
}

/** The stop, if it is still unanswered, never comes now: its asker is told. */
const undoneDo = (stop: Stop) =>
  stop.phase === 'stopping' && !stop.answered ? { settle: [settlement(stop, 'do', { type: 'Undone' })] } : {}

export const decideResume = (
  order: LogisticsOrder | undefined,
  command: CommandData<'ResumeShipment'>,
  at: Moment,
): Decision<LogisticsOrder, AnswerTo<'ResumeShipment'>> => {
  const known = stopOf(order, command.requestId)
  if (order === undefined || known === undefined) return { answer: { type: 'NothingToUndo' } }
  const stop: Stop = { ...known, phase: 'resuming', round: command.round, answered: false }
  const resuming = withStop(order, stop)
  const moves = stop.parcels.flatMap(({ shipmentId, progress }) => {
    const shipment = shipmentOf(order, shipmentId)
    return shipment === undefined ? [] : [takeBack(resuming, stop, shipment, progress, at.now)]
  })
  return { ...advanceResume(resuming, stop, moves), ...undoneDo(known) }
}

const resumed = (
  shipment: Shipment,
  operation: ResumeOperation,
  value: ResumeResult | RelabelResult,
  now: string,
): Move => {
  const { shipmentId, trackingNumber, status } = shipment
  const progress: ParcelStop = { state: 'resumed', operation, at: now }
  if (isAtItsEnd(status)) return { shipmentId, progress: leftAsIs }
  if (value.result === 'resumed')
    return {
      shipmentId,
      progress,
      ...(status === 'returning' ? { changed: changedByUs(shipment, { status: 'in-transit' }, now) } : {}),
    }
  if (value.trackingNumber === trackingNumber) return { shipmentId, progress }
  const earlierTrackingNumbers = [...shipment.earlierTrackingNumbers, trackingNumber]
  const label = { trackingNumber: value.trackingNumber, earlierTrackingNumbers }
  return { shipmentId, progress, changed: changedByUs(shipment, label, now) }
}

/** The carrier's answer to `resume` or `relabel`. */
export const resumeCallReturned = (
  order: LogisticsOrder | undefined,
  task: ParcelTask,
  result: CallResult<ResumeResult | RelabelResult>,
  now: string,
): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'resuming')
  if (found === undefined) return {}
  const { stop, shipment, progress } = found
  if (result.ok) return advance(found.order, stop, [resumed(shipment, progress.operation, result.value, now)])
  const { error, attempts, retryAt } = result
  const { operation, begun } = progress
  const { shipmentId } = shipment
  const move: Move =
    retryAt === undefined
      ? { shipmentId, progress: { state: 'resume-stuck', operation, begun, error, attempts } }
      : resumeParcel(found.order, stop, shipment, retryAt, begun)
  return advance(found.order, stop, [move])
}
