import { type EventData, type OrderStatus, orderTotal } from '@countermand/contracts'
import type { Cancellation, Case } from '../state.ts'
import { cancellationOf } from './cancellation.ts'

/** What is known of an order, as whoever may see it is told. Amounts are in minor units. */

type Placed = EventData<'order.accepted.v1'>

/** All requests of a case, the newest first. */
export const cancellationsOf = (orderId: string, { told }: Case): Cancellation[] =>
  [...told]
    .flatMap(([requestId, all]) => cancellationOf(orderId, requestId, all) ?? [])
    .toSorted((one, other) => Date.parse(other.askedAt) - Date.parse(one.askedAt))

const isCancelled = ({ outcome }: Cancellation): boolean => outcome === 'cancelled' || outcome === 'lines-cancelled'

/** Units that were cancelled, by line. */
export const cancelledUnits = (all: readonly Cancellation[]): ReadonlyMap<string, number> => {
  const units = new Map<string, number>()
  for (const { lineId, quantity } of all.filter(isCancelled).flatMap(({ lines = [] }) => lines))
    units.set(lineId, (units.get(lineId) ?? 0) + quantity)
  return units
}

/** The request that holds the order, or is about to. */
export const openIn = (all: readonly Cancellation[]): Cancellation | undefined =>
  all.find(({ outcome }) => outcome === undefined)

export const isAllCancelled = ({ lines }: Placed, units: ReadonlyMap<string, number>): boolean =>
  lines.every(({ lineId, quantity }) => (units.get(lineId) ?? 0) >= quantity)

const statusOf = (
  placed: Placed,
  all: readonly Cancellation[],
  parcels: readonly { readonly status: string }[],
): Exclude<OrderStatus, 'paid'> => {
  const units = cancelledUnits(all)
  if (isAllCancelled(placed, units)) return 'cancelled'
  if (openIn(all) !== undefined) return 'on-hold'
  if (units.size > 0) return 'partially-cancelled'
  if (parcels.length > 0 && parcels.every(({ status }) => status === 'delivered')) return 'delivered'
  return parcels.some(({ status }) => status !== 'label-created') ? 'shipped' : 'placed'
}

/** An order as whoever may see it is told of it. */
export type ShownOrder = NonNullable<ReturnType<typeof orderOf>>

/** `undefined`: the order itself was not heard of. */
export const orderOf = (orderId: string, known: Case) => {
  if (known.order === undefined) return undefined
  const { placed } = known.order
  const all = cancellationsOf(orderId, known)
  const units = cancelledUnits(all)
  const newest = new Map([...placed.shipments, ...known.parcels].map((each) => [each.shipmentId, each]))
  const parcels = [...newest.values()].map(({ shipmentId, carrier, trackingNumber, status }) => ({
    ...{ shipmentId, carrier, trackingNumber, status },
  }))
  const { merchantId, customerId, market, currency, placedAt } = placed
  return {
    ...{ orderId, merchantId, ...(customerId !== undefined && { customerId }), market, currency, placedAt },
    ...{ total: orderTotal(placed), status: statusOf(placed, all, parcels) },
    lines: placed.lines.map(({ lineId, sku, title, imageUrl, quantity, unitAmount, discountAmount, taxAmount }) => ({
      ...{ lineId, ...(sku !== undefined && { sku }), quantity, cancelled: units.get(lineId) ?? 0 },
      ...{ ...(title !== undefined && { title }), ...(imageUrl !== undefined && { imageUrl }) },
      ...{ unitAmount, discountAmount, taxAmount },
    })),
    tenders: placed.tenders.map(({ tenderId, channel, amount }) => ({ tenderId, channel, amount })),
    parcels,
    cancellations: all,
  }
}
