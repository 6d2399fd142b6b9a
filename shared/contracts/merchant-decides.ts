import { apportion } from './apportion.ts'
import type { Initiator } from './cancel-requests.ts'
import {
  holdingsOf,
  holdingsWithout,
  type KnownParcel,
  type LineUnits,
  saysUnits,
  type TakenUnits,
} from './holdings.ts'
import type { ShipmentStatus } from './vocabulary.ts'

/** Whether a merchant decides about a cancellation: the order service judges by it, and the console says beforehand what that will be. */

/** An order, as far as its parcels and its units go. */
export interface PackedOrder<Parcel extends KnownParcel = KnownParcel> {
  readonly lines: readonly LineUnits[]
  /** Units cancelled, by line id; none: absent. */
  readonly cancelled: ReadonlyMap<string, number>
  readonly parcels: readonly Parcel[]
}

/** Units of earlier cancellations: which they were, only logistics knows. Most likely those that came back, or that never left. */
const earlierUnits = ({ lines: ordered, cancelled, parcels: known }: PackedOrder): TakenUnits[] => {
  const lines = [...cancelled].map(([lineId, quantity]) => ({ lineId, quantity }))
  const parcels = known.map((each) => (each.status === 'returned' ? { ...each, status: 'returning' as const } : each))
  return apportion(lines, parcels, holdingsOf(ordered, parcels))
}

/** The parcels that hold what is to be cancelled: by what they say they hold; one that does not say may hold any unit of its lines. */
export const parcelsHolding = <Parcel extends KnownParcel>(
  order: PackedOrder<Parcel>,
  lines: readonly LineUnits[],
): Parcel[] => {
  const left = holdingsWithout(holdingsOf(order.lines, order.parcels), earlierUnits(order))
  const taken = apportion(lines, order.parcels, left)
  const stopped = new Set(taken.map(({ shipmentId }) => shipmentId))
  const loose = new Set(taken.flatMap(({ shipmentId, lineId }) => (shipmentId === undefined ? [lineId] : [])))
  return order.parcels.filter((parcel) =>
    saysUnits(parcel) ? stopped.has(parcel.shipmentId) : parcel.lineIds.some((lineId) => loose.has(lineId)),
  )
}

/** True from the moment the carrier has the parcel. */
export const isOnItsWay = (parcel: { readonly status: ShipmentStatus }): boolean => parcel.status !== 'label-created'

/** When a merchant decides. */
export type MerchantApproval = 'never' | 'always' | 'when-shipped'

/** Whether the merchant is asked, by the parcels that hold what is to be cancelled. Nobody asks a merchant what they asked for themselves. */
export const merchantDecides = (
  approval: MerchantApproval,
  initiator: Initiator['kind'],
  parcels: readonly { readonly status: ShipmentStatus }[],
): boolean =>
  initiator !== 'merchant' && (approval === 'always' || (approval === 'when-shipped' && parcels.some(isOnItsWay)))
