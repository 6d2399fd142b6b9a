import { jsonIn } from '@countermand/contracts/json.ts'
import type { ProviderAnswer } from '@countermand/providers/http.ts'
import { fromStripe } from '@countermand/providers/stripe-money.ts'
import { z } from 'zod'
import {
  ChannelError,
  type Content,
  day,
  type FailureFacts,
  later,
  type PendingWhy,
  type RefundResult,
  type Refusal,
} from './channel.ts'
import { waitOf, wordsOf } from './way.ts'

/** What Stripe's answers mean. */

export const refundObject = z.object({
  object: z.literal('refund'),
  id: z.string().regex(/^\w{1,128}$/),
  amount: z.int().nonnegative(),
  currency: z.string().toUpperCase(),
  created: z.int().nonnegative(),
  status: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).nullish(),
  pending_reason: z.string().optional(),
  failure_reason: z.string().optional(),
})
export type StripeRefund = z.infer<typeof refundObject>

export const refundList = z.object({ data: z.array(refundObject), has_more: z.boolean() })

/** A refund, as it is listed with others of any payment. */
const refundOfList = refundObject.extend({
  payment_intent: z.string().nullable(),
  charge: z.string().nullable(),
  /** What it has changed in the balance. */
  balance_transaction: z.string().nullable(),
})
export type RefundOfList = z.infer<typeof refundOfList>
export const refundsOfSpan = z.object({ data: z.array(refundOfList), has_more: z.boolean() })

/** A change of the balance: `amount` came to it, or went, and `fee` went besides. */
const balanceTransaction = z.object({
  object: z.literal('balance_transaction'),
  id: z.string(),
  amount: z.int(),
  fee: z.int(),
  currency: z.string().toUpperCase(),
  type: z.string(),
  created: z.int().nonnegative(),
})
export type BalanceTransaction = z.infer<typeof balanceTransaction>
export const balanceList = z.object({ data: z.array(balanceTransaction), has_more: z.boolean() })

/** A payment, as far as it matters whether it was taken. */
export const intentObject = z.object({
  object: z.literal('payment_intent'),
  id: z.string(),
  status: z.string(),
  amount_received: z.int(),
  currency: z.string().toUpperCase(),
})
export const chargeObject = z.object({ object: z.literal('charge'), payment_intent: z.string().nullable() })

const failed = z.object({
  error: z.object({ type: z.string(), code: z.string().optional(), message: z.string().default('') }),
})

const waits: Readonly<Record<string, PendingWhy>> = { insufficient_funds: 'no-funds', charge_pending: 'charge-pending' }
const cures: Readonly<Record<string, Refusal['cure']>> = {
  insufficient_funds: 'funds',
  charge_for_pending_refund_disputed: 'dispute',
}

/** A bank may send the money back for so long. */
const reversibleDays = 30

/** How a refund is that Stripe has. A refund of another content is none of ours, whatever key it came with. */
export const resultOf = (refund: StripeRefund, call: Content): RefundResult => {
  const { id: providerRef, currency, status, metadata } = refund
  const amount = fromStripe(refund.amount, currency)
  if (amount !== call.amount || currency !== call.currency || metadata?.refundId !== call.refundId)
    throw new ChannelError(
      `Stripe has ${providerRef} of ${amount} ${currency} for ${metadata?.refundId ?? 'somebody'}, not ${call.amount} ${call.currency} for ${call.refundId}`,
      ...(['unknown', { trouble: 'setup' }] as const),
    )
  switch (status) {
    case 'succeeded': {
      const made = new Date(refund.created * 1000).toISOString()
      return { outcome: 'succeeded', providerRef, reversibleUntil: later(made, reversibleDays * day) }
    }
    case 'pending':
      return { outcome: 'pending', providerRef, why: waits[refund.pending_reason ?? ''] ?? 'processing' }
    case 'requires_action':
      return {
        ...{ outcome: 'action-required', providerRef, who: 'customer' },
        what: 'Stripe has asked the customer by e-mail where to send the money: without an answer it cancels the refund after 45 days',
      }
    case 'failed': {
      const why = refund.failure_reason ?? 'unknown'
      const reason = `Stripe could not bring the money back: ${why}`
      return { outcome: 'refused', reason, key: 'dead', cure: cures[why] ?? 'elsewhere' }
    }
    case 'canceled':
      return { outcome: 'refused', reason: 'the refund was cancelled at Stripe', key: 'dead', cure: 'elsewhere' }
    default:
      throw new ChannelError(`Stripe says of ${providerRef} that it is ${status}, which nobody knows here`, 'unknown')
  }
}

/** Nothing was done, and what the key says now it says for a day. `unsure`: it may speak of our own earlier call. */
const refusals: Readonly<Record<string, Pick<Refusal, 'cure'> & { readonly unsure?: true }>> = {
  charge_already_refunded: { cure: 'none', unsure: true },
  charge_disputed: { cure: 'dispute' },
  refund_disputed_payment: { cure: 'dispute' },
  charge_not_refundable: { cure: 'elsewhere' },
  charge_expired_for_capture: { cure: 'none', unsure: true },
  balance_insufficient: { cure: 'funds' },
  insufficient_funds: { cure: 'funds' },
}
const again: ReadonlySet<string> = new Set(['idempotency_key_in_use', 'lock_timeout', 'rate_limit'])
const setup =
  /^(resource_missing|account_invalid|(platform_)?api_key_expired|secret_key_required|testmode_charges_only|livemode_mismatch|not_allowed_on_standard_account|parameter_\w+)$/

/** A failure that leaves open whether something was done. */
const unclear = ({ status, headers, outage }: ProviderAnswer, what: string): ChannelError => {
  const isKept = headers['idempotent-replayed'] === 'true' || headers['stripe-should-retry'] === 'false'
  const facts: FailureFacts = { ...outage, ...(status >= 500 && isKept && { kept: 'failure' }) }
  return new ChannelError(`${what}: Stripe answers ${status}`, 'unknown', facts)
}

/** What an answer that is no yes says of a request for a refund; what leaves it open, or has to be set up, is thrown. */
export const refusalOf = (answer: ProviderAnswer, what: string, now: number): RefundResult => {
  const { status, headers } = answer
  const parsed = failed.safeParse(jsonIn(answer.body))
  const { code = '', type = '', message = '' } = parsed.data?.error ?? {}
  if (status === 429 || again.has(code)) {
    throw new ChannelError(`${what}: Stripe answers ${code || status}`, 'before-anything', waitOf(answer, now))
  }
  if (!parsed.success || status >= 500 || status < 400) throw unclear(answer, what)
  if (type === 'idempotency_error')
    throw new ChannelError(`${what}: Stripe has the key with other content`, 'unknown', { trouble: 'setup' })
  // Its words have a part of the key in them.
  if (status === 401)
    throw new ChannelError(`${what}: Stripe does not take the API key`, 'before-anything', { trouble: 'setup' })
  if (status === 403 || status === 404 || setup.test(code))
    throw new ChannelError(`${what}: ${wordsOf(message)}`, 'before-anything', { trouble: 'setup' })
  if (headers['stripe-should-retry'] === 'true') throw unclear(answer, what)
  const refusal = refusals[code] ?? ({ cure: 'none', unsure: true } as const)
  return { outcome: 'refused', reason: `Stripe: ${wordsOf(message) || code}`, key: 'dead', ...refusal }
}

/** What a yes says; one that cannot be read leaves open what was done. */
export const readBody = <Type>(schema: z.ZodType<Type>, answer: ProviderAnswer, what: string): Type => {
  const read = schema.safeParse(jsonIn(answer.body))
  if (read.success) return read.data
  throw new ChannelError(`${what}: Stripe answers ${answer.status} with what cannot be read`, 'unknown')
}

/** It is away, not busy with one poisoned key. */
export const isAway = ({ status, headers }: ProviderAnswer): boolean =>
  status >= 500 && headers['idempotent-replayed'] !== 'true'
