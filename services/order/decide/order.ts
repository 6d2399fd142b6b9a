import type { OrderLine, OrderStatus, PlacedOrder, ShipmentStatus } from '@countermand/contracts'

/** A parcel, as its tracking last told. */
export interface Parcel {
  readonly shipmentId: string
  readonly status: ShipmentStatus
  /** Once delivered, always: a parcel that is sent back afterwards does not make the order "shipped" again. */
  readonly delivered: boolean
  readonly lineIds: readonly string[]
  /** When the carrier saw that status, ISO 8601; absent: it is what the order was placed with. */
  readonly at?: string
}

/**
 * What is known of an order. Its status is read from its facts and its holder, never kept beside them: so there is
 * nothing to restore when a hold ends, and what arrives meanwhile counts by itself.
 */
export interface Order {
  readonly placed: PlacedOrder
  /** Units cancelled, by line id; none: absent. */
  readonly cancelled: ReadonlyMap<string, number>
  readonly parcels: readonly Parcel[]
  /** The request whose saga holds the order; nobody else changes it meanwhile. */
  readonly heldBy?: string
}

/** Units of a line that are not cancelled. */
export const unitsLeft = (order: Order, line: OrderLine): number =>
  line.quantity - (order.cancelled.get(line.lineId) ?? 0)

export const nothingLeft = (order: Order): boolean => order.placed.lines.every((line) => unitsLeft(order, line) === 0)

/** True from the moment the carrier has the parcel. */
export const isOnItsWay = (parcel: { readonly status: ShipmentStatus }): boolean => parcel.status !== 'label-created'

/** The status as if no saga held the order: the "earlier status" that a release brings back. */
export const statusWithoutHold = (order: Order): Exclude<OrderStatus, 'on-hold'> => {
  if (nothingLeft(order)) return 'cancelled'
  if (order.cancelled.size > 0) return 'partially-cancelled'
  if (order.parcels.length > 0 && order.parcels.every((parcel) => parcel.delivered)) return 'delivered'
  if (order.parcels.some(isOnItsWay)) return 'shipped'
  return order.placed.tenders.some((tender) => tender.channel !== 'cash-on-delivery') ? 'paid' : 'placed'
}

export const statusOf = (order: Order): OrderStatus =>
  order.heldBy === undefined ? statusWithoutHold(order) : 'on-hold'

export const held = (order: Order, requestId: string): Order => ({ ...order, heldBy: requestId })

export const released = ({ placed, cancelled, parcels }: Order): Order => ({ placed, cancelled, parcels })

/** The parcels that carry any of these lines. */
export const parcelsOf = (order: Order, lines: readonly { readonly lineId: string }[]): Parcel[] => {
  const wanted = new Set(lines.map((line) => line.lineId))
  return order.parcels.filter((parcel) => parcel.lineIds.some((lineId) => wanted.has(lineId)))
}
