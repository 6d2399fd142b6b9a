import type { AnswerTo, CommandData } from '@countermand/contracts'
import type { Decision, Moment } from '@countermand/service'
import type { Refused, RelabelResult, ResumeResult } from '../carriers/carrier.ts'
import { type LogisticsOrder, shipmentOf, stopOf, withStop } from '../state.ts'
import { advance, advanceResume, type Move, merge, pending, settlement } from './advance.ts'
import { isInOtherHands } from './coverage.ts'
import { type Found, findParcel, type In } from './find-parcel.ts'
import { wantLabel } from './label.ts'
import { handOn, isKept } from './other-requests.ts'
import type { ParcelStop, ResumeOperation, Stop } from './parcel-stop.ts'
import { changedByUs, isAtItsEnd, type Shipment } from './shipment.ts'
import { type CallResult, callTask, type Due, type ParcelTask, waitIds } from './tasks.ts'

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
  due: Due,
  begun: number = stop.round,
): Move => {
  const { shipmentId } = shipment
  const operation = resumeOperation(shipment)
  if (operation === undefined) return { shipmentId, progress: leftAsIs }
  const schedule = [callTask(order, stop, shipment, operation, begun, due)]
  return { shipmentId, progress: { state: 'resuming', operation, begun }, schedule }
}

/** The undo came while the carrier was called: what that did is taken back at once, unless another request wants it so, or nothing was done. */
export const resumeAfterCall = (
  { order, stop, shipment }: Found<ParcelStop>,
  nothingDone: boolean,
  now: string,
): Decision<LogisticsOrder> => {
  const { shipmentId } = shipment
  const move =
    nothingDone || isKept(order, stop, shipment)
      ? { shipmentId, progress: leftAsIs }
      : resumeParcel(order, stop, shipment, now)
  return handOn(advance(order, stop, [move]), { requestId: stop.requestId, shipmentId }, now)
}

/** An undo has nothing to say of it: a call is under way whose result it takes, or it was taken back. */
const isSettled: ReadonlySet<ParcelStop['state']> = new Set<ParcelStop['state']>([
  ...(['stopping', 'releasing', 'resuming', 'resumed', 'left-as-is', 'label-wanted'] as const),
])

/** Nobody lets a parcel go that another request wants stopped. What the carrier has taken on is the other's to ask for. */
const leftToOther = (order: LogisticsOrder, stop: Stop, { shipmentId }: Shipment, progress: ParcelStop): Move => ({
  shipmentId,
  progress: leftAsIs,
  ...((progress.state === 'accepted' || progress.state === 'holding') && {
    unschedule: waitIds(order, stop, shipmentId, progress.begun),
  }),
})

/** It was only kept where it is: the warehouse is told, and nobody else is asked. */
export const letGo = (shipmentId: string, now: string): Move => ({
  shipmentId,
  progress: { state: 'resumed', operation: 'unhold', at: now },
})

const takeBack = (order: LogisticsOrder, stop: Stop, shipment: Shipment, progress: ParcelStop, now: string): Move => {
  const { shipmentId } = shipment
  // It has waited for its turn, and its carrier was never asked.
  if (progress.state === 'stopping' && isInOtherHands(order, stop, shipmentId))
    return { shipmentId, progress: leftAsIs }
  if (isSettled.has(progress.state)) return { shipmentId, progress }
  if (isKept(order, stop, shipment)) return leftToOther(order, stop, shipment, progress)
  switch (progress.state) {
    case 'late-intercepted':
      // As long as its carrier has it, it can be asked once more.
      return isAtItsEnd(shipment.status) ? { shipmentId, progress } : resumeParcel(order, stop, shipment, now)
    case 'not-needed':
    case 'failed':
      return progress.open ? resumeParcel(order, stop, shipment, now) : { shipmentId, progress: leftAsIs }
    case 'holding':
      return { ...letGo(shipmentId, now), unschedule: waitIds(order, stop, shipmentId, progress.begun) }
    case 'held':
      return letGo(shipmentId, now)
    case 'accepted': {
      const unschedule = waitIds(order, stop, shipmentId, progress.begun)
      return { ...resumeParcel(order, stop, shipment, now), unschedule }
    }
    case 'stuck':
      // What never reached its carrier is not taken back from it.
      return progress.inDoubt === false ? { shipmentId, progress: leftAsIs } : resumeParcel(order, stop, shipment, now)
    case 'label-voided':
    case 'intercepted':
    case 'release-stuck':
    case 'released':
      return resumeParcel(order, stop, shipment, now)
    case 'resume-stuck':
      return resumeParcel(order, stop, shipment, now, progress.refused === undefined ? progress.begun : stop.round)
    default:
      return { shipmentId, progress }
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
  const { answer, ...decision } = advanceResume(resuming, stop, moves)
  const handedOn = known.parcels.reduce<Decision<LogisticsOrder>>(
    (done, { shipmentId, progress }) => handOn(done, { requestId: stop.requestId, shipmentId }, at.now, progress),
    merge(decision, undoneDo(known)),
  )
  const { answer: _, ...effects } = handedOn
  return { ...effects, ...(answer !== undefined && { answer }) }
}

type Resuming = Found<In<'resuming'>>

/** A no is no fault that goes away: a person has to see to the parcel, or ask once more. */
const refusedToResume = ({ shipment, progress }: Resuming, { failure, reason = failure }: Refused): Move => {
  const { shipmentId, carrier, trackingNumber } = shipment
  const { operation, begun } = progress
  const error = `carrier ${carrier} does not let ${trackingNumber} go on to the customer: ${reason}`
  return { shipmentId, progress: { state: 'resume-stuck', operation, begun, error, attempts: 1, refused: failure } }
}

/** Only the shop can make a label; it may have, or the parcel have left, while its carrier was asked. */
const labelRequested = ({ order, stop, shipment, progress }: Resuming, task: ParcelTask, at: Asked): Move => {
  const { shipmentId, status } = shipment
  const { operation, begun } = progress
  if (status === 'returning') return resumeParcel(order, stop, shipment, at.now, begun)
  if (status !== 'label-created' || shipment.trackingNumber !== task.trackingNumber)
    return { shipmentId, progress: { state: 'resumed', operation, at: at.now } }
  return wantLabel(order, stop, shipment, begun, new Date(Date.parse(at.now) + at.labelPatienceMs).toISOString())
}

const labelled = ({ shipment, progress: { operation } }: Resuming, number: string, now: string): Move => {
  const { shipmentId, trackingNumber } = shipment
  const progress: ParcelStop = { state: 'resumed', operation, at: now }
  if (number === trackingNumber) return { shipmentId, progress }
  const earlierTrackingNumbers = [...shipment.earlierTrackingNumbers, trackingNumber]
  return {
    ...{ shipmentId, progress },
    changed: changedByUs(shipment, { trackingNumber: number, earlierTrackingNumbers }, now),
  }
}

interface Asked {
  readonly now: string
  /** How long the shop may take to make a label. */
  readonly labelPatienceMs: number
}

const carriersWord = (found: Resuming, task: ParcelTask, value: ResumeResult | RelabelResult, at: Asked): Move => {
  const { shipment } = found
  const { shipmentId, status } = shipment
  if (isAtItsEnd(status)) return { shipmentId, progress: leftAsIs }
  switch (value.result) {
    case 'refused':
      return isKept(found.order, found.stop, shipment)
        ? { shipmentId, progress: leftAsIs }
        : refusedToResume(found, value)
    case 'requested':
      if (isKept(found.order, found.stop, shipment)) return { shipmentId, progress: leftAsIs }
      return labelRequested(found, task, at)
    case 'labelled':
      return labelled(found, value.trackingNumber, at.now)
    case 'resumed':
      return {
        ...{ shipmentId, progress: { state: 'resumed', operation: found.progress.operation, at: at.now } },
        ...(status === 'returning' ? { changed: changedByUs(shipment, { status: 'in-transit' }, at.now) } : {}),
      }
  }
}

/** Tells whoever waits for the undo that it takes as long as the shop takes to make a label. */
const labelAwaited = (stop: Stop, { shipmentId, progress }: Move) =>
  progress.state === 'label-wanted' && !stop.answered
    ? [
        pending(
          stop,
          'undo',
          `the shop was asked for a new label of parcel ${shipmentId}, which is due by ${progress.until}`,
        ),
      ]
    : []

const afterFailure = (
  { order, stop, shipment, progress }: Resuming,
  failure: CallResult<never> & { ok: false },
): Move => {
  const { error, attempts, again } = failure
  const { operation, begun } = progress
  const { shipmentId } = shipment
  if (isKept(order, stop, shipment)) return { shipmentId, progress: leftAsIs }
  return again === undefined
    ? { shipmentId, progress: { state: 'resume-stuck', operation, begun, error, attempts } }
    : resumeParcel(order, stop, shipment, again, begun)
}

/** The carrier's answer to `resume` or `relabel`. */
export const resumeCallReturned = (
  order: LogisticsOrder | undefined,
  task: ParcelTask,
  result: CallResult<ResumeResult | RelabelResult>,
  at: Asked,
): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'resuming')
  if (found === undefined) return {}
  const { stop, shipment } = found
  const move = result.ok ? carriersWord(found, task, result.value, at) : afterFailure(found, result)
  const decision = advance(found.order, stop, [move])
  const told = decision.settle === undefined ? { ...decision, settle: labelAwaited(stop, move) } : decision
  return handOn(told, { requestId: stop.requestId, shipmentId: shipment.shipmentId }, at.now)
}
