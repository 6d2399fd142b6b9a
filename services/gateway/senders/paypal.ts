import { verify, type X509Certificate } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { type Account, paypalSettings } from '@countermand/providers/account.ts'
import {
  authorizationOf,
  captureOf,
  paypalId,
  paypalLinks,
  paypalSupplement,
} from '@countermand/providers/paypal-links.ts'
import { paypalMoney } from '@countermand/providers/paypal-money.ts'
import { z } from 'zod'
import { isOurs, type Notice, type Posted, type Sender, type Verified } from './sender.ts'
import { jsonOf } from './signed.ts'

/**
 * PayPal: RSA-SHA256 of `<transmission id>|<its time>|<id of the webhook>|<CRC-32 of the body, in decimals>`, by the certificate that
 * `PAYPAL-CERT-URL` names. It is told again for three days, as it was signed first. No order is promised, so that each event is a reason to
 * look and no more.
 */

const id = z.string().min(1).max(128)
const linked = { links: paypalLinks, supplementary_data: paypalSupplement }

const refund = z.object({
  ...{ id: paypalId, ...linked, amount: paypalMoney, status: z.string().nullish(), invoice_id: z.string().nullish() },
})
const payment = z.object({ id: paypalId, ...linked })
const capture = z.object({ id: paypalId, ...linked, amount: paypalMoney })
const dispute = z.object({
  dispute_id: id,
  dispute_amount: paypalMoney.optional(),
  disputed_transactions: z.array(z.object({ seller_transaction_id: z.string().max(128).optional() })),
  dispute_outcome: z.object({ outcome_code: z.string().optional() }).nullish(),
})
const event = z.object({
  id,
  event_type: z.string().min(1).max(128),
  create_time: z.iso.datetime({ offset: true }),
  resource: z.unknown(),
})

type About = Omit<Notice, 'eventId' | 'type' | 'occurredAt'>

const listed = (...references: readonly (string | undefined)[]): string[] =>
  references.filter((each) => each !== undefined)

const aboutRefund = refund.transform((found): About => {
  const { invoice_id, status, amount } = found
  return {
    about: 'refund',
    ...(isOurs(invoice_id) && { refundId: invoice_id }),
    payments: listed(captureOf(found), authorizationOf(found)),
    providerRef: found.id,
    ...amount,
    ...((status === 'FAILED' || status === 'CANCELLED') && { undone: true }),
  }
})
/** What PayPal takes back is counted by its dispute; here it is a reason to look. */
const aboutReversal = refund.transform((found): About => ({ about: 'payment', payments: listed(captureOf(found)) }))
const aboutAuthorization = payment.transform((found): About => ({ about: 'payment', payments: [found.id] }))
/** Of a payment that was never held nobody waits for the capture. */
const aboutCapture = capture.transform((found): About | undefined => {
  const authorization = authorizationOf(found)
  return authorization === undefined
    ? undefined
    : { about: 'capture', payments: [authorization, found.id], ...found.amount }
})

/** Its money stays with the merchant. All others count as lost: nothing is given back twice, and a person looks. */
const won: ReadonlySet<string> = new Set(['RESOLVED_SELLER_FAVOUR', 'CANCELED_BY_BUYER', 'DENIED'])
const aboutDispute = (isOver: boolean) =>
  dispute.transform((found): About => {
    const { dispute_id: providerRef, dispute_amount, disputed_transactions, dispute_outcome } = found
    const ending = won.has(dispute_outcome?.outcome_code ?? '') ? 'won' : 'lost'
    const payments = listed(...disputed_transactions.map(({ seller_transaction_id }) => seller_transaction_id))
    return { about: 'dispute', payments, providerRef, ...dispute_amount, dispute: isOver ? ending : 'opened' }
  })

/** What is done with each type of event; of all others nobody has a use. */
const types: ReadonlyMap<string, z.ZodType<About | undefined>> = new Map<string, z.ZodType<About | undefined>>([
  ...['PAYMENT.CAPTURE.REFUNDED', 'PAYMENT.REFUND.PENDING', 'PAYMENT.REFUND.FAILED'].map(
    (type) => [type, aboutRefund] as const,
  ),
  ['PAYMENT.CAPTURE.REVERSED', aboutReversal],
  ['PAYMENT.CAPTURE.COMPLETED', aboutCapture],
  ['PAYMENT.AUTHORIZATION.VOIDED', aboutAuthorization],
  ['CUSTOMER.DISPUTE.CREATED', aboutDispute(false)],
  ['CUSTOMER.DISPUTE.RESOLVED', aboutDispute(true)],
])

const read = (body: Buffer): Verified => {
  const found = event.safeParse(jsonOf(body))
  if (!found.success) return { ok: false, because: 'unreadable' }
  const { id: eventId, event_type: type, create_time, resource } = found.data
  const about = types.get(type)?.safeParse(resource)
  if (about === undefined) return { ok: true }
  if (!about.success) return { ok: false, because: 'unreadable' }
  if (about.data === undefined) return { ok: true }
  return { ok: true, notice: { eventId, type, occurredAt: new Date(create_time).toISOString(), ...about.data } }
}

/** Where the account's PayPal lives; its certificates are there, or at its former name. */
const hostsOf = ({ baseUrl = 'https://api-m.paypal.com' }: Account): readonly string[] => {
  const { origin } = new URL(baseUrl)
  return [origin, origin.replace('//api-m.', '//api.')]
}

const certificateAt = ({ headers }: Posted, account: Account): URL | undefined => {
  const url = URL.parse(headers['paypal-cert-url'] ?? '')
  if (url === null || !hostsOf(account).includes(url.origin)) return undefined
  // Nothing beside it: no name, no password, no question, and no other path than that of certificates.
  const isPlain = url.href === `${url.origin}${url.pathname}`
  return isPlain && /^\/v1\/notifications\/certs\/[\w-]{1,100}$/.test(url.pathname) ? url : undefined
}

/** It is one to sign notifications with, and valid now. Whose it is was said by the host that it came from. */
const isToSignWith = (certificate: X509Certificate, now: number): boolean =>
  /^CN=messageverificationcerts(\.sandbox)?\.paypal\.com$/m.test(certificate.subject) &&
  certificate.validFromDate.getTime() <= now &&
  now <= certificate.validToDate.getTime()

const minute = 60_000
/** It is told again for three days with the time, and the signature, that it had first. */
const oldest = 3 * 24 * 60 * minute + 5 * minute
const earliest = 5 * minute

const isSigned = ({ headers, body }: Posted, webhookId: string, certificate: X509Certificate): boolean => {
  const { 'paypal-transmission-id': transmission = '', 'paypal-transmission-time': time = '' } = headers
  const { 'paypal-transmission-sig': signature = '', 'paypal-auth-algo': algorithm } = headers
  if (algorithm !== 'SHA256withRSA' || !/^[\w-]{1,100}$/.test(transmission)) return false
  if (!/^[A-Za-z0-9+/]{100,1500}={0,2}$/.test(signature)) return false
  const text = Buffer.from(`${transmission}|${time}|${webhookId}|${crc32(body)}`)
  return verify('RSA-SHA256', text, certificate.publicKey, Buffer.from(signature, 'base64'))
}

export const paypal: Sender = {
  mediaType: 'application/json',
  certificateAt,
  verify: (posted, account, now, certificate) => {
    const { webhookId } = paypalSettings.parse(account.settings)
    const isKnown = webhookId !== undefined && certificate !== undefined && isToSignWith(certificate, now)
    if (!isKnown || !isSigned(posted, webhookId, certificate)) return { ok: false, because: 'signature' }
    const at = Date.parse(posted.headers['paypal-transmission-time'] ?? '')
    const isFresh = at >= now - oldest && at <= now + earliest
    return isFresh ? read(posted.body) : { ok: false, because: 'stale' }
  },
}
