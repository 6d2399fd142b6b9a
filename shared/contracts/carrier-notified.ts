import { z } from 'zod'
import { takenId as id, timestamp } from './primitives.ts'

/**
 * `carrier.notified.v1`: a carrier told that something happened to a parcel, or to a stop of it, in a way that nobody can check word by
 * word. It is a reason to look, not the truth.
 */
export const carrierNotified = z.object({
  ...{ orderId: id, shipmentId: id, carrier: id, trackingNumber: id },
  /** Of `ACCOUNTS_FILE`: whose words they are. */
  account: id,
  provider: id,
  /** The same account and id again is the same notification. */
  notificationId: id,
  kind: z.enum(['look']),
  occurredAt: timestamp,
})
export type CarrierNotified = z.infer<typeof carrierNotified>
