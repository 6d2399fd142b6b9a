import { readFileSync } from 'node:fs'
import { signed } from '@countermand/tools/stand-ins/stripe/notices.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { accountWith, signedByStripe, stripeEvent } from '../test/given.ts'
import { stripe } from './stripe.ts'

const vector = z.object({
  name: z.string(),
  by: z.string(),
  secret: z.string(),
  at: z.int(),
  body: z.string(),
  signature: z.string(),
})
const { vectors } = z
  .object({ vectors: z.array(vector) })
  .parse(JSON.parse(readFileSync(new URL('stripe-vectors.json', import.meta.url), 'utf8')))

const at = 1_795_165_204
const post = (body: string, signature: string | undefined, secrets: readonly string[] = ['whsec_one'], now = at) =>
  stripe.verify(
    { headers: { 'stripe-signature': signature }, body: Buffer.from(body) },
    accountWith(...secrets),
    now * 1000,
  )
const told = (type: string, object: object) => {
  const body = stripeEvent('evt_1', type, object)
  return post(body, signedByStripe(body, 'whsec_one', at))
}
const body = stripeEvent('evt_1', 'invoice.paid', {})
const signature = signedByStripe(body, 'whsec_one', at)
const refused = (because: string) => ({ ok: false, because })

describe('what Stripe’s own libraries have signed', () => {
  it.each(vectors)('is taken, and signed by us in the same way: $by, $name', ({ body, signature, secret, at }) => {
    expect(post(body, signature, [secret], at)).toMatchObject({ ok: true, notice: { about: 'refund' } })
    expect([signed(body, secret, at * 1000), signedByStripe(body, secret, at)]).toEqual([signature, signature])
  })

  it.each(vectors)('is refused with one byte changed: $by, $name', ({ body, signature, secret, at }) => {
    const bytes = Buffer.from(body)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const other = Buffer.from(bytes)
        other[place] = (other[place] ?? 0) ^ change
        const posted = { headers: { 'stripe-signature': signature }, body: other }
        expect(stripe.verify(posted, accountWith(secret), at * 1000)).toEqual(refused('signature'))
      }),
    )
  })

  it('is refused when it was parsed and printed again: a signature is over bytes', () => {
    const [, { body, signature, secret, at } = expect.fail('expected two vectors')] = vectors
    expect(post(JSON.stringify(JSON.parse(body)), signature, [secret], at)).toEqual(refused('signature'))
  })
})

describe('a signature', () => {
  it('counts with the secret of before, while that is there, and with any of several', () => {
    expect(post(body, signature, ['whsec_new', 'whsec_one'])).toEqual({ ok: true })
    expect(post(body, signature, ['whsec_new'])).toEqual(refused('signature'))
    const other = '0'.repeat(64)
    expect(post(body, signature.replace('v1=', `v1=${other},v1=`))).toEqual({ ok: true })
  })

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one without a time', signature.slice(signature.indexOf('v1='))],
    ['one of another time', signature.replace(String(at), String(at + 1))],
    ['one of another scheme', signature.replace('v1=', 'v0=')],
    ['a shorter one', signature.slice(0, -1)],
    ['one in capital letters', signature.toUpperCase()],
    ['a text', 't=now,v1=yes'],
  ])('is no %s', (_, other) => expect(post(body, other)).toEqual(refused('signature')))

  it.each([
    [300, true],
    [301, false],
    [-300, true],
    [-301, false],
  ])('that is %i s old: is taken: %s', (age, taken) => {
    expect(post(body, signature, ['whsec_one'], at + age)).toEqual(taken ? { ok: true } : refused('stale'))
  })

  it('counts for nothing where the account has no secret', () => {
    expect(post(body, signedByStripe(body, '', at), [])).toEqual(refused('signature'))
  })
})

const money = { amount: 1391, currency: 'eur' }

describe('an event', () => {
  it.each([
    [
      'refund.updated',
      {
        id: 're_1',
        ...money,
        charge: 'ch_1',
        payment_intent: 'pi_1',
        status: 'succeeded',
        metadata: { refundId: 'ref_1' },
      },
      {
        about: 'refund',
        refundId: 'ref_1',
        payments: ['pi_1', 'ch_1'],
        providerRef: 're_1',
        amount: 1391,
        currency: 'EUR',
      },
    ],
    [
      'refund.failed',
      { id: 're_1', ...money, charge: { id: 'ch_1' }, payment_intent: null, status: 'failed', metadata: null },
      { about: 'refund', payments: ['ch_1'], providerRef: 're_1', amount: 1391, currency: 'EUR', undone: true },
    ],
    [
      'charge.dispute.created',
      { id: 'dp_1', ...money, charge: 'ch_1', payment_intent: 'pi_1', status: 'needs_response' },
      {
        about: 'dispute',
        payments: ['pi_1', 'ch_1'],
        providerRef: 'dp_1',
        amount: 1391,
        currency: 'EUR',
        dispute: 'opened',
      },
    ],
    [
      'charge.dispute.closed',
      { id: 'dp_1', ...money, charge: 'ch_1', status: 'lost' },
      { about: 'dispute', payments: ['ch_1'], providerRef: 'dp_1', amount: 1391, currency: 'EUR', dispute: 'lost' },
    ],
    ['payment_intent.canceled', { id: 'pi_1' }, { about: 'payment', payments: ['pi_1'] }],
    [
      'payment_intent.canceled',
      { id: 'pi_1', latest_charge: 'ch_1' },
      { about: 'payment', payments: ['pi_1', 'ch_1'] },
    ],
    [
      'charge.captured',
      { id: 'ch_1', payment_intent: 'pi_1', amount_captured: 900, currency: 'jpy' },
      { about: 'capture', payments: ['pi_1', 'ch_1'], amount: 900, currency: 'JPY' },
    ],
  ])('%s says what it is about', (type, object, about) => {
    expect(told(type, object)).toEqual({
      ok: true,
      notice: { eventId: 'evt_1', type, occurredAt: '2026-11-20T09:00:00.000Z', ...about },
    })
  })

  it('counts what Stripe counts in hundredths in whole units', () => {
    const refund = { id: 're_1', amount: 500_00, currency: 'isk', status: 'succeeded' }
    expect(told('refund.created', refund)).toMatchObject({ notice: { amount: 500, currency: 'ISK' } })
  })

  it('of which nobody has a use is no notification', () => expect(told('invoice.paid', {})).toEqual({ ok: true }))

  it('that is signed, and makes no sense, is none', () => {
    for (const text of [
      '',
      'no JSON',
      '[]',
      '{}',
      stripeEvent('', 'refund.created', {}),
      stripeEvent('e', 'refund.created', {}),
    ])
      expect(post(text, signedByStripe(text, 'whsec_one', at))).toEqual(refused('unreadable'))
  })

  it('of any content is answered, and never thrown at us', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('refund.created', 'charge.dispute.closed', 'charge.captured'),
        fc.jsonValue(),
        (type, object) => {
          const text = JSON.stringify({ id: 'evt_1', created: 1, type, data: { object } })
          expect(post(text, signedByStripe(text, 'whsec_one', at))).toHaveProperty('ok')
        },
      ),
    )
  })
})
