import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Secret } from '@countermand/providers/secret.ts'
import { certificate as ofStandIn } from '@countermand/tools/stand-ins/paypal/certificate.ts'
import { eventOf, signedBy } from '@countermand/tools/stand-ins/paypal/notices.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { paypal } from './paypal.ts'

const pem = z.string().transform((text) => new X509Certificate(text))
const vector = z.object({
  ...{ name: z.string(), webhookId: z.string(), transmissionId: z.string(), time: z.string() },
  ...{ body: z.string(), signature: z.string() },
})
const { vectors, ...certificates } = z
  .object({ vectors: z.array(vector), certificate: pem, sandbox: pem, otherName: pem, otherKind: pem })
  .parse(JSON.parse(readFileSync(new URL('paypal-vectors.json', import.meta.url), 'utf8')))
const [first = expect.fail('expected a vector')] = vectors

const accountWith = (settings: object, baseUrl?: string) => ({
  ...{ name: 'paypal-eu', provider: 'paypal', settings: { clientId: 'client-1', ...settings } },
  ...(baseUrl !== undefined && { baseUrl }),
  secrets: new Map<string, Secret[]>(),
})
const certUrl = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb'
const at = Date.parse('2026-11-20T09:00:04Z')
const refused = (because: string) => ({ ok: false, because })

const headersOf = ({ transmissionId, time, signature }: z.infer<typeof vector>) => ({
  ...{ 'paypal-transmission-id': transmissionId, 'paypal-transmission-time': time, 'paypal-cert-url': certUrl },
  ...{ 'paypal-transmission-sig': signature, 'paypal-auth-algo': 'SHA256withRSA' },
})
interface More {
  readonly body?: Buffer
  readonly headers?: Record<string, string | undefined>
  readonly settings?: object
  readonly now?: number
  readonly certificate?: X509Certificate | undefined
}
const post = (given: z.infer<typeof vector>, more: More = {}) =>
  paypal.verify(
    { headers: { ...headersOf(given), ...more.headers }, body: more.body ?? Buffer.from(given.body) },
    accountWith(more.settings ?? { webhookId: given.webhookId }),
    more.now ?? at,
    'certificate' in more ? more.certificate : certificates.certificate,
  )

describe('what others’ code has signed', () => {
  it.each(vectors)('is taken: $name', (given) =>
    expect(post(given)).toMatchObject({ ok: true, notice: { about: 'refund' } }),
  )

  it.each(vectors)('is refused with one byte changed: $name', (given) => {
    const bytes = Buffer.from(given.body)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const body = Buffer.from(bytes)
        body[place] = (body[place] ?? 0) ^ change
        expect(post(given, { body })).toEqual(refused('signature'))
      }),
    )
  })

  it('is refused when it was parsed and printed again: a signature is over bytes', () => {
    const [, given = expect.fail('expected two vectors')] = vectors
    expect(post(given, { body: Buffer.from(JSON.stringify(JSON.parse(given.body))) })).toEqual(refused('signature'))
  })
})

describe('a signature', () => {
  it.each([
    ['none', { 'paypal-transmission-sig': undefined }],
    ['an empty one', { 'paypal-transmission-sig': '' }],
    ['a shorter one', { 'paypal-transmission-sig': first.signature.slice(0, -4) }],
    ['one that is no base64', { 'paypal-transmission-sig': first.signature.replace(/./, '-') }],
    ['one of another time', { 'paypal-transmission-time': '2026-11-20T09:00:05Z' }],
    ['one of another transmission', { 'paypal-transmission-id': 'another' }],
    ['one of no transmission', { 'paypal-transmission-id': undefined }],
    ['one of another kind', { 'paypal-auth-algo': 'SHA1withRSA' }],
  ])('is no %s', (_, headers) => expect(post(first, { headers })).toEqual(refused('signature')))

  it('counts for nothing where the account names another webhook, or none', () => {
    expect(post(first, { settings: { webhookId: 'ANOTHER' } })).toEqual(refused('signature'))
    expect(post(first, { settings: {} })).toEqual(refused('signature'))
  })

  it('counts for nothing by a certificate that is not there, another’s, not PayPal’s to sign with, or of another time', () => {
    const { otherName, otherKind, sandbox } = certificates
    for (const certificate of [undefined, new X509Certificate(ofStandIn), otherName, otherKind])
      expect(post(first, { certificate })).toEqual(refused('signature'))
    expect(post(first, { certificate: sandbox })).toMatchObject({ ok: true })
    for (const now of [Date.parse('2019-01-01'), Date.parse('2200-01-01')])
      expect(post(first, { now })).toEqual(refused('signature'))
  })

  const minute = 60_000
  it.each([
    [4325 * minute, true],
    [4325 * minute + 1, false],
    [-5 * minute, true],
    [-5 * minute - 1, false],
  ])('that is %i ms old: is taken: %s', (age, taken) => {
    const certificate = new X509Certificate(ofStandIn)
    const signedAt = at
    const body = eventOf('WH-1', 'NOBODY.CARES', {}, signedAt)
    const headers = signedBy(body, 'WEBHOOK1', certUrl, signedAt)
    const account = accountWith({ webhookId: 'WEBHOOK1' })
    const said = paypal.verify({ headers, body: Buffer.from(body) }, account, signedAt + age, certificate)
    expect(said).toEqual(taken ? { ok: true } : refused('stale'))
  })
})

describe('a certificate', () => {
  const isAt = (url: string | undefined, baseUrl?: string) =>
    paypal.certificateAt?.({ headers: { 'paypal-cert-url': url }, body: Buffer.from('') }, accountWith({}, baseUrl))
      ?.href
  const sandbox = 'https://api-m.sandbox.paypal.com'

  it('is where PayPal lives, by both of its names; in the sandbox of an account that lives there', () => {
    const path = '/v1/notifications/certs/CERT-1'
    for (const host of ['https://api.paypal.com', 'https://api-m.paypal.com'])
      expect(isAt(`${host}${path}`)).toBe(`${host}${path}`)
    expect(isAt(`https://api.sandbox.paypal.com${path}`, sandbox)).toBe(`https://api.sandbox.paypal.com${path}`)
    expect(isAt(`https://api.sandbox.paypal.com${path}`)).toBeUndefined()
    expect(isAt(`https://api.paypal.com${path}`, sandbox)).toBeUndefined()
    expect(isAt(`http://127.0.0.1:9${path}`, 'http://127.0.0.1:9')).toBe(`http://127.0.0.1:9${path}`)
  })

  it.each([
    undefined,
    '',
    'no address',
    'http://api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com.example.com/v1/notifications/certs/CERT-1',
    'https://example.com/v1/notifications/certs/CERT-1?https://api.paypal.com',
    'https://api.paypal.com@example.com/v1/notifications/certs/CERT-1',
    'https://user:pass@api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com:8443/v1/notifications/certs/CERT-1',
    'https://www.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com/v1/notifications/certs/../webhooks',
    'https://api.paypal.com/v1/notifications/certs/a%2f..%2fb',
    'https://api.paypal.com/v1/notifications/certs/CERT-1?x=1',
    'https://api.paypal.com/v1/notifications/certs/CERT-1#x',
    'https://api.paypal.com/v1/notifications/certs/',
    `https://api.paypal.com/v1/notifications/certs/${'C'.repeat(101)}`,
    'file:///v1/notifications/certs/CERT-1',
  ])('is not at %j', (url) => expect(isAt(url)).toBeUndefined())
})

const certificate = new X509Certificate(ofStandIn)
const later = Date.parse('2026-12-20T09:00:00Z')
/** What is said of an event that PayPal has signed. */
const told = (type: string, resource: unknown) => {
  const body = eventOf('WH-9', type, resource, later)
  const headers = signedBy(body, 'WEBHOOK1', certUrl, later)
  return paypal.verify({ headers, body: Buffer.from(body) }, accountWith({ webhookId: 'WEBHOOK1' }), later, certificate)
}

const amount = { currency_code: 'EUR', value: '13.91' }
const money = { amount: 1391, currency: 'EUR' }
const up = (kind: string, id: string) => [
  { rel: 'self', href: 'https://api.paypal.com/v2/payments/x/SELF' },
  { rel: 'up', href: `https://api.paypal.com/v2/payments/${kind}/${id}` },
]
const refundId = 'ref_0123456789abcdef01234567'
const refund = { id: 'R1', amount, status: 'COMPLETED', links: up('captures', 'C1') }
const disputed = {
  dispute_id: 'PP-D-1',
  dispute_amount: amount,
  disputed_transactions: [{ seller_transaction_id: 'C1' }],
}
const aboutDispute = { about: 'dispute', payments: ['C1'], providerRef: 'PP-D-1', ...money }

const aboutRefund = { about: 'refund', payments: ['C1'], providerRef: 'R1', ...money }
const outcomes = [
  ...(['RESOLVED_SELLER_FAVOUR', 'CANCELED_BY_BUYER', 'DENIED'] as const).map((code) => [code, 'won'] as const),
  ...(['RESOLVED_BUYER_FAVOUR', 'RESOLVED_WITH_PAYOUT', 'NEW'] as const).map((code) => [code, 'lost'] as const),
]
/** What PayPal says, and what we make of it. */
const events: readonly (readonly [type: string, resource: object, about: object])[] = [
  ['PAYMENT.CAPTURE.REFUNDED', { ...refund, invoice_id: refundId }, { ...aboutRefund, refundId }],
  // The shop's own number, of a refund that was made at PayPal.
  ['PAYMENT.CAPTURE.REFUNDED', { ...refund, invoice_id: 'INV-1' }, aboutRefund],
  ['PAYMENT.REFUND.FAILED', { ...refund, status: 'FAILED' }, { ...aboutRefund, undone: true }],
  ['PAYMENT.REFUND.FAILED', { ...refund, status: 'CANCELLED' }, { ...aboutRefund, undone: true }],
  [
    ...(['PAYMENT.REFUND.PENDING', { ...refund, amount: { currency_code: 'JPY', value: '500' } }] as const),
    { ...aboutRefund, amount: 500, currency: 'JPY' },
  ],
  ['PAYMENT.REFUND.PENDING', { ...refund, links: undefined }, { ...aboutRefund, payments: [] }],
  ['PAYMENT.CAPTURE.REVERSED', refund, { about: 'payment', payments: ['C1'] }],
  ['PAYMENT.AUTHORIZATION.VOIDED', { id: 'A1' }, { about: 'payment', payments: ['A1'] }],
  [
    ...(['PAYMENT.CAPTURE.COMPLETED', { id: 'C1', amount, links: up('authorizations', 'A1') }] as const),
    { about: 'capture', payments: ['A1', 'C1'], ...money },
  ],
  ['CUSTOMER.DISPUTE.CREATED', disputed, { ...aboutDispute, dispute: 'opened' }],
  ...outcomes.map(
    ([outcome_code, dispute]) =>
      [
        ...(['CUSTOMER.DISPUTE.RESOLVED', { ...disputed, dispute_outcome: { outcome_code } }] as const),
        { ...aboutDispute, dispute },
      ] as const,
  ),
]

describe('an event', () => {
  it.each(events)('%s says what it is about: %j', (type, resource, about) => {
    expect(told(type, resource)).toEqual({
      ok: true,
      notice: { eventId: 'WH-9', type, occurredAt: '2026-12-20T09:00:00.000Z', ...about },
    })
  })

  it('of which nobody has a use is no notification', () => {
    expect(told('CHECKOUT.ORDER.APPROVED', {})).toEqual({ ok: true })
    // A payment that was never held.
    expect(told('PAYMENT.CAPTURE.COMPLETED', { id: 'C1', amount, links: up('orders', 'O1') })).toEqual({ ok: true })
  })

  it.each([{}, { ...refund, id: '../x' }, { ...refund, amount: { currency_code: 'EUR', value: '1.391' } }])(
    'that is signed, and makes no sense, is none: %j',
    (resource) => expect(told('PAYMENT.CAPTURE.REFUNDED', resource)).toEqual(refused('unreadable')),
  )

  it('of any content is answered, and never thrown at us', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('PAYMENT.CAPTURE.REFUNDED', 'CUSTOMER.DISPUTE.RESOLVED', 'PAYMENT.CAPTURE.COMPLETED'),
        fc.jsonValue(),
        (type, resource) => {
          expect(told(type, resource)).toHaveProperty('ok')
        },
      ),
      { numRuns: 50 },
    )
  })
})
