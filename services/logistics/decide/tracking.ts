import { atLeastAfter, believed, clockSkewMs, type EventData, isNews, most } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, unknownOrder } from '@countermand/service/decision.ts'
import { type LogisticsOrder, shipmentOf, withShipment } from '../state.ts'
import { advance, isNotStopped, type Move, merge } from './advance.ts'
import { isHeldBy, markAgainst, planParcel, stopByStatus } from './coverage.ts'
import { hasVoidLabel, newsOfLabel } from './label.ts'
import { contentOf, wrongContent } from './parcel-content.ts'
import { type ParcelStop, progressOf, type Stop } from './parcel-stop.ts'
import { isAtItsEnd, type Shipment, shipmentChanged } from './shipment.ts'
import { carryOn, overtaken, towards } from './stop.ts'
import { foundIn } from './taken.ts'
import { waitIds } from './tasks.ts'

/** What carriers tell: a parcel moved. */

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
  const earlier = known?.earlierTrackingNumbers ?? []
  const isOldLabel = known !== undefined && earlier.includes(event.trackingNumber)
  const isRelabelled =
    known !== undefined &&
    !isOldLabel &&
    known.trackingNumber !== event.trackingNumber &&
    hasVoidLabel(order, known.shipmentId)
  const earlierTrackingNumbers = isRelabelled ? [...earlier, known.trackingNumber] : earlier
  const at = believed(event.at, now)
  return {
    shipmentId: event.shipmentId,
    carrier: event.carrier,
    trackingNumber: isOldLabel ? known.trackingNumber : event.trackingNumber,
    earlierTrackingNumbers,
    shipmentRef: event.shipmentRef ?? known?.shipmentRef ?? null,
    status: event.status,
    at,
    byOurClock: at !== event.at,
    ...contentOf(order, known, event),
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

/** The requests whose answer was that the parcel is stopped, that it went out for all the same, and that it is back for now. */
const lateReturns = (order: LogisticsOrder, before: Shipment, shipment: Shipment) =>
  shipment.status !== 'returned' || before.status === 'returned'
    ? []
    : order.stops.flatMap((stop) => {
        const wentOut = isNotStopped(progressOf(stop, shipment.shipmentId))
        if (stop.phase !== 'stopping' || !stop.answered || !wentOut) return []
        const { requestId } = stop
        return [shipmentChanged(order, shipment, shipment.at ?? before.at ?? '', { lateReturn: { requestId } })]
      })

/** A carrier that had used up its attempts is called again when a person says so. */
const withoutCalling = (next: ParcelStop | undefined): ParcelStop | undefined =>
  next?.state === 'stopping' ? undefined : next

/** A parcel that was kept where it is has gone out all the same. Before its label was given back, its carrier knew nothing of all this. */
const leftThoughHeld = (shipment: Shipment, stop: Stop, state: ParcelStop['state']): ParcelStop | undefined => {
  if (shipment.status === 'label-created') return undefined
  return carryOn(shipment, stop, stop.round, state !== 'holding' && state !== 'held')
}

/** The customer has it. One that came back, or is lost, is for a person to look at. */
const leftWithCustomer = ({ status }: Shipment): ParcelStop | undefined =>
  status === 'delivered' ? { state: 'left-as-is' } : undefined

/** A parcel whose label is void has another one, which a shop made for an undo, or by itself; or it moves all the same. */
const afterVoid = (stop: Stop, before: Shipment, shipment: Shipment): ParcelStop | undefined =>
  shipment.status === 'label-created' && shipment.trackingNumber !== before.trackingNumber
    ? stopByStatus(shipment, stop)
    : overtaken(shipment, stop, { operation: 'void-label', begun: stop.round })

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
      return stop.phase === 'stopping' ? afterVoid(stop, before, shipment) : undefined
    case 'holding':
    case 'held':
    case 'releasing':
    case 'release-stuck':
    case 'released':
      return stop.phase === 'stopping' ? leftThoughHeld(shipment, stop, progress.state) : undefined
    case 'not-needed':
      return movesAfterAll(order, stop, shipment, progress)
    case 'resumed':
      return comesBackFor(order, before, shipment) === stop.requestId
        ? { state: 'late-intercepted', at: at.now }
        : undefined
    case 'stuck':
      return stop.phase === 'stopping' ? withoutCalling(overtaken(shipment, stop, progress)) : undefined
    case 'label-wanted':
      return newsOfLabel(before, shipment, at.now)
    case 'resume-stuck': {
      const labelled = progress.operation === 'relabel' ? newsOfLabel(before, shipment, at.now) : undefined
      return labelled?.state === 'resumed' ? labelled : leftWithCustomer(shipment)
    }
    case 'late-intercepted':
      return leftWithCustomer(shipment)
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
  const waits = progress?.state === 'accepted' || progress?.state === 'label-wanted' || progress?.state === 'holding'
  const unschedule = waits ? waitIds(order, stop, shipmentId, progress.begun) : []
  return { ...towards(order, stop, shipment, next, at.now), unschedule }
}

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
    return unknownOrder(at, error)
  }
  const wrong = wrongContent(order, event)
  if (wrong !== undefined) return { deadLetter: { reason: 'invalid-data', error: wrong } }
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
  const state = foundIn(withShipment(order, shipment), shipment)
  const requestId = known && comesBackFor(state, known, shipment)
  const late = requestId === undefined ? {} : { lateIntercept: { requestId, since: at.now } }
  const back = known === undefined ? [] : lateReturns(state, known, shipment)
  const passedOn = { state, publish: [shipmentChanged(state, shipment, shipment.at, late), ...back] }
  const isNew = known === undefined || !state.stops.some((stop) => progressOf(stop, shipment.shipmentId))
  return merge(passedOn, isNew ? underMark(state, shipment, at) : forEachStop(state, known, shipment, at))
}
