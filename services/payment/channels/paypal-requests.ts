import { toPaypal } from '@countermand/providers/paypal-money.ts'
import type { Content } from './channel.ts'
import { notSetUp } from './way.ts'

/** What PayPal is asked. Pure: the same call asks the same. */

/** A capture, or the authorization that one was, or is to be, made of. */
export const paymentIn = (paymentRef: string): string => {
  if (/^[A-Z0-9]{1,36}$/.test(paymentRef)) return paymentRef
  throw notSetUp(`payment ${paymentRef} is none of PayPal's: expected the id of a capture or an authorization`)
}

/**
 * The body of a request for a refund: the same for a key, whenever and however often it is asked with. PayPal refuses an `invoice_id` that
 * a refund has had before, also when it has forgotten the key.
 */
export const refundBody = ({ amount, currency, refundId }: Content): string => {
  const value = toPaypal(amount, currency)
  if (value === undefined) throw notSetUp(`PayPal has no ${amount} in the smallest coin of ${currency}`)
  return JSON.stringify({ amount: { value, currency_code: currency }, custom_id: refundId, invoice_id: refundId })
}

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** `PayPal-Auth-Assertion`: for whom a platform's app asks. It is not signed; the app's token says who asks. */
export const assertionOf = (clientId: string, payerId: string): string =>
  `${base64({ alg: 'none' })}.${base64({ iss: clientId, payer_id: payerId })}.`
