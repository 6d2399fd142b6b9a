import {
  apportion,
  type Holdings,
  holdingsOf,
  holdingsWithout,
  type LineUnits,
  saysUnits,
  type TakenUnits,
} from '@countermand/contracts'
import type { LogisticsOrder } from '../state.ts'
import { isLive, type Stop } from './parcel-stop.ts'
import type { Shipment } from './shipment.ts'

/** Which units requests take, and of which parcels, where parcels say how many they hold. */

const looseUnits = (stop: Stop): Map<string, number> => {
  const loose = new Map(stop.lines.map(({ lineId, quantity }) => [lineId, quantity]))
  for (const { lineId, quantity } of stop.taken) loose.set(lineId, (loose.get(lineId) ?? 0) - quantity)
  return new Map([...loose].filter(([, quantity]) => quantity > 0))
}

const takenInParcels = (stop: Stop): Map<string, Set<string>> => {
  const lines = new Map<string, Set<string>>()
  for (const { shipmentId = '', lineId } of stop.taken)
    lines.set(shipmentId, (lines.get(shipmentId) ?? new Set()).add(lineId))
  return lines
}

/** What is asked of the same stop or order for each of hundreds of parcels is found out once: neither is ever changed. */
const once = <Of extends object, Found>(find: (of: Of) => Found): ((of: Of) => Found) => {
  const found = new WeakMap<Of, { readonly it: Found }>()
  return (of) => {
    const known = found.get(of) ?? { it: find(of) }
    found.set(of, known)
    return known.it
  }
}

/** Units of a request that are of no parcel that says how many it holds, by line. */
const looseOf = once(looseUnits)
/** The lines of which a request takes units of such a parcel, by parcel. */
const linesInParcels = once(takenInParcels)

const unitsOf = (stop: Stop): TakenUnits[] => [
  ...stop.taken,
  ...[...looseOf(stop)].map(([lineId, quantity]) => ({ lineId, quantity })),
]

/** What the order has without the units of these requests. */
const leftWithout = (order: LogisticsOrder, stops: readonly Stop[]): Holdings =>
  holdingsWithout(holdingsOf(order.lines, order.shipments), stops.filter(isLive).flatMap(unitsOf))

const leftOf = once((order: LogisticsOrder) => leftWithout(order, order.stops))

/** What the order has without the units of its first requests: of all, when it is not said of how many. */
export const leftAfter = (order: LogisticsOrder, requests: number = order.stops.length): Holdings =>
  requests >= order.stops.length ? leftOf(order) : leftWithout(order, order.stops.slice(0, requests))

/** Which of a parcel's lines the request takes units of, that may be in it. */
export const linesTaken = (shipment: Shipment, stop: Stop): string[] => {
  const lines = saysUnits(shipment) ? linesInParcels(stop).get(shipment.shipmentId) : looseOf(stop)
  return lines === undefined ? [] : shipment.lineIds.filter((lineId) => lines.has(lineId))
}

/** Of which parcels a new request takes its units, as far as parcels say how many they hold. */
export const takenBy = (order: LogisticsOrder, lines: readonly LineUnits[]): TakenUnits[] =>
  apportion(lines, order.shipments, leftAfter(order)).filter(({ shipmentId }) => shipmentId !== undefined)

/**
 * Units that requests took before anybody said that they are in this parcel: there is no other place left for them, so they are in it. Those of
 * the first request first.
 */
export const foundIn = (order: LogisticsOrder, shipment: Shipment): LogisticsOrder => {
  if (!saysUnits(shipment)) return order
  const { shipmentId } = shipment
  const { loose } = holdingsOf(order.lines, order.shipments)
  let stops = order.stops
  for (const [lineId, free] of leftAfter(order).inParcels.get(shipmentId) ?? []) {
    const takenLoose = (stop: Stop) => (isLive(stop) && !stop.whole ? (looseOf(stop).get(lineId) ?? 0) : 0)
    const taken = stops.reduce((sum, stop) => sum + takenLoose(stop), 0)
    let inside = Math.min(free, taken - (loose.get(lineId)?.quantity ?? 0))
    stops = stops.map((stop) => {
      const quantity = Math.min(inside, takenLoose(stop))
      if (quantity <= 0) return stop
      inside -= quantity
      return { ...stop, taken: [...stop.taken, { shipmentId, lineId, quantity }] }
    })
  }
  return { ...order, stops }
}
