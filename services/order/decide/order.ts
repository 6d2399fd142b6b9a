import {
  isOnItsWay,
  isPaidLater,
  type LineUnits,
  type OrderChanged,
  type OrderLine,
  type OrderStatus,
  type PlacedOrder,
  type ShipmentStatus,
} from '@countermand/contracts'

/** A parcel, as its tracking last told. */
export interface Parcel {
  readonly shipmentId: string
  readonly status: ShipmentStatus
  /** Once delivered, always: a parcel that is sent back afterwards does not make the order "shipped" again. */
  readonly delivered: boolean
  readonly lineIds: readonly string[]
  /** How many units of each; absent: nobody said. */
  readonly lines?: readonly LineUnits[] | undefined
  /** When the carrier saw that status, ISO 8601; absent: it is what the order was placed with. */
  readonly at?: string
}

/** A change of an order that was taken, for ever: the same one is known again. Those that wait until no saga holds the order are kept whole. */
export type KeptChange = { readonly changeId: string; readonly digest: string } & (
  | { readonly status: 'waiting'; readonly change: OrderChanged }
  | { readonly status: 'made' | 'refused' }
)

/** What an order that was changed was at first, and its changes in their order. */
export interface Edits {
  readonly first: PlacedOrder
  readonly changes: readonly KeptChange[]
}

/**
 * What is known of an order. Its status is read from its facts and its holder, never kept beside them: so there is
 * nothing to restore when a hold ends, and what arrives meanwhile counts by itself.
 */
export interface Order {
  /** As it was placed, with its changes since. */
  readonly placed: PlacedOrder
  /** Absent: it was never changed. */
  readonly edits?: Edits
  /** Units cancelled, by line id; none: absent. */
  readonly cancelled: ReadonlyMap<string, number>
  /** What was given back of each tender by the requests that were confirmed, in minor units; nothing: absent. */
  readonly refunded: ReadonlyMap<string, number>
  readonly parcels: readonly Parcel[]
  /** The request whose saga holds the order; nobody else changes it meanwhile. */
  readonly heldBy?: string
}

/** Units of a line that are not cancelled. */
export const unitsLeft = (order: Order, line: OrderLine): number =>
  line.quantity - (order.cancelled.get(line.lineId) ?? 0)

export const nothingLeft = (order: Order): boolean => order.placed.lines.every((line) => unitsLeft(order, line) === 0)

/** The status as if no saga held the order: the "earlier status" that a release brings back. */
export const statusWithoutHold = (order: Order): Exclude<OrderStatus, 'on-hold'> => {
  if (nothingLeft(order)) return 'cancelled'
  if (order.cancelled.size > 0) return 'partially-cancelled'
  if (order.parcels.length > 0 && order.parcels.every((parcel) => parcel.delivered)) return 'delivered'
  if (order.parcels.some(isOnItsWay)) return 'shipped'
  return order.placed.tenders.some(({ channel }) => !isPaidLater(channel)) ? 'paid' : 'placed'
}

export const statusOf = (order: Order): OrderStatus =>
  order.heldBy === undefined ? statusWithoutHold(order) : 'on-hold'

export const held = (order: Order, requestId: string): Order => ({ ...order, heldBy: requestId })

export const released = ({ heldBy: _, ...order }: Order): Order => order

/** Counted from 1, as it was placed. */
export const versionOf = ({ edits }: Order): number =>
  1 + (edits?.changes ?? []).filter(({ status }) => status === 'made').length
