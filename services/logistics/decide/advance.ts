import type { Answer } from '@countermand/contracts'
import type { Decision, Publication, TaskSpec } from '@countermand/service'
import { type LogisticsOrder, shipmentOf, stopOf, withShipment, withStop } from '../state.ts'
import { type ResumeAnswer, releaseAnswer, resultsOf, resumeAnswer, type StopAnswer, stopAnswer } from './answers.ts'
import { isReleasing, type ParcelStop, progressOf, type Stop, type StoppedParcel, withProgress } from './parcel-stop.ts'
import { holdOf, type Shipment, shipmentChanged } from './shipment.ts'

/** What happens to one parcel of a stop. */
export interface Move {
  readonly shipmentId: string
  readonly progress: ParcelStop
  readonly carrierRef?: string
  readonly fee?: StoppedParcel['fee']
  readonly publish?: readonly Publication[]
  /** The shipment as it is from now on, to be told to the other services. */
  readonly changed?: Shipment & { readonly at: string }
  readonly schedule?: readonly TaskSpec[]
  readonly unschedule?: readonly string[]
}

export interface Advanced<Reply extends Answer> {
  readonly state: LogisticsOrder
  readonly publish: readonly Publication[]
  readonly schedule: readonly TaskSpec[]
  readonly unschedule: readonly string[]
  /** The final answer of this round, given once. */
  readonly answer?: Reply
}

/** Tells the warehouse when it is to keep a parcel, for whom, or not any more. Nothing else of it has changed. */
const holdTold = (before: LogisticsOrder, after: LogisticsOrder, stop: Stop, shipmentId: string): Publication[] => {
  const shipment = shipmentOf(after, shipmentId)
  if (shipment === undefined) return []
  const hold = holdOf(after.stops, shipment)
  if (hold === holdOf(before.stops, shipment)) return []
  const { requestId, round } = stop
  const id = ['hold', hold ?? '', requestId, String(round), progressOf(stop, shipmentId)?.state ?? '']
  return [shipmentChanged(after, shipment, undefined, {}, id)]
}

const apply = (order: LogisticsOrder, stop: Stop, moves: readonly Move[]) => {
  const moved = moves.reduce(
    (state, { changed }) => (changed === undefined ? state : withShipment(state, changed)),
    order,
  )
  const next = moves.reduce(
    (state, { shipmentId, progress, carrierRef, fee }) =>
      withProgress(state, {
        ...{ shipmentId, progress },
        ...(carrierRef !== undefined && { carrierRef }),
        ...(fee !== undefined && { fee }),
      }),
    stop,
  )
  const after = withStop(moved, next)
  return {
    order: moved,
    stop: next,
    publish: moves.flatMap(({ shipmentId, changed, publish = [] }) => [
      ...(changed === undefined
        ? holdTold(order, after, next, shipmentId)
        : [shipmentChanged(after, changed, changed.at)]),
      ...publish,
    ]),
    schedule: moves.flatMap((move) => move.schedule ?? []),
    unschedule: moves.flatMap((move) => move.unschedule ?? []),
  }
}

/** Makes the moves of a stop; answers its do when that was the last of them. */
export const advanceStop = (order: LogisticsOrder, stop: Stop, moves: readonly Move[]): Advanced<StopAnswer> => {
  const { order: moved, stop: next, ...effects } = apply(order, stop, moves)
  const answer = next.answered ? undefined : stopAnswer(moved, next)
  if (answer === undefined) return { state: withStop(moved, next), ...effects }
  return { state: withStop(moved, { ...next, answered: true }), ...effects, answer }
}

/** Makes the moves of a stop that is taken back; answers its undo when that was the last of them. */
export const advanceResume = (order: LogisticsOrder, stop: Stop, moves: readonly Move[]): Advanced<ResumeAnswer> => {
  const { order: moved, stop: next, ...effects } = apply(order, stop, moves)
  const answer = next.answered ? undefined : resumeAnswer(next)
  if (answer === undefined) return { state: withStop(moved, next), ...effects }
  const phase = answer.type === 'ShipmentResumed' ? 'resumed' : 'resuming'
  return { state: withStop(moved, { ...next, phase, answered: true }), ...effects, answer }
}

/** Whether the parcel goes to the customer, or may, because nobody asks its carrier any more to stop it. */
export const isNotStopped = (progress: ParcelStop | undefined): boolean =>
  progress?.state === 'failed' || (progress?.state === 'stuck' && progress.late === true)

/** A parcel that goes on though the answer was that it is stopped: by now its cancellation may have ended. */
const lateDeliveries = (order: LogisticsOrder, stop: Stop, moves: readonly Move[]): Publication[] =>
  moves.flatMap(({ shipmentId, progress }) => {
    const shipment = shipmentOf(order, shipmentId)
    if (!isNotStopped(progress) || progressOf(stop, shipmentId)?.state === progress.state) return []
    if (shipment === undefined || stop.phase !== 'stopping' || !stop.answered) return []
    const since = shipment.at ?? new Date(0).toISOString()
    return [shipmentChanged(order, shipment, since, { lateDelivery: { requestId: stop.requestId, since } })]
  })

/** The answer that this stop, or its undo, would have now. */
const answerNow = (order: LogisticsOrder, stop: Stop, undo: boolean): StopAnswer | ResumeAnswer | undefined =>
  undo ? resumeAnswer(stop) : stopAnswer(order, stop)

const isLateNoMore = (stop: Stop, { shipmentId, progress }: Move): boolean =>
  progress.state === 'left-as-is' && progressOf(stop, shipmentId)?.state === 'late-intercepted'

/** Moves by which a step that was answered as stuck, or that a person is asked about, comes to its end when it is asked again. */
const news = (before: LogisticsOrder, stop: Stop, after: LogisticsOrder, moves: readonly Move[]): Publication[] => {
  const undo = stop.phase === 'resuming' || stop.phase === 'resumed'
  const now = stopOf(after, stop.requestId)
  const [move] = moves
  const shipment = move && shipmentOf(after, move.shipmentId)
  if (!stop.answered || now === undefined || shipment === undefined) return []
  const answer = answerNow(after, now, undo)?.type ?? 'StepFailed'
  const isUnstuck = answerNow(before, stop, undo)?.type === 'StepFailed' && answer !== 'StepFailed'
  if (!isUnstuck && !moves.some((each) => isLateNoMore(stop, each))) return []
  const direction = undo ? 'undo' : 'do'
  const newsFor = { requestId: stop.requestId, step: 'stop-parcels', direction } as const
  const id = ['news', stop.requestId, direction, String(stop.round)]
  return [shipmentChanged(after, shipment, undefined, { newsFor }, id)]
}

/** The same for news that no command waits for: an answer that is ready goes to whoever asked last. */
export const advance = (order: LogisticsOrder, stop: Stop, moves: readonly Move[]): Decision<LogisticsOrder> => {
  const undo = stop.phase === 'resuming' || stop.phase === 'resumed'
  const { answer, publish, ...others } = undo ? advanceResume(order, stop, moves) : advanceStop(order, stop, moves)
  const told = [...lateDeliveries(order, stop, moves), ...news(order, stop, others.state, moves)]
  const rest = { ...others, publish: [...publish, ...told] }
  const settle = [
    ...(answer === undefined ? [] : [settlement(stop, undo ? 'undo' : 'do', answer)]),
    ...labelsReleased(stop, stopOf(others.state, stop.requestId)),
  ]
  return settle.length === 0 ? rest : { ...rest, settle }
}

/** Tells whoever waits for labels to be given back that the last of them was. */
const labelsReleased = (before: Stop, after: Stop | undefined) => {
  const answer = isReleasing(before) && after !== undefined ? releaseAnswer(after) : undefined
  if (answer === undefined) return []
  return [{ requestId: before.requestId, step: 'release-labels', direction: 'do' as const, answer }]
}

/** Tells whoever waits for a stop, or for its undo, that somebody took it on and answers later. */
export const pending = (stop: Stop, direction: 'do' | 'undo', message: string) =>
  settlement(stop, direction, { type: 'StepPending', shipments: resultsOf(stop), message })

export const settlement = (stop: Stop, direction: 'do' | 'undo', answer: Answer) => ({
  requestId: stop.requestId,
  step: 'stop-parcels',
  direction,
  answer,
})

/** The second was made of the first's state. */
export const merge = (first: Decision<LogisticsOrder>, second: Decision<LogisticsOrder>): Decision<LogisticsOrder> => ({
  ...first,
  ...second,
  publish: [...(first.publish ?? []), ...(second.publish ?? [])],
  schedule: [...(first.schedule ?? []), ...(second.schedule ?? [])],
  unschedule: [...(first.unschedule ?? []), ...(second.unschedule ?? [])],
  settle: [...(first.settle ?? []), ...(second.settle ?? [])],
})
