import { atLeastAfter, believed, clockSkewMs, type EventData, isNews, most } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/messaging/decision.ts'
import { type LogisticsOrder, shipmentOf, withShipment } from '../state.ts'
import { advance, type Move } from './advance.ts'
import { isHeldBy, markAgainst, planParcel } from './coverage.ts'
import { type ParcelStop, progressOf, type Stop } from './parcel-stop.ts'
import { isAtItsEnd, type Shipment, shipmentChanged } from './shipment.ts'
import { overtaken, towards } from './stop.ts'
import { waitIds } from './tasks.ts'

/** What the outside tells: an order was accepted, a parcel moved. */

export const orderAccepted = (
  order: LogisticsOrder | undefined,
  event: EventData<'order.accepted.v1'>,
): Decision<LogisticsOrder> => {
  if (order !== undefined) return {}
  const lineIds = event.lines.map((line) => line.lineId)
  return {
    state: {
      orderId: event.orderId,
      lines: event.lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
      shipments: event.shipments.map((each) => ({
        shipmentId: each.shipmentId,
        carrier: each.carrier,
        trackingNumber: each.trackingNumber,
        earlierTrackingNumbers: [],
        status: each.status,
        at: null,
        byOurClock: false,
        lineIds: each.lineIds ?? lineIds,
      })),
      stops: [],
    },
  }
}

/** What the carrier says of a parcel. */
type Word = Shipment & { readonly at: string }

/** Whether the parcel is said to turn round before the moment when the carrier let it go on. */
const turnedBeforeResumed = (order: LogisticsOrder, word: Word): boolean =>
  word.status === 'returning' &&
  order.stops.some((stop) => {
    const progress = progressOf(stop, word.shipmentId)
    return progress?.state === 'resumed' && Date.parse(word.at) < Date.parse(progress.at)
  })

/** At its end a parcel comes only once: that counts also when the carrier's clock was a little behind ours. */
const endsAfterOurChange = (known: Shipment, word: Word): boolean =>
  known.byOurClock &&
  known.at !== null &&
  isAtItsEnd(word.status) &&
  !isAtItsEnd(known.status) &&
  Date.parse(word.at) >= Date.parse(known.at) - clockSkewMs

/** What is known of a parcel after a word of it; `undefined`: it is no news. */
const afterWord = (order: LogisticsOrder, known: Shipment, word: Word, now: string): Word | undefined => {
  if (isNews(known, word, now)) return turnedBeforeResumed(order, word) ? undefined : word
  // Dated after our change, so that it is news to everybody.
  return endsAfterOurChange(known, word) ? { ...word, at: atLeastAfter(known, word.at), byOurClock: true } : undefined
}

const wordOf = (
  order: LogisticsOrder,
  known: Shipment | undefined,
  event: EventData<'shipment.updated.v1'>,
  now: string,
): Word => {
  const earlierTrackingNumbers = known?.earlierTrackingNumbers ?? []
  const isOldLabel = known !== undefined && earlierTrackingNumbers.includes(event.trackingNumber)
  const at = believed(event.at, now)
  return {
    shipmentId: event.shipmentId,
    carrier: event.carrier,
    trackingNumber: isOldLabel ? known.trackingNumber : event.trackingNumber,
    earlierTrackingNumbers,
    status: event.status,
    at,
    byOurClock: at !== event.at,
    lineIds: event.lineIds ?? known?.lineIds ?? order.lines.map((line) => line.lineId),
  }
}

type Progress<State extends ParcelStop['state']> = Extract<ParcelStop, { state: State }>

/** A parcel that needed no stop moves after all: found again, sent on again. The mark holds for it too. */
const movesAfterAll = (
  order: LogisticsOrder,
  stop: Stop,
  shipment: Shipment,
  progress: Progress<'not-needed'>,
): ParcelStop | undefined => {
  if (stop.phase !== 'stopping' || progress.withheld.length > 0) return undefined
  const next = planParcel(order, stop, shipment)
  if (next?.state === 'stopping') return { ...next, inDoubt: progress.open }
  return next?.state === 'failed' ? { ...next, open: progress.open } : undefined
}

/**
 * The request for which a parcel comes back though its intercept was taken back: of several, the last. None, when it was on its
 * way back already, or another request has stopped it.
 */
const comesBackFor = (order: LogisticsOrder, before: Shipment, shipment: Shipment): string | undefined => {
  if (shipment.status !== 'returning' && shipment.status !== 'returned') return undefined
  if (isAtItsEnd(before.status) || before.status === 'returning') return undefined
  if (order.stops.some((stop) => isHeldBy(stop, shipment))) return undefined
  const wasIntercepted = (stop: Stop): boolean => {
    const progress = progressOf(stop, shipment.shipmentId)
    return progress?.state === 'resumed' && progress.operation === 'resume'
  }
  return order.stops.findLast(wasIntercepted)?.requestId
}

/** What news of a parcel means for a request that has, or had, to do with it. */
const nextProgress = (
  order: LogisticsOrder,
  stop: Stop,
  before: Shipment,
  shipment: Shipment,
  at: Moment,
): ParcelStop | undefined => {
  const progress = progressOf(stop, shipment.shipmentId)
  switch (progress?.state) {
    case 'accepted':
      return overtaken(shipment, stop, progress)
    case 'intercepted':
      // Its carrier had said that it turned it round.
      return stop.phase === 'stopping' && shipment.status === 'delivered'
        ? { state: 'failed', failure: 'delivered', open: true }
        : undefined
    case 'label-voided':
      return stop.phase === 'stopping'
        ? overtaken(shipment, stop, { operation: 'void-label', begun: stop.round })
        : undefined
    case 'not-needed':
      return movesAfterAll(order, stop, shipment, progress)
    case 'resumed':
      return comesBackFor(order, before, shipment) === stop.requestId
        ? { state: 'late-intercepted', at: at.now }
        : undefined
    default:
      return undefined
  }
}

const consequence = (
  order: LogisticsOrder,
  stop: Stop,
  before: Shipment,
  shipment: Shipment,
  at: Moment,
): Move | undefined => {
  const next = nextProgress(order, stop, before, shipment, at)
  if (next === undefined) return undefined
  const { shipmentId } = shipment
  const progress = progressOf(stop, shipmentId)
  const unschedule = progress?.state === 'accepted' ? waitIds(order, stop, shipmentId, progress.begun) : []
  return { ...towards(order, stop, shipment, next, at.now), unschedule }
}

const merge = (first: Decision<LogisticsOrder>, second: Decision<LogisticsOrder>): Decision<LogisticsOrder> => ({
  ...first,
  ...second,
  publish: [...(first.publish ?? []), ...(second.publish ?? [])],
  schedule: [...(first.schedule ?? []), ...(second.schedule ?? [])],
  unschedule: [...(first.unschedule ?? []), ...(second.unschedule ?? [])],
  settle: [...(first.settle ?? []), ...(second.settle ?? [])],
})

/** A shipment that a mark forbids is stopped as soon as it is known. */
const underMark = (order: LogisticsOrder, shipment: Shipment, at: Moment): Decision<LogisticsOrder> => {
  const stop = markAgainst(order, shipment)
  const progress = stop === undefined ? undefined : planParcel(order, stop, shipment)
  if (stop === undefined || progress === undefined) return {}
  return advance(order, stop, [towards(order, stop, shipment, progress, at.now)])
}

const forEachStop = (
  order: LogisticsOrder,
  before: Shipment,
  shipment: Shipment,
  at: Moment,
): Decision<LogisticsOrder> =>
  order.stops.reduce<Decision<LogisticsOrder>>((decision, { requestId }) => {
    const now = decision.state ?? order
    const stop = now.stops.find((each) => each.requestId === requestId)
    const move = stop === undefined ? undefined : consequence(now, stop, before, shipment, at)
    return stop === undefined || move === undefined ? decision : merge(decision, advance(now, stop, [move]))
  }, {})

/** `shipment.updated.v1`: checked once for all and passed on as `shipment.changed.v1`, always with the lines that the parcel holds. */
export const shipmentUpdated = (
  order: LogisticsOrder | undefined,
  event: EventData<'shipment.updated.v1'>,
  at: Moment,
  patienceMs: number,
): Decision<LogisticsOrder> | NotYet => {
  if (order === undefined) {
    const error = `expected news of a known order, got order ${event.orderId}, not heard of within ${patienceMs} ms`
    return at.patienceOver ? { deadLetter: { reason: 'unknown-order', error } } : notYet
  }
  const ordered = new Set(order.lines.map((line) => line.lineId))
  const strange = event.lineIds?.find((lineId) => !ordered.has(lineId))
  if (strange !== undefined)
    return {
      deadLetter: {
        reason: 'invalid-data',
        error: `lineIds: expected lines of order ${event.orderId}, got ${strange}`,
      },
    }
  const known = shipmentOf(order, event.shipmentId)
  if (known === undefined && order.shipments.length >= most.shipments)
    return {
      deadLetter: {
        reason: 'invalid-data',
        error: `shipmentId: expected at most ${most.shipments} parcels of order ${event.orderId}, got one more`,
      },
    }
  const word = wordOf(order, known, event, at.now)
  const shipment = known === undefined ? word : afterWord(order, known, word, at.now)
  if (shipment === undefined) return {}
  const state = withShipment(order, shipment)
  const requestId = known && comesBackFor(state, known, shipment)
  const late = requestId === undefined ? {} : { lateIntercept: { requestId, since: at.now } }
  const passedOn = { state, publish: [shipmentChanged(order.orderId, shipment, shipment.at, late)] }
  return merge(passedOn, known === undefined ? underMark(state, shipment, at) : forEachStop(state, known, shipment, at))
}
