import { z } from 'zod'
import { takenId as id, timestamp, words } from './primitives.ts'

/**
 * `carrier.notified.v1`: a carrier told that something happened to a parcel, or to a stop of it. `look`: nobody can check it word by word, or
 * it can be asked: a reason to look, not the truth. `outcome`: of one that cannot be asked what has become of a stop, and is believed.
 */
export const carrierNotified = z.object({
  ...{ orderId: id, shipmentId: id, carrier: id, trackingNumber: id },
  /** Of `ACCOUNTS_FILE`: whose words they are. */
  account: id,
  provider: id,
  /** The same account and id again is the same notification. */
  notificationId: id,
  kind: z.enum(['look', 'outcome']),
  /** The carrier's own id of the stop that an `outcome` is of. */
  carrierRef: id.optional(),
  outcome: z.object({ result: z.enum(['intercepted', 'refused']), reason: words.optional() }).optional(),
  occurredAt: timestamp,
})
export type CarrierNotified = z.infer<typeof carrierNotified>
