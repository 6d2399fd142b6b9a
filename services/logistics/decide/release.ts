import type { AnswerTo, CommandData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/service/decision.ts'
import type { StopResult } from '../carriers/carrier.ts'
import { type LogisticsOrder, shipmentOf, stopOf } from '../state.ts'
import { advance, type Move } from './advance.ts'
import { releaseAnswer } from './answers.ts'
import { findParcel, type In } from './find-parcel.ts'
import { giveBack } from './hold.ts'
import { isLive, type ParcelStop, type Stop } from './parcel-stop.ts'
import { resumeAfterCall } from './resume.ts'
import { unheardOf } from './stop.ts'
import type { CallResult, ParcelTask } from './tasks.ts'

/** `ReleaseLabels`: money has moved, so the labels of parcels that were only held are given back, for their postage. */

/** From now on somebody waits for it. */
const withoutMark = ({ unasked: _, ...progress }: In<'releasing'>): ParcelStop => progress

const firstMoves = (order: LogisticsOrder, stop: Stop, round: number, now: string): Move[] =>
  stop.parcels.flatMap(({ shipmentId, progress }): Move[] => {
    const shipment = shipmentOf(order, shipmentId)
    if (progress.state === 'releasing') return [{ shipmentId, progress: withoutMark(progress) }]
    if (shipment === undefined || (progress.state !== 'held' && progress.state !== 'release-stuck')) return []
    // As after each no of a carrier, what failed goes on under its key.
    return [giveBack(order, { ...stop, round }, shipment, progress.state === 'held' ? round : progress.begun, now)]
  })

export const decideRelease = (
  order: LogisticsOrder | undefined,
  { orderId, requestId, round }: CommandData<'ReleaseLabels'>,
  at: Moment,
  patienceMs: number,
): Decision<LogisticsOrder, AnswerTo<'ReleaseLabels'>> | NotYet => {
  if (order === undefined) return at.patienceOver ? { answer: unheardOf(orderId, patienceMs) } : notYet
  const stop = stopOf(order, requestId)
  if (stop === undefined || !isLive(stop)) return { answer: { type: 'LabelsReleased', shipments: [] } }
  const { answer: _, settle: __, ...decision } = advance(order, stop, firstMoves(order, stop, round, at.now))
  const now = stopOf(decision.state, requestId)
  const answer = now && releaseAnswer(now)
  return answer === undefined ? decision : { ...decision, answer }
}

const outcomeOf = (value: StopResult): ParcelStop => {
  switch (value.result) {
    case 'voided':
    case 'intercepted':
      return { state: 'released', label: 'voided' }
    case 'accepted':
      return { state: 'released', label: 'void-asked' }
    case 'refused':
      return { state: 'released', label: 'kept', reason: value.reason ?? value.failure }
  }
}

/** The carrier's answer to `release`. A no leaves the parcel where it is, and its postage lost. */
export const releaseCallReturned = (
  order: LogisticsOrder | undefined,
  task: ParcelTask,
  result: CallResult<StopResult>,
  now: string,
): Decision<LogisticsOrder> => {
  const found = findParcel(order, task, 'releasing')
  if (found === undefined) return {}
  const { stop, shipment, progress } = found
  // Whatever it did, the parcel gets a valid label.
  if (stop.phase === 'resuming') return resumeAfterCall(found, false, now)
  const { operation, begun } = progress
  if (!result.ok && result.again !== undefined)
    return advance(found.order, stop, [
      { ...giveBack(found.order, { ...stop, round: task.round }, shipment, begun, result.again), progress },
    ])
  const next: ParcelStop = result.ok
    ? outcomeOf(result.value)
    : { state: 'release-stuck', operation, begun, error: result.error, attempts: result.attempts }
  return advance(found.order, stop, [{ shipmentId: shipment.shipmentId, progress: next }])
}
