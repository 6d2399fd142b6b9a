import type { ShipmentChanged } from '@countermand/contracts'
import { defineSignal } from '@temporalio/workflow'

/** What a run that settles a late intercept is started with and told. */

export const lateInterceptType = 'settleLateIntercept'

/** The memo that keeps which return of the parcel a run was started for. */
export const lateInterceptMemo = 'since'

/** A parcel that comes back, known `since` (ISO 8601), though the intercept of a request that came to nothing was taken back. */
export type LateIntercept = NonNullable<ShipmentChanged['lateIntercept']> &
  Pick<ShipmentChanged, 'orderId' | 'shipmentId' | 'carrier' | 'trackingNumber'> & {
    /** The other way round: it goes to the customer, though the request was carried out, and its money is on its way back. */
    readonly goesOut?: ShipmentChanged['status']
  }

/** The parcel came back once more. */
export const cameBackSignal = defineSignal<[LateIntercept]>('cameBack')
