import { z } from 'zod'
import { amount, currency, takenId as id, timestamp, words } from './primitives.ts'

/**
 * `channel.notified.v1`: what a payment provider told of a payment or a refund, checked to be from it. It is a reason to look, not the
 * truth, wherever the provider can be asked.
 */
export const channelNotified = z.object({
  orderId: id,
  /** Of `ACCOUNTS_FILE`: whose words they are. */
  account: id,
  provider: id,
  /** The provider's own id of what it told: the same account and id again is the same notification. */
  notificationId: id,
  /**
   * `look`: something happened to a refund, or to the payment. `fact`: the same, of a provider that cannot be asked, with what it says.
   * `foreign-refund`: money of the payment was given back, and not by us. `dispute`: its money is claimed by the payer's bank.
   * `captured`: a payment that was held was taken.
   */
  kind: z.enum(['look', 'fact', 'foreign-refund', 'dispute', 'captured']),
  refundId: id.optional(),
  tenderId: id.optional(),
  paymentRef: id.optional(),
  /** What the provider calls the refund, or the dispute. */
  providerRef: id.optional(),
  /** Of the refund, the dispute or the capture, in minor units, as the provider says. */
  amount: amount.optional(),
  /** Of a refund: `amount` is what all refunds of the payment were by `occurredAt`, ours too. */
  inAll: z.literal(true).optional(),
  currency: currency.optional(),
  dispute: z.enum(['opened', 'won', 'lost']).optional(),
  /** Of a `fact`: what it says. Of a `foreign-refund`: whether it stands (`succeeded`) or has come to nothing (`reversed`). */
  fact: z.object({ outcome: z.enum(['succeeded', 'refused', 'reversed']), reason: words.optional() }).optional(),
  occurredAt: timestamp,
})
export type ChannelNotified = z.infer<typeof channelNotified>
