import type Stripe from 'stripe'
import { type Kept, keptIn } from '../kept.ts'
import { type Change, rewriteIn } from '../provider-control.ts'
import { type Behaviour, behaviourOf, type RefundStatus } from './behaviour.ts'

/** A payment: minor units as Stripe counts them. */
export interface Payment {
  readonly id: string
  readonly charge: string
  readonly amount: number
  readonly currency: string
  readonly behaviour: Behaviour
  /** ms since the epoch. */
  readonly at: number
  /** What was taken of it; absent: it is held. */
  taken: number | undefined
  canceled: boolean
}

export interface Refund {
  readonly id: string
  readonly payment: string
  readonly amount: number
  /** Another than its payment's, where a test wants it so. */
  readonly currency?: string
  readonly reason: string | null
  readonly metadata: Record<string, string>
  /** ms since the epoch. */
  readonly at: number
  status: RefundStatus
  next: Behaviour['later']
}

const typical = { amount: 1_000, currency: 'eur' }

/** All that the provider knows. `now`: ms since the epoch. */
export const createBook = (now: () => number, kept: Kept = keptIn()) => {
  const payments = kept.map<Payment>('payments')
  const refunds = kept.list<Refund>('refunds')
  let entered = refunds.length

  const paymentOf = (reference: string): Payment | undefined => {
    const id = reference.replace(/^ch_/, 'pi_')
    const known = payments.get(id)
    const behaviour = behaviourOf(id)
    if (known !== undefined || behaviour === undefined) return known
    const [, amount = typical.amount] = /_of(\d+)/.exec(id) ?? []
    const [, currency = typical.currency] = /_in([a-z]{3})/.exec(id) ?? []
    const total = Number(amount)
    const charge = id.replace(/^pi_/, 'ch_')
    const payment: Payment = {
      ...{ id, charge, amount: total, currency, behaviour, at: now() },
      ...{ taken: behaviour.held ? undefined : total, canceled: false },
    }
    payments.set(id, payment)
    return payment
  }

  /** A refund as it is now: nothing has to run for its time to come. */
  const asOfNow = (refund: Refund): Refund => {
    if (refund.next !== undefined && now() >= refund.at + refund.next.after) {
      refund.status = refund.next.status
      refund.next = undefined
    }
    return refund
  }
  const all = () => refunds.map(asOfNow)
  const isCounted = ({ status }: Refund) => status !== 'failed' && status !== 'canceled'
  const left = ({ id, taken = 0 }: Payment) =>
    all().reduce((sum, refund) => (refund.payment === id && isCounted(refund) ? sum - refund.amount : sum), taken)

  return {
    paymentOf,
    left,
    /** The newest first, as the provider lists them. */
    refunds: (): readonly Refund[] => all().toReversed(),
    find: (id: string): Refund | undefined => all().find((each) => each.id === id),
    payments: (): readonly Payment[] => [...payments.values()],
    rewrite: (id: string, change: Change) => rewriteIn(refunds, id, change),
    enter: (payment: Payment, { amount, reason, metadata }: Pick<Refund, 'amount' | 'reason' | 'metadata'>): Refund => {
      const { first: status, later: next } = payment.behaviour
      const id = `re_${payment.id.slice(3)}_${++entered}`
      const refund = { id, payment: payment.id, amount, reason, metadata, at: now(), status, next }
      refunds.push(refund)
      return refund
    },
  }
}

export type Book = ReturnType<typeof createBook>

const statusOf = (status: RefundStatus): string => (status === 'no-funds' ? 'pending' : status)

/** Its money has left the balance; a failed one's came back. Of what is only held, none is there. */
const hasMoved = ({ status }: Refund, { taken }: Payment): boolean =>
  taken !== undefined && (status === 'succeeded' || status === 'failed')

const transactionOf = ({ id }: Pick<Refund | Payment, 'id'>): string => `txn_${id}`

/** A refund as the API has it; its type is the vendor's. */
export const refundObject = (refund: Refund, payment: Payment): Stripe.Refund => ({
  ...{ id: refund.id, object: 'refund', amount: refund.amount, currency: refund.currency ?? payment.currency },
  ...{ charge: payment.charge, payment_intent: payment.id, payment_method: null, metadata: refund.metadata },
  ...{ created: Math.floor(refund.at / 1000), reason: refund.reason, status: statusOf(refund.status) },
  ...{
    balance_transaction: hasMoved(refund, payment) ? transactionOf(refund) : null,
    customer: null,
    customer_account: null,
    receipt_number: null,
  },
  ...{ source_transfer_reversal: null, transfer_reversal: null },
  ...(refund.status === 'pending' && { pending_reason: 'processing' }),
  ...(refund.status === 'no-funds' && { pending_reason: 'insufficient_funds' }),
  ...(refund.status === 'failed' && { failure_reason: 'expired_or_canceled_card' }),
  ...(refund.status === 'requires_action' && { next_action: nextAction(refund) }),
})

const nextAction = ({ at }: Refund): Stripe.Refund.NextAction => {
  const seconds = Math.floor(at / 1000)
  const email_sent = { email_sent_at: seconds, email_sent_to: 'customer@example.com' }
  return { type: 'display_details', display_details: { email_sent, expires_at: seconds + 45 * 86_400 } }
}

const intentStatus = ({ canceled, taken }: Payment) =>
  canceled ? 'canceled' : taken === undefined ? 'requires_capture' : 'succeeded'

/** What is asked of a payment. */
export const intentObject = (payment: Payment) =>
  ({
    ...{ id: payment.id, object: 'payment_intent', amount: payment.amount, currency: payment.currency },
    ...{ amount_capturable: payment.taken === undefined && !payment.canceled ? payment.amount : 0 },
    ...{ amount_received: payment.taken ?? 0, latest_charge: payment.charge, metadata: {} },
    ...{ status: intentStatus(payment), cancellation_reason: payment.canceled ? 'requested_by_customer' : null },
  }) satisfies Partial<Stripe.PaymentIntent>

export const chargeObject = (payment: Payment) =>
  ({
    ...{ id: payment.charge, object: 'charge', amount: payment.amount, currency: payment.currency },
    ...{ amount_captured: payment.taken ?? 0, captured: payment.taken !== undefined, payment_intent: payment.id },
  }) satisfies Partial<Stripe.Charge>

type Transaction = Pick<Stripe.BalanceTransaction, 'id' | 'object' | 'amount' | 'fee' | 'net' | 'currency' | 'type'> &
  Pick<Stripe.BalanceTransaction, 'created' | 'source' | 'status'>

/** As for cards of the European Economic Area. */
const feeOf = (taken: number): number => Math.round(taken * 0.015) + 25

const transaction = (
  type: Stripe.BalanceTransaction.Type,
  id: string,
  of: { at: number; source: string; currency: string },
  amount: number,
): Transaction => {
  const fee = type === 'charge' ? feeOf(amount) : 0
  return {
    ...{ id, type, object: 'balance_transaction', amount, fee, net: amount - fee, currency: of.currency },
    ...{ created: Math.floor(of.at / 1000), source: of.source, status: 'available' },
  }
}

/** What has changed the balance, the newest first; types are the vendor's. */
export const balanceTransactions = (book: Book): readonly Transaction[] => {
  const charges = book
    .payments()
    .flatMap(({ id, charge: source, taken, ...of }): Transaction[] =>
      taken === undefined ? [] : [transaction('charge', transactionOf({ id }), { ...of, source }, taken)],
    )
  const refunds = book.refunds().flatMap((refund): Transaction[] => {
    const payment = book.paymentOf(refund.payment)
    if (payment === undefined || !hasMoved(refund, payment)) return []
    const of = { at: refund.at, source: refund.id, currency: refund.currency ?? payment.currency }
    const went = transaction('refund', transactionOf(refund), of, -refund.amount)
    const back = transaction('refund_failure', `${went.id}_back`, of, refund.amount)
    return refund.status === 'failed' ? [back, went] : [went]
  })
  return [...refunds, ...charges].toSorted((one, other) => other.created - one.created)
}
