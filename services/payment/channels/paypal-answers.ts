import { jsonIn } from '@countermand/contracts/json.ts'
import { said } from '@countermand/contracts/text.ts'
import type { ProviderAnswer } from '@countermand/providers/http.ts'
import type { Given } from '@countermand/providers/oauth.ts'
import { captureOf, paypalId, paypalLinks, paypalSupplement } from '@countermand/providers/paypal-links.ts'
import { paypalMoney } from '@countermand/providers/paypal-money.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { z } from 'zod'
import { ChannelError, type Content, day, later, type RefundResult, type Refusal } from './channel.ts'
import { waitOf, wordsOf } from './way.ts'

/** What PayPal's answers mean: Payments v2, Orders v2 (paypal/paypal-rest-api-specifications). */

const linked = { id: paypalId, links: paypalLinks, status: z.string() }

export const refundObject = z.object({
  ...{ ...linked, amount: paypalMoney, invoice_id: z.string().optional() },
  create_time: z.iso.datetime({ offset: true }).optional(),
  status_details: z.object({ reason: z.string().optional() }).optional(),
})
export type PaypalRefund = z.infer<typeof refundObject>

/** A payment that was taken, or is held. */
export const paymentObject = z.object({ ...linked, supplementary_data: paypalSupplement })
export type PaypalPayment = z.infer<typeof paymentObject>

export const orderObject = z.object({
  purchase_units: z.array(
    z.object({
      payments: z
        .object({ captures: z.array(paymentObject).default([]), refunds: z.array(refundObject).default([]) })
        .default({ captures: [], refunds: [] }),
    }),
  ),
})

/** A refund may come back for so long. */
const reversibleDays = 30

/**
 * How a refund is that PayPal has. A refund of another content is none of ours, whatever key it came with. `capture`: what it has to be
 * of, where that was not seen before.
 */
export const resultOf = (refund: PaypalRefund, call: Content, capture?: string): RefundResult => {
  const { id: providerRef, status, invoice_id, create_time } = refund
  const { amount, currency } = refund.amount
  const of = captureOf(refund)
  const isElsewhere = capture !== undefined && of !== undefined && of !== capture
  if (amount !== call.amount || currency !== call.currency || invoice_id !== call.refundId || isElsewhere)
    throw new ChannelError(
      `PayPal has ${providerRef} of ${amount} ${currency} for ${said(invoice_id ?? 'somebody', 128)}, of payment ${of}, not ${call.amount} ${call.currency} for ${call.refundId}, of ${capture ?? call.paymentRef}`,
      ...(['unknown', { trouble: 'setup' }] as const),
    )
  switch (status) {
    case 'COMPLETED': {
      if (create_time === undefined) return { outcome: 'succeeded', providerRef }
      return { outcome: 'succeeded', providerRef, reversibleUntil: later(create_time, reversibleDays * day) }
    }
    case 'PENDING':
      return {
        ...{ outcome: 'pending', providerRef },
        why: refund.status_details?.reason === 'ECHECK' ? 'charge-pending' : 'processing',
      }
    case 'FAILED':
      return { outcome: 'refused', reason: 'PayPal could not make the refund', key: 'dead', cure: 'elsewhere' }
    case 'CANCELLED':
      return { outcome: 'refused', reason: 'the refund was cancelled at PayPal', key: 'dead', cure: 'elsewhere' }
    default:
      throw new ChannelError(
        `PayPal says of ${providerRef} that it is ${said(status, 40)}, which nobody knows here`,
        'unknown',
      )
  }
}

type No = Pick<Refusal, 'cure'> & { readonly unsure?: true }
const elsewhere: No = { cure: 'elsewhere' }
/** It may speak of our own earlier call. */
const unsure: No = { cure: 'none', unsure: true }

/** Nothing was done. PayPal does not say that it judges a key anew, so that the next round has a new one. */
const refusals: Readonly<Record<string, No>> = {
  ...{ CAPTURE_FULLY_REFUNDED: unsure, REFUND_AMOUNT_EXCEEDED: unsure, DUPLICATE_INVOICE_ID: unsure },
  PENDING_CAPTURE: { cure: 'wait' },
  REFUND_FAILED_INSUFFICIENT_FUNDS: { cure: 'funds' },
  ...{ REFUND_TIME_LIMIT_EXCEEDED: elsewhere, MAX_NUMBER_OF_REFUNDS_EXCEEDED: elsewhere },
  ...{ PARTIAL_REFUND_NOT_ALLOWED: elsewhere, REFUND_NOT_ALLOWED: elsewhere, REFUND_AMOUNT_TOO_LOW: elsewhere },
  PAYER_ACCOUNT_LOCKED_OR_CLOSED: elsewhere,
  ...{ TRANSACTION_DISPUTED: { cure: 'dispute' }, REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK: { cure: 'dispute' } },
}
/** What the merchant has to see to, or we: nothing was done. */
const setup =
  /^(PAYEE_ACCOUNT_\w+|REFUND_IS_RESTRICTED|INVALID_\w+|(REFUND_CAPTURE_)?CURRENCY_MISMATCH|DECIMAL\w+|CANNOT_BE_\w+|PLATFORM_FEE_\w+|PERMISSION_DENIED|NOT_AUTHORIZED)$/
const reused = /^(DUPLICATE_REQUEST_ID|PAYPAL_REQUEST_ID_PREVIOUSLY_USED)$/

const failed = z.object({
  name: z.string().default(''),
  message: z.string().default(''),
  details: z.array(z.object({ issue: z.string(), description: z.string().optional() })).default([]),
})

/** What is wrong, by PayPal's name of it, and in its words. */
export const issueOf = ({ body }: ProviderAnswer): { readonly issue: string; readonly words: string } | undefined => {
  const parsed = failed.safeParse(jsonIn(body))
  if (!parsed.success) return undefined
  const { name, message, details } = parsed.data
  const { issue = name, description = message } = details[0] ?? {}
  return { issue, words: wordsOf(description === '' ? issue : `${issue}: ${description}`) }
}

const notYet = (answer: ProviderAnswer, what: string, now: number): ChannelError => {
  return new ChannelError(`${what}: PayPal answers ${answer.status}`, 'before-anything', waitOf(answer, now))
}
const refusedCredentials = (what: string): ChannelError =>
  new ChannelError(`${what}: PayPal does not take the credentials`, 'before-anything', { trouble: 'setup' })

/** What an answer that is no yes says of a request for a refund; what leaves it open, or has to be set up, is thrown. */
export const refusalOf = (answer: ProviderAnswer, what: string, now: number): RefundResult => {
  const { status, outage } = answer
  if (status === 429 || status === 409) throw notYet(answer, what, now)
  if (status === 401) throw refusedCredentials(what)
  const found = issueOf(answer)
  if (found === undefined || status >= 500 || status < 400)
    throw new ChannelError(`${what}: PayPal answers ${status}`, 'unknown', outage ?? {})
  const { issue, words } = found
  if (reused.test(issue))
    throw new ChannelError(`${what}: PayPal has the key with other content`, 'unknown', { trouble: 'setup' })
  if (status !== 422 || setup.test(issue))
    throw new ChannelError(`${what}: ${words}`, 'before-anything', { trouble: 'setup' })
  return { outcome: 'refused', reason: `PayPal: ${words}`, key: 'dead', ...(refusals[issue] ?? unsure) }
}

/** What a yes says; one that cannot be read leaves open what was done. */
export const readBody = <Type>(schema: z.ZodType<Type>, answer: ProviderAnswer, what: string): Type => {
  const read = schema.safeParse(jsonIn(answer.body))
  if (read.success) return read.data
  throw new ChannelError(`${what}: PayPal answers ${answer.status} with what cannot be read`, 'unknown')
}

const token = z.object({ access_token: z.string().regex(/^[\x21-\x7e]{1,8000}$/), expires_in: z.int().nonnegative() })

/** The token that an answer gives. Whatever comes instead, nothing was asked for yet. */
export const tokenIn = (answer: ProviderAnswer, now: number): Given => {
  const { status } = answer
  const given = status === 200 ? token.safeParse(jsonIn(answer.body)) : undefined
  if (given?.success) return { token: new Secret(given.data.access_token), lifeMs: given.data.expires_in * 1000 }
  if (status >= 400 && status < 500 && status !== 429) throw refusedCredentials('token')
  throw notYet(answer, 'token', now)
}
