import type { LogisticsOrder } from '../state.ts'
import type { ParcelStop, Stop } from './parcel-stop.ts'
import { isOnTheRoad, type Shipment } from './shipment.ts'

/** Which parcels a request's stop is about, and what is to be done with each. */

const isLive = (stop: Stop): boolean => stop.phase === 'stopping'

/** Whether nothing of the parcel is still wanted, by these requests together. */
const coversAll = (order: LogisticsOrder, stops: readonly Stop[], shipment: Shipment): boolean => {
  const live = stops.filter(isLive)
  if (live.some((stop) => stop.whole)) return true
  const left = new Map(order.lines.map(({ lineId, quantity }) => [lineId, quantity]))
  for (const { lineId, quantity } of live.flatMap((stop) => stop.lines))
    left.set(lineId, (left.get(lineId) ?? Number.POSITIVE_INFINITY) - quantity)
  const wanted = (lineId: string) => (left.get(lineId) ?? 1) > 0
  return shipment.lineIds.length > 0 && !shipment.lineIds.some(wanted)
}

/** Which of a parcel's lines the request names. */
const named = (shipment: Shipment, stop: Stop): string[] => {
  const lines = new Set(stop.lines.map((line) => line.lineId))
  return shipment.lineIds.filter((lineId) => lines.has(lineId))
}

/** Whether a request that is not taken back has stopped the parcel, or is about to. */
export const isHeldBy = (stop: Stop, shipment: Shipment): boolean =>
  isLive(stop) &&
  stop.parcels.some(
    ({ shipmentId, progress }) =>
      shipmentId === shipment.shipmentId && progress.state !== 'failed' && progress.state !== 'not-needed',
  )

const begin = (operation: 'void-label' | 'intercept', stop: Stop): ParcelStop => ({
  state: 'stopping',
  operation,
  begun: stop.round,
  inDoubt: false,
})

/** What to do with a parcel of which nothing is wanted any more. Where the carrier could only refuse, it is not called. */
export const stopByStatus = (shipment: Shipment, stop: Stop): ParcelStop => {
  switch (shipment.status) {
    case 'label-created':
      return begin('void-label', stop)
    case 'handed-over':
    case 'in-transit':
      return begin('intercept', stop)
    case 'out-for-delivery':
    case 'delivered':
      return { state: 'failed', failure: shipment.status, open: false }
    case 'returning':
    case 'returned':
    case 'lost':
      return { state: 'not-needed', withheld: [], open: false }
  }
}

/** Policy for a parcel that also holds what the customer keeps: it is not stopped. Before the hand-over the units are taken out of the box. */
const keepOtherLines = (shipment: Shipment, stop: Stop): ParcelStop => {
  if (shipment.status === 'label-created')
    return {
      state: 'not-needed',
      withheld: named(shipment, stop),
      open: false,
    }
  if (isOnTheRoad(shipment.status) || shipment.status === 'out-for-delivery')
    return { state: 'failed', failure: 'holds-other-lines', open: false }
  return stopByStatus(shipment, stop)
}

/** What a request does with a parcel; `undefined`: the parcel is not its concern. `stop` is one of the order's stops. */
export const planParcel = (order: LogisticsOrder, stop: Stop, shipment: Shipment): ParcelStop | undefined => {
  const concerned = stop.whole || named(shipment, stop).length > 0
  if (!concerned) return undefined
  const others = order.stops.filter((each) => each.requestId !== stop.requestId)
  if (others.some((each) => isHeldBy(each, shipment))) return { state: 'not-needed', withheld: [], open: false }
  return coversAll(order, order.stops, shipment) ? stopByStatus(shipment, stop) : keepOtherLines(shipment, stop)
}

/** The request whose mark forbids to ship a parcel that is new: the first that, with those before it, leaves nothing of it. */
export const markAgainst = (order: LogisticsOrder, shipment: Shipment): Stop | undefined =>
  order.stops.find((stop, place) => isLive(stop) && coversAll(order, order.stops.slice(0, place + 1), shipment))
