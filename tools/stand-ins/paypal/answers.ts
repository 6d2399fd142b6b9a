import type { Answer } from '../serve-api.ts'
import { captureIdOf, type Payment, type Refund } from './book.ts'

/** What the API says, as its OpenAPI document has it. */

const home = 'https://api-m.paypal.com'
const link = (path: string, rel: string, method = 'GET') => ({ href: `${home}${path}`, rel, method })

const withoutDecimals = ['HUF', 'JPY', 'TWD']
export const moneyOf = (hundredths: number, currency: string) => ({
  currency_code: currency,
  value: withoutDecimals.includes(currency) ? String(hundredths / 100) : (hundredths / 100).toFixed(2),
})
/** Hundredths; `undefined`: it is none of that currency. */
export const hundredthsIn = (value: string, currency: string): number | undefined => {
  const pattern = withoutDecimals.includes(currency) ? /^\d{1,12}$/ : /^\d{1,12}(\.\d{1,2})?$/
  return pattern.test(value) ? Math.round(Number(value) * 100) : undefined
}

export const iso = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')

export const refundOf = (refund: Refund, payment: Payment) => ({
  ...{ id: refund.id, status: refund.status, amount: moneyOf(refund.amount, refund.currency ?? payment.currency) },
  ...(refund.status === 'PENDING' && { status_details: { reason: 'ECHECK' } }),
  ...(refund.invoiceId !== undefined && { invoice_id: refund.invoiceId }),
  ...(refund.customId !== undefined && { custom_id: refund.customId }),
  ...{ create_time: iso(refund.at), update_time: iso(refund.at) },
  links: [
    link(`/v2/payments/refunds/${refund.id}`, 'self'),
    link(`/v2/payments/captures/${captureIdOf(payment)}`, 'up'),
  ],
})

const statusOf = (payment: Payment): string => {
  if (payment.voided) return 'VOIDED'
  if (payment.taken === undefined) return 'CREATED'
  return payment.taken < payment.amount ? 'PARTIALLY_CAPTURED' : 'CAPTURED'
}
const relatedTo = ({ order: order_id }: Payment) => ({ supplementary_data: { related_ids: { order_id } } })

export const authorizationOf = (payment: Payment) => ({
  ...{ id: payment.id, status: statusOf(payment), amount: moneyOf(payment.amount, payment.currency) },
  ...relatedTo(payment),
  links: [
    link(`/v2/payments/authorizations/${payment.id}`, 'self'),
    link(`/v2/checkout/orders/${payment.order}`, 'up'),
  ],
})

export const captureOf = (payment: Payment, left: number) => {
  const { taken = 0, currency, behaviour, id, order } = payment
  const state = left === 0 ? 'REFUNDED' : left < taken ? 'PARTIALLY_REFUNDED' : 'COMPLETED'
  const capture = captureIdOf(payment)
  const up = behaviour.held ? `/v2/payments/authorizations/${id}` : `/v2/checkout/orders/${order}`
  return {
    ...{ id: capture, status: state, amount: moneyOf(taken, currency), final_capture: true, ...relatedTo(payment) },
    links: [link(`/v2/payments/captures/${capture}`, 'self'), link(up, 'up')],
  }
}

export const orderOf = (payment: Payment, left: number, refunds: readonly Refund[]) => ({
  ...{ id: payment.order, status: 'COMPLETED', intent: payment.behaviour.held ? 'AUTHORIZE' : 'CAPTURE' },
  purchase_units: [
    {
      reference_id: 'default',
      payments: {
        ...(payment.behaviour.held && { authorizations: [authorizationOf(payment)] }),
        ...(payment.taken !== undefined && { captures: [captureOf(payment, left)] }),
        ...(refunds.length > 0 && { refunds: refunds.map((each) => refundOf(each, payment)) }),
      },
    },
  ],
})

export const ok = (body: unknown): Answer => ({ status: 200, body })

const names: Readonly<Record<number, string>> = {
  ...{ 400: 'INVALID_REQUEST', 403: 'NOT_AUTHORIZED', 404: 'RESOURCE_NOT_FOUND', 409: 'RESOURCE_CONFLICT' },
  ...{ 422: 'UNPROCESSABLE_ENTITY', 429: 'RATE_LIMIT_REACHED', 500: 'INTERNAL_SERVER_ERROR' },
}
/** An error as the API has it. */
export const no = (status: number, issue: string, description = 'See the issue.'): Answer => ({
  status,
  body: {
    ...{ name: names[status], message: 'The request could not be performed.', debug_id: '90957fca61718' },
    details: [{ issue, description }],
  },
})

export const missing = no(404, 'INVALID_RESOURCE_ID', 'Specified resource ID does not exist.')
export const failure: Answer = {
  status: 500,
  body: { name: 'INTERNAL_SERVER_ERROR', message: 'An internal server error occurred.', debug_id: '90957fca61718' },
}
export const tooMany: Answer = { ...no(429, 'RATE_LIMIT_REACHED'), headers: { 'retry-after': '1' } }
export const inProgress = no(409, 'PREVIOUS_REQUEST_IN_PROGRESS', 'A previous request is in progress.')
export const badToken: Answer = {
  ...{ status: 401, body: { error: 'invalid_token', error_description: 'Token signature verification failed' } },
}
export const badClient: Answer = {
  ...{ status: 401, body: { error: 'invalid_client', error_description: 'Client Authentication failed' } },
}
