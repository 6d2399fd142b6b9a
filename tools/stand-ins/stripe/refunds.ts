import type { Answer } from '../serve-api.ts'
import { missing, no, ok } from './answers.ts'
import {
  type Book,
  balanceTransactions,
  chargeObject,
  intentObject,
  type Payment,
  type Refund,
  refundObject,
} from './book.ts'

/** What the API does once a request is taken: what it says then is kept for the request's key. */

const objectOf = (book: Book, refund: Refund) => {
  const payment = book.paymentOf(refund.payment)
  if (payment === undefined) throw new Error(`expected the payment of ${refund.id}`)
  return refundObject(refund, payment)
}

const metadataOf = (form: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      const [, key] = /^metadata\[(\w+)\]$/.exec(name) ?? []
      return key === undefined ? [] : [[key, value] as const]
    }),
  )

const refusal = (book: Book, payment: Payment, amount: number): Answer | undefined => {
  const { error } = payment.behaviour
  if (error !== undefined) return no(400, `The charge ${payment.charge} cannot be refunded.`, { code: error })
  if (payment.canceled || payment.taken === undefined)
    return no(400, `This PaymentIntent (${payment.id}) does not have a successful charge to refund.`)
  const left = book.left(payment)
  if (left === 0)
    return no(400, `Charge ${payment.charge} has already been refunded.`, { code: 'charge_already_refunded' })
  return amount > left
    ? no(400, `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, { param: 'amount' })
    : undefined
}

export const createRefund = (book: Book, form: URLSearchParams): Answer => {
  const reference = form.get('payment_intent') ?? form.get('charge') ?? ''
  const payment = book.paymentOf(reference)
  if (payment === undefined) return missing(form.has('charge') ? 'charge' : 'payment_intent', reference)
  const amount = Number(form.get('amount') ?? book.left(payment))
  const refused = refusal(book, payment, amount)
  if (refused !== undefined) return refused
  const refund = book.enter(payment, { amount, reason: form.get('reason'), metadata: metadataOf(form) })
  return ok(objectOf(book, refund))
}

export const retrieveRefund = (book: Book, id: string): Answer => {
  const refund = book.find(id)
  return refund === undefined ? missing('refund', id) : ok(objectOf(book, refund))
}

export const cancelRefund = (book: Book, id: string): Answer => {
  const refund = book.find(id)
  if (refund === undefined) return missing('refund', id)
  if (refund.status !== 'requires_action') return no(400, `Refund ${id} cannot be canceled: it is ${refund.status}.`)
  refund.status = 'canceled'
  return ok(objectOf(book, refund))
}

export const listRefunds = (book: Book, query: URLSearchParams): Answer => {
  const reference = query.get('payment_intent') ?? query.get('charge')
  const payment = reference === null ? undefined : book.paymentOf(reference)
  if (reference !== null && payment === undefined) return missing('payment_intent', reference)
  const found = book.refunds().filter((each) => payment === undefined || each.payment === payment.id)
  return listOf(
    '/v1/refunds',
    found.map((each) => objectOf(book, each)),
    query,
  )
}

/** A page of what was created in the span that is asked for. */
const listOf = (
  url: string,
  all: readonly { readonly id: string; readonly created: number }[],
  query: URLSearchParams,
): Answer => {
  const limit = Number(query.get('limit') ?? 10)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    return no(400, 'Invalid integer: limit must be between 1 and 100', { param: 'limit' })
  const [since, until] = [query.get('created[gte]'), query.get('created[lt]')]
  const found = all.filter(
    ({ created }) => created >= Number(since ?? 0) && created < Number(until ?? Number.POSITIVE_INFINITY),
  )
  const after = query.get('starting_after')
  const from = after === null ? 0 : found.findIndex(({ id }) => id === after) + 1
  if (after !== null && from === 0) return missing('object', after)
  return ok({ object: 'list', url, has_more: found.length > from + limit, data: found.slice(from, from + limit) })
}

export const listBalance = (book: Book, query: URLSearchParams): Answer =>
  listOf('/v1/balance_transactions', balanceTransactions(book), query)

export const retrievePayment = (book: Book, id: string): Answer => {
  const payment = id.startsWith('pi_') ? book.paymentOf(id) : undefined
  return payment === undefined ? missing('payment_intent', id) : ok(intentObject(payment))
}

export const retrieveCharge = (book: Book, id: string): Answer => {
  const payment = id.startsWith('ch_') ? book.paymentOf(id) : undefined
  return payment === undefined ? missing('charge', id) : ok(chargeObject(payment))
}

/** Takes what is held, or lets go of it. */
export const endPayment = (book: Book, id: string, how: 'cancel' | 'capture', form: URLSearchParams): Answer => {
  const payment = book.paymentOf(id)
  if (payment === undefined) return missing('payment_intent', id)
  if (payment.canceled || payment.taken !== undefined)
    return no(400, `You cannot ${how} this PaymentIntent because it has a status of ${intentObject(payment).status}.`, {
      code: 'payment_intent_unexpected_state',
    })
  if (how === 'cancel') payment.canceled = true
  else payment.taken = Number(form.get('amount_to_capture') ?? payment.amount)
  return ok(intentObject(payment))
}
