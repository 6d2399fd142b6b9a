import type { Answer } from '@countermand/contracts'
import type { Decision, Publication, TaskSpec } from '@countermand/messaging'
import { type LogisticsOrder, shipmentOf, withShipment, withStop } from '../state.ts'
import { type ResumeAnswer, resultsOf, resumeAnswer, type StopAnswer, stopAnswer } from './answers.ts'
import { type ParcelStop, progressOf, type Stop, withProgress } from './parcel-stop.ts'
import { type Shipment, shipmentChanged } from './shipment.ts'

/** What happens to one parcel of a stop. */
export interface Move {
  readonly shipmentId: string
  readonly progress: ParcelStop
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

const apply = (order: LogisticsOrder, stop: Stop, moves: readonly Move[]) => ({
  order: moves.reduce((state, { changed }) => (changed === undefined ? state : withShipment(state, changed)), order),
  stop: moves.reduce((state, { shipmentId, progress }) => withProgress(state, shipmentId, progress), stop),
  publish: moves.flatMap(({ changed }) =>
    changed === undefined ? [] : [shipmentChanged(order.orderId, changed, changed.at)],
  ),
  schedule: moves.flatMap((move) => move.schedule ?? []),
  unschedule: moves.flatMap((move) => move.unschedule ?? []),
})

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

/** A parcel that goes on though the answer was that it is stopped: by now its cancellation may have ended. */
const lateDeliveries = (order: LogisticsOrder, stop: Stop, moves: readonly Move[]): Publication[] =>
  moves.flatMap(({ shipmentId, progress }) => {
    const shipment = shipmentOf(order, shipmentId)
    if (progress.state !== 'failed' || progressOf(stop, shipmentId)?.state === 'failed') return []
    if (shipment === undefined || stop.phase !== 'stopping' || !stop.answered) return []
    const since = shipment.at ?? new Date(0).toISOString()
    return [shipmentChanged(order.orderId, shipment, since, { lateDelivery: { requestId: stop.requestId, since } })]
  })

/** The same for news that no command waits for: an answer that is ready goes to whoever asked last. */
export const advance = (order: LogisticsOrder, stop: Stop, moves: readonly Move[]): Decision<LogisticsOrder> => {
  const undo = stop.phase === 'resuming' || stop.phase === 'resumed'
  const { answer, publish, ...others } = undo ? advanceResume(order, stop, moves) : advanceStop(order, stop, moves)
  const rest = { ...others, publish: [...publish, ...lateDeliveries(order, stop, moves)] }
  if (answer === undefined) return rest
  return { ...rest, settle: [settlement(stop, undo ? 'undo' : 'do', answer)] }
}

/** Tells whoever waits for a stop that a carrier took it on and answers later. */
export const pending = (stop: Stop, message: string) =>
  settlement(stop, 'do', { type: 'StepPending', shipments: resultsOf(stop), message })

export const settlement = (stop: Stop, direction: 'do' | 'undo', answer: Answer) => ({
  requestId: stop.requestId,
  step: 'stop-parcels',
  direction,
  answer,
})
