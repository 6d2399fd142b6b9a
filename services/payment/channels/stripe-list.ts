import { fromStripe } from '@countermand/providers/stripe-money.ts'
import type { Listed, ListedFee, ListedRefund, Span } from './channel.ts'
import { type BalanceTransaction, balanceList, type RefundOfList, refundsOfSpan } from './stripe-answers.ts'
import { type Client, listed } from './stripe-client.ts'

/** What has moved with an account: refunds, and what Stripe took for itself. */

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString()

const states: Readonly<Record<string, ListedRefund['state']>> = {
  succeeded: 'succeeded',
  ...{ failed: 'failed', canceled: 'failed' },
}

/**
 * A refund of a charge that was only held is its release: it has no transaction of the balance. One of ours is told all the same, for
 * it was to move money.
 */
const isRelease = ({ status, balance_transaction, metadata }: RefundOfList): boolean =>
  status === 'succeeded' && balance_transaction === null && metadata?.refundId === undefined

const refundOf = (refund: RefundOfList): ListedRefund => {
  const { id, amount, currency, status, metadata, payment_intent, charge, created } = refund
  return {
    ...{ kind: 'refund', providerRef: id, paymentRefs: [payment_intent, charge].filter((each) => each != null) },
    ...(metadata?.refundId !== undefined && { askedAs: metadata.refundId }),
    ...{ amount: fromStripe(amount, currency), currency },
    ...{ state: states[status ?? ''] ?? 'pending', at: isoOf(created) },
  }
}

/** Transactions that are fees and nothing else: their own amount is what was taken, and negative. */
const ownFees: ReadonlySet<string> = new Set(['stripe_fee', 'stripe_fx_fee', 'tax_fee'])

const feeOf = ({ id, amount, fee, currency, type, created }: BalanceTransaction): ListedFee => {
  const taken = fee - (ownFees.has(type) ? amount : 0)
  return { kind: 'fee', providerRef: id, amount: fromStripe(taken, currency), currency, at: isoOf(created) }
}

/** 100,000 of each. */
const mostPages = 1_000

/** Stripe counts in seconds: the one in which the span begins, and the one in which it ends, are in it. */
const createdIn = ({ from, to }: Span): Record<string, string> => ({
  'created[gte]': String(Math.floor(Date.parse(from) / 1000)),
  'created[lt]': String(Math.ceil(Date.parse(to) / 1000)),
})

export async function* listMoved(client: Client, span: Span): AsyncGenerator<Listed> {
  const created = createdIn(span)
  for await (const refund of listed(client, '/v1/refunds', refundsOfSpan, created, mostPages))
    if (!isRelease(refund)) yield refundOf(refund)
  for await (const transaction of listed(client, '/v1/balance_transactions', balanceList, created, mostPages)) {
    const fee = feeOf(transaction)
    if (fee.amount !== 0) yield fee
  }
}
