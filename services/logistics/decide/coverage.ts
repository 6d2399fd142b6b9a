import { saysUnits } from '@countermand/contracts'
import type { LogisticsOrder } from '../state.ts'
import { isLive, type ParcelStop, progressOf, type Stop } from './parcel-stop.ts'
import { isOnTheRoad, type Shipment } from './shipment.ts'
import { leftAfter, linesTaken } from './taken.ts'

/** Which parcels a request's stop is about, and what is to be done with each. */

/** Whether nothing of the parcel is still wanted by the order's first requests together: they take something of it, and leave nothing. */
export const coversAll = (
  order: LogisticsOrder,
  shipment: Shipment,
  requests: number = order.stops.length,
): boolean => {
  const live = order.stops.slice(0, requests).filter(isLive)
  if (live.some((stop) => stop.whole)) return true
  if (!live.some((stop) => linesTaken(shipment, stop).length > 0)) return false
  const { inParcels, loose } = leftAfter(order, requests)
  if (saysUnits(shipment)) return (inParcels.get(shipment.shipmentId)?.size ?? 0) === 0
  return shipment.lineIds.every((lineId) => loose.get(lineId)?.quantity === 0)
}

/** Whether a request that is not taken back has stopped the parcel, or is about to. */
export const isHeldBy = (stop: Stop, shipment: Shipment): boolean =>
  isLive(stop) &&
  stop.parcels.some(
    ({ shipmentId, progress }) =>
      shipmentId === shipment.shipmentId && progress.state !== 'failed' && progress.state !== 'not-needed',
  )

/** Whether the carrier is called about the parcel by a request that is being taken back: a stop waits until that is over. */
export const isInOtherHands = (order: LogisticsOrder, { requestId }: Stop, shipmentId: string): boolean =>
  order.stops.some((other) => {
    const state = other.requestId === requestId ? undefined : progressOf(other, shipmentId)?.state
    return state === 'resuming' || ((state === 'stopping' || state === 'releasing') && !isLive(other))
  })

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
      withheld: linesTaken(shipment, stop),
      open: false,
    }
  if (isOnTheRoad(shipment.status) || shipment.status === 'out-for-delivery')
    return { state: 'failed', failure: 'holds-other-lines', open: false }
  return stopByStatus(shipment, stop)
}

/** What a request does with a parcel; `undefined`: the parcel is not its concern. `stop` is one of the order's stops. */
export const planParcel = (order: LogisticsOrder, stop: Stop, shipment: Shipment): ParcelStop | undefined => {
  const concerned = stop.whole || linesTaken(shipment, stop).length > 0
  if (!concerned) return undefined
  const others = order.stops.filter((each) => each.requestId !== stop.requestId)
  if (others.some((each) => isHeldBy(each, shipment))) return { state: 'not-needed', withheld: [], open: false }
  return coversAll(order, shipment) ? stopByStatus(shipment, stop) : keepOtherLines(shipment, stop)
}

/** The request whose mark forbids to ship a parcel that is new: the first that, with those before it, leaves nothing of it. */
export const markAgainst = (order: LogisticsOrder, shipment: Shipment): Stop | undefined =>
  order.stops.find((stop, place) => isLive(stop) && coversAll(order, shipment, place + 1))
