import type { ReasonCode } from '@countermand/contracts'
import { toStripe } from '@countermand/providers/stripe-money.ts'
import { z } from 'zod'
import type { Content } from './channel.ts'
import { notSetUp } from './way.ts'

/** What Stripe is asked. Pure: the same call asks the same. */

/** The version of its API. */
export const stripeVersion = '2026-10-28.endive'

/** What an account at Stripe may set. */
export const stripeSettings = z.strictObject({
  /** Whose payments they are, where the key is a platform's. */
  connectedAccount: z
    .string()
    .regex(/^acct_\w+$/, 'expected acct_ and the rest of its name')
    .exactOptional(),
  refundApplicationFee: z.boolean().exactOptional(),
  reverseTransfer: z.boolean().exactOptional(),
})
export type StripeSettings = z.infer<typeof stripeSettings>

/** `fraudulent` would put the card and the address of the customer on a list: that is a person's decision. */
const reasons: Partial<Record<ReasonCode, string>> = {
  ...{ 'changed-mind': 'requested_by_customer', 'ordered-by-mistake': 'requested_by_customer' },
  ...{ 'found-cheaper': 'requested_by_customer', 'too-slow': 'requested_by_customer' },
  ...{ 'address-problem': 'requested_by_customer', 'duplicate-order': 'duplicate' },
}

/** By which parameter a payment is named. */
export const paymentIn = (paymentRef: string): Record<string, string> => {
  const [, kind] = /^(pi|ch|py)_\w{1,120}$/.exec(paymentRef) ?? []
  if (kind === undefined) throw notSetUp(`payment ${paymentRef} is none of Stripe's: expected pi_… or ch_…`)
  return kind === 'pi' ? { payment_intent: paymentRef } : { charge: paymentRef }
}

/** The body of a request for a refund: the same for a key, whenever and however often it is asked with. */
export const refundForm = (
  call: Content,
  { refundApplicationFee, reverseTransfer }: StripeSettings,
): URLSearchParams => {
  const amount = toStripe(call.amount, call.currency)
  if (amount === undefined) throw notSetUp(`Stripe has no ${call.amount} in the smallest coin of ${call.currency}`)
  const reason = call.reason && reasons[call.reason]
  return new URLSearchParams({
    ...paymentIn(call.paymentRef),
    amount: String(amount),
    ...(reason !== undefined && { reason }),
    'metadata[refundId]': call.refundId,
    'metadata[orderId]': call.orderId,
    'metadata[tenderId]': call.tenderId,
    ...(refundApplicationFee !== undefined && { refund_application_fee: String(refundApplicationFee) }),
    ...(reverseTransfer !== undefined && { reverse_transfer: String(reverseTransfer) }),
  })
}
