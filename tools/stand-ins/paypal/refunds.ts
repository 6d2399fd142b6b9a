import { jsonIn } from '@countermand/contracts/json.ts'
import { z } from 'zod'
import type { Answer, Asked } from '../serve-api.ts'
import * as answers from './answers.ts'
import type { Book, Payment, Refund } from './book.ts'

/** What the API does once a request is taken. */

const refundAsked = z.strictObject({
  amount: z.strictObject({ value: z.string(), currency_code: z.string().length(3) }).optional(),
  custom_id: z.string().min(1).max(127).optional(),
  invoice_id: z.string().min(1).max(127).optional(),
  note_to_payer: z.string().min(1).max(255).optional(),
})

/** A refund as the API has it. */
export const objectOf = (book: Book, refund: Refund): unknown => {
  const payment = book.of(refund)
  if (payment === undefined) throw new Error(`expected the payment of ${refund.id}`)
  return answers.refundOf(refund, payment)
}

const refusal = (book: Book, payment: Payment, amount: number | undefined, currency: string, invoice?: string) => {
  const { issue } = payment.behaviour
  if (currency !== payment.currency) return answers.no(422, 'REFUND_CAPTURE_CURRENCY_MISMATCH')
  if (amount === undefined) return answers.no(422, 'DECIMAL_PRECISION')
  if (amount === 0) return answers.no(422, 'CANNOT_BE_ZERO_OR_NEGATIVE')
  if (issue !== undefined) return answers.no(422, issue)
  if (invoice !== undefined && book.refunds().some(({ invoiceId }) => invoiceId === invoice))
    return answers.no(422, 'DUPLICATE_INVOICE_ID')
  const left = book.left(payment)
  if (left === 0) return answers.no(422, 'CAPTURE_FULLY_REFUNDED')
  return amount > left ? answers.no(422, 'REFUND_AMOUNT_EXCEEDED') : undefined
}

/** `keys`: by key, the refund that was made with it. */
export const createRefund = (book: Book, keys: Map<string, Refund>, id: string, { headers, body }: Asked): Answer => {
  const key = headers['paypal-request-id'] ?? ''
  // The real one makes the refund all the same; a client of ours that forgets a key is to be found out.
  if (!/^[\x21-\x7e]{1,108}$/.test(key)) return answers.no(400, 'MISSING_REQUIRED_PARAMETER', 'PayPal-Request-Id')
  const known = keys.get(key)
  // "PayPal returns the latest status of the previous request that used that same header", whatever this one asks.
  if (known !== undefined) return answers.ok(objectOf(book, known))
  const asked = refundAsked.safeParse(jsonIn(body || '{}'))
  if (!asked.success) return answers.no(400, 'INVALID_PARAMETER_SYNTAX', z.prettifyError(asked.error))
  const payment = book.capture(id)
  if (payment === undefined) return answers.missing
  const { amount: wanted, custom_id: customId, invoice_id: invoiceId } = asked.data
  const currency = wanted?.currency_code ?? payment.currency
  const amount = wanted === undefined ? book.left(payment) : answers.hundredthsIn(wanted.value, currency)
  const refused = refusal(book, payment, amount, currency, invoiceId)
  if (refused !== undefined || amount === undefined) return refused ?? answers.failure
  const names = { ...(customId !== undefined && { customId }), ...(invoiceId !== undefined && { invoiceId }) }
  const made = book.enter(payment, { amount, ...names })
  keys.set(key, made)
  const whole = headers.prefer === 'return=representation'
  return { status: 201, body: whole ? objectOf(book, made) : { id: made.id, status: made.status, links: [] } }
}

/** Takes what is held, or lets go of it. */
export const endAuthorization = (book: Book, id: string, how: 'void' | 'capture', { body, headers }: Asked): Answer => {
  const payment = book.authorization(id)
  if (payment === undefined) return answers.missing
  if (payment.voided) return answers.no(422, how === 'void' ? 'PREVIOUSLY_VOIDED' : 'AUTHORIZATION_VOIDED')
  if (payment.taken !== undefined)
    return answers.no(422, how === 'void' ? 'PREVIOUSLY_CAPTURED' : 'AUTHORIZATION_ALREADY_CAPTURED')
  if (how === 'void') {
    payment.voided = true
    return headers.prefer === 'return=representation' ? answers.ok(answers.authorizationOf(payment)) : { status: 204 }
  }
  const asked = refundAsked.pick({ amount: true }).safeParse(jsonIn(body || '{}'))
  const value = asked.data?.amount?.value
  payment.taken = value === undefined ? payment.amount : (answers.hundredthsIn(value, payment.currency) ?? 0)
  return { status: 201, body: answers.captureOf(payment, book.left(payment)) }
}
