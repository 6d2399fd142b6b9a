import type { AnswerTo, CommandData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/service/decision.ts'
import { isBehind } from '@countermand/service/versions.ts'
import { type LogisticsOrder, stopOf, withStop } from '../state.ts'
import { advanceStop, type Move } from './advance.ts'
import { isInOtherHands, planParcel, stopByStatus } from './coverage.ts'
import type { In } from './find-parcel.ts'
import { type HoldPolicy, holdInstead, holdsAwaited, neverHeld } from './hold.ts'
import { type ParcelStop, progressOf, type Stop, type StopOperation } from './parcel-stop.ts'
import { isAtItsEnd, type Shipment } from './shipment.ts'
import { takenBy } from './taken.ts'
import { callTask, type Due } from './tasks.ts'

/** `PauseFulfilment` and `StopShipment`: the do. Its undo is in `resume.ts`. */

export const unheardOf = (orderId: string, patienceMs: number) =>
  ({
    type: 'StepFailed',
    error: `order ${orderId} not heard of within ${patienceMs} ms`,
    attempts: 1,
    moneyInDoubt: false,
  }) as const

/** A parcel's next move towards a stop: the call that `progress` asks for, if any; later, while another request is about to let it go. */
export const towards = (
  order: LogisticsOrder,
  stop: Stop,
  shipment: Shipment,
  progress: ParcelStop,
  due: Due,
): Move => ({
  shipmentId: shipment.shipmentId,
  progress,
  ...(progress.state === 'stopping' && !isInOtherHands(order, stop, shipment.shipmentId)
    ? { schedule: [callTask(order, stop, shipment, progress.operation, progress.begun, due)] }
    : {}),
})

const firstMoves = (order: LogisticsOrder, stop: Stop, at: Moment, policy: HoldPolicy): Move[] =>
  order.shipments.flatMap((shipment) => {
    const progress = planParcel(order, stop, shipment)
    if (progress === undefined) return []
    return [holdInstead(order, stop, towards(order, stop, shipment, progress, at.now), at.now, policy)]
  })

/**
 * How a stop that was begun goes on, by where the parcel is now. The carrier may have done something already: it knows the work by the
 * round that began it, and an undo takes it back whatever the work comes to. Not `inDoubt`: it was never asked.
 */
export const carryOn = (shipment: Shipment, stop: Stop, begun: number, inDoubt = true): ParcelStop => {
  const next = stopByStatus(shipment, stop)
  if (next.state === 'stopping') return { ...next, begun, inDoubt }
  if (next.state === 'failed') return { ...next, open: true }
  if (shipment.status === 'lost') return { state: 'not-needed', withheld: [], open: true }
  return { state: 'intercepted' }
}

/** The same of a stop that has waited for its turn to ask the carrier. */
export const stopNotAsked = (shipment: Shipment, stop: Stop, { begun, inDoubt }: In<'stopping'>): ParcelStop =>
  inDoubt ? carryOn(shipment, stop, begun) : stopByStatus(shipment, stop)

export interface StopWork {
  readonly operation: StopOperation
  readonly begun: number
}

/** What tracking has settled, or set on another road, whatever the carrier answers to the work at hand. */
export const overtaken = (shipment: Shipment, stop: Stop, work: StopWork): ParcelStop | undefined => {
  const { status } = shipment
  const stillOpen =
    work.operation === 'void-label' ? status === 'label-created' : !isAtItsEnd(status) && status !== 'returning'
  return stillOpen ? undefined : carryOn(shipment, stop, work.begun)
}

/** Where one parcel has had its final "no", nobody is called for the others: the answer is that no. */
const nextRound = (order: LogisticsOrder, stop: Stop, at: Moment): Move[] => {
  if (stop.parcels.some(({ progress }) => progress.state === 'failed')) return []
  return order.shipments.flatMap((shipment) => {
    const progress = progressOf(stop, shipment.shipmentId)
    if (progress?.state !== 'stuck') return []
    return [towards(order, stop, shipment, carryOn(shipment, stop, progress.begun, progress.inDoubt), at.now)]
  })
}

const undoUnderWay = (orderId: string) =>
  ({
    type: 'StepFailed',
    error: `the parcels of order ${orderId} are still being resumed: expected the undo to end before the next round`,
    attempts: 1,
    moneyInDoubt: false,
  }) as const

export const decideStop = (
  order: LogisticsOrder | undefined,
  command: CommandData<'StopShipment'>,
  at: Moment,
  patienceMs: number,
  policy: HoldPolicy = neverHeld,
): Decision<LogisticsOrder, AnswerTo<'StopShipment'>> | NotYet => {
  if (order === undefined) return at.patienceOver ? { answer: unheardOf(command.orderId, patienceMs) } : notYet
  const known = stopOf(order, command.requestId)
  if (known?.phase === 'resuming') return { answer: undoUnderWay(command.orderId) }
  if (known?.phase === 'stopping') {
    const next = { ...known, round: command.round, answered: false }
    return advanceStop(withStop(order, next), next, nextRound(order, next, at))
  }
  const behind = isBehind(order.version, command, at)
  if (behind !== undefined) return behind
  const lines = command.lines.map(({ lineId, quantity }) => ({ lineId, quantity }))
  const stop: Stop = {
    requestId: command.requestId,
    phase: 'stopping',
    round: command.round,
    answered: false,
    whole: command.whole,
    lines,
    taken: command.whole ? [] : takenBy(order, lines),
    parcels: [],
  }
  const marked = withStop(order, stop)
  const decision = advanceStop(marked, stop, firstMoves(marked, stop, at, policy))
  return decision.answer === undefined
    ? { ...decision, settle: holdsAwaited(stopOf(decision.state, stop.requestId)) }
    : decision
}

/** What is not handed over stays where it is while the request waits for the merchant. A mark: no carrier is called. */
export const decidePause = (
  order: LogisticsOrder | undefined,
  command: CommandData<'PauseFulfilment'>,
  at: Moment,
  patienceMs: number,
): Decision<LogisticsOrder, AnswerTo<'PauseFulfilment'>> | NotYet => {
  if (order === undefined) return at.patienceOver ? { answer: unheardOf(command.orderId, patienceMs) } : notYet
  const shipments = order.shipments.map(({ shipmentId, status }) => ({
    shipmentId,
    result: status === 'label-created' ? ('paused' as const) : ('not-needed' as const),
  }))
  const answer = { type: 'FulfilmentPaused', shipments } as const
  const known = stopOf(order, command.requestId)
  if (known !== undefined && known.phase !== 'resumed') return { answer }
  const pause = {
    phase: 'paused',
    round: command.round,
    answered: true,
    whole: false,
    lines: [],
    taken: [],
    parcels: [],
  } as const
  return { state: withStop(order, { requestId: command.requestId, ...pause }), answer }
}
