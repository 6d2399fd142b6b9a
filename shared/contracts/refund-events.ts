import { z } from 'zod'
import { most } from './limits.ts'
import { amount, currency, takenId as id, timestamp, words } from './primitives.ts'
import { stepInNeed } from './records.ts'
import { channelName, refundCure, refundDestination, refundState } from './vocabulary.ts'

/** What came of one tender, as commands, answers and the public story carry it. */
export const tenderRefund = z.object({
  tenderId: id,
  channel: channelName,
  amount,
  currency,
  state: refundState,
  destination: refundDestination,
  failure: words.optional(),
  /** Of a channel's no. */
  cure: refundCure.optional(),
  /** While it is `action-required`: who has to do what outside. */
  action: z.object({ who: z.enum(['customer', 'merchant']), what: words }).optional(),
  /** When the customer should see the money, by the channel's own figures. */
  expectedBy: timestamp.optional(),
})

/** What came of all tenders that take part. */
export const tenderRefunds = z.array(tenderRefund).max(most.refunds)
export type TenderRefund = z.infer<typeof tenderRefund>

/** Data of `refund.submitted.v1`, `.pending.v1`, `.action-required.v1`, `.succeeded.v1`, `.failed.v1` and `.reversed.v1`. */
export const refundChanged = tenderRefund.extend({
  refundId: id,
  requestId: id,
  orderId: id,
  at: timestamp,
  /** The account at the payment's provider, where one was named. */
  account: id.optional(),
  /** Of a payment that is only held: no more than this of it is to be taken now. */
  captureAtMost: amount.optional(),
  /**
   * After a person had closed the refund: `owed`, nobody gave the customer this money; `twice`, its channel gave it and a person
   * did; `settled`, a person gave it, and whatever its channel says, nothing is owed.
   */
  afterClosing: z.enum(['owed', 'twice', 'settled']).optional(),
  /** This step had been answered that it is stuck; with this it is not any more, and comes to its end when it is asked again. */
  newsFor: stepInNeed.optional(),
})
export type RefundChanged = z.infer<typeof refundChanged>
