import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import Stripe from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listen } from '../control.ts'
import { apiVersion } from './api.ts'
import { type StartedStandIn, startStandIn } from './started.ts'

/** The vendor's own client judges the stand-in: it asks, and reads what comes back, by types and rules that are not ours. */

const apiKey = 'sk_test_judge'
let standIn: StartedStandIn
let stripe: Stripe

beforeAll(async () => {
  standIn = await startStandIn({ apiKey })
  const { port } = standIn
  stripe = new Stripe(apiKey, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
})
afterAll(() => standIn.close())
const tell = (what: string, body?: object) => standIn.tell(what, body)
/** How many refunds there are. */
const made = async () => (await standIn.refunds()).length
beforeEach(() => tell('DELETE /faults'))

let payments = 0
const payment = (behaviour: string) => `pi_${behaviour}_j${++payments}`
const key = () => ({ idempotencyKey: `key-${++payments}` })
const failure = async (asked: Promise<unknown>) => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return [error.type, error.statusCode, error.code]
    throw error
  }
}

it('speaks the version that the client pins', () => {
  expect(apiVersion).toBe(stripe.getApiField('version'))
})

it('makes, finds and lists refunds as the client reads them', async () => {
  const id = payment('ok')
  const asked = { payment_intent: id, amount: 100, reason: 'duplicate', metadata: { refundId: 'ref_1' } } as const
  const made = await stripe.refunds.create(asked, key())
  expect(made).toMatchObject({ object: 'refund', amount: 100, status: 'succeeded', metadata: { refundId: 'ref_1' } })
  expect(await stripe.refunds.retrieve(made.id)).toMatchObject({ id: made.id, payment_intent: id })
  for (let more = 0; more < 4; more++) await stripe.refunds.create({ ...asked, amount: 1 }, key())
  const listed = await stripe.refunds.list({ payment_intent: id, limit: 2 }).autoPagingToArray({ limit: 10 })
  expect([listed.length, listed.at(-1)?.id]).toEqual([5, made.id])
})

it('lists what has changed the balance, with its fees, as the client reads it', async () => {
  const id = payment('ok')
  const refund = await stripe.refunds.create({ payment_intent: id, amount: 100 }, key())
  const failed = await stripe.refunds.create({ payment_intent: payment('fail'), amount: 7 }, key())
  const held = await stripe.paymentIntents.retrieve(payment('held'))
  const all = await stripe.balanceTransactions
    .list({ limit: 2, created: { gte: refund.created - 60, lt: refund.created + 60 } })
    .autoPagingToArray({ limit: 1_000 })
  const of = (source: unknown) => all.filter((each) => each.source === source).map((each) => [each.type, each.net])
  expect(of(id.replace('pi_', 'ch_'))).toEqual([['charge', 1_000 - 15 - 25]])
  expect(of(refund.id)).toEqual([['refund', -100]])
  expect(of(failed.id)).toEqual([
    ['refund_failure', 7],
    ['refund', -7],
  ])
  expect(of(held.latest_charge)).toEqual([])
  expect(all.find((each) => each.id === refund.balance_transaction)?.source).toBe(refund.id)
  expect(await stripe.balanceTransactions.list({ created: { lt: refund.created - 60 } })).toMatchObject({ data: [] })
  expect(await failure(stripe.balanceTransactions.list({ limit: 101 }))).toEqual([
    ...['StripeInvalidRequestError', 400, undefined],
  ])
})

it('has in its books what somebody enters there, and takes out or changes', async () => {
  const id = await standIn.enter({ payment: payment('ok'), amount: 9 })
  expect(await stripe.refunds.retrieve(id)).toMatchObject({ amount: 9, status: 'succeeded', metadata: {} })
  await standIn.rewrite(id, { amount: 8, currency: 'usd' })
  expect(await stripe.refunds.retrieve(id)).toMatchObject({ amount: 8, currency: 'usd' })
  await standIn.rewrite(id, 'gone')
  expect(await failure(stripe.refunds.retrieve(id))).toEqual([
    ...['StripeInvalidRequestError', 404, 'resource_missing'],
  ])
})

it('does the same for a key once, and says that it has', async () => {
  const asked = { payment_intent: payment('ok'), amount: 100 }
  const once = key()
  const [first, again] = [await stripe.refunds.create(asked, once), await stripe.refunds.create(asked, once)]
  expect([again.id, again.lastResponse.headers['idempotent-replayed']]).toEqual([first.id, 'true'])
  expect(await failure(stripe.refunds.create({ ...asked, amount: 99 }, once))).toEqual([
    ...['StripeIdempotencyError', 400, undefined],
  ])
  await tell('POST /forget-keys')
  expect((await stripe.refunds.create(asked, once)).id).not.toBe(first.id)
})

it('says no as the vendor does', async () => {
  const refund = (payment_intent: string, amount = 100) =>
    failure(stripe.refunds.create({ payment_intent, amount }, key()))
  const spent = payment('ok')
  await refund(spent, 1000)
  const invalid = 'StripeInvalidRequestError'
  expect([
    ...[await refund(spent), await refund(payment('ok'), 1001), await refund('pi_nobody')],
    ...[await refund(payment('disputed')), await refund(payment('poor')), await refund(payment('held'))],
  ]).toEqual([
    ...[
      [invalid, 400, 'charge_already_refunded'],
      [invalid, 400, undefined],
      [invalid, 404, 'resource_missing'],
    ],
    ...[
      [invalid, 400, 'charge_disputed'],
      [invalid, 400, 'balance_insufficient'],
      [invalid, 400, undefined],
    ],
  ])
  const stranger = new Stripe('sk_test_other', {
    host: '127.0.0.1',
    port: standIn.port,
    protocol: 'http',
  })
  expect(await failure(stranger.refunds.list())).toEqual(['StripeAuthenticationError', 401, 'api_key_expired'])
})

it('takes what is held, or lets go of it, once', async () => {
  const [one, other] = [payment('held'), payment('held')]
  expect((await stripe.paymentIntents.retrieve(one)).status).toBe('requires_capture')
  const asked = { cancellation_reason: 'requested_by_customer' } as const
  expect((await stripe.paymentIntents.cancel(one, asked, key())).status).toBe('canceled')
  expect((await stripe.paymentIntents.capture(other, { amount_to_capture: 600 }, key())).amount_received).toBe(600)
  expect(await failure(stripe.paymentIntents.cancel(other, asked, key()))).toEqual([
    ...['StripeInvalidRequestError', 400, 'payment_intent_unexpected_state'],
  ])
  expect((await stripe.charges.retrieve(other.replace('pi_', 'ch_'))).payment_intent).toBe(other)
})

describe('a refund that takes its time', () => {
  it('is pending, and then what it was to become', async () => {
    const states = ['late_0', 'latefail_0', 'funds_9999999', 'action', 'reverse_0', 'fail'].map(async (behaviour) => {
      const { id } = await stripe.refunds.create({ payment_intent: payment(behaviour), amount: 1 }, key())
      const { status, pending_reason, failure_reason, next_action } = await stripe.refunds.retrieve(id)
      return [status, pending_reason ?? failure_reason ?? next_action?.type]
    })
    expect(await Promise.all(states)).toEqual([
      ...[
        ['succeeded', undefined],
        ['failed', 'expired_or_canceled_card'],
        ['pending', 'insufficient_funds'],
      ],
      ...[
        ['requires_action', 'display_details'],
        ['failed', 'expired_or_canceled_card'],
      ],
      ['failed', 'expired_or_canceled_card'],
    ])
  })
})

describe('what goes wrong', () => {
  const refund = (asked = { payment_intent: payment('ok'), amount: 100 }, once = key()) =>
    failure(stripe.refunds.create(asked, once))

  it.each([
    ['429', ['StripeRateLimitError', 429, 'rate_limit'], 0],
    ['409', ['StripeAPIError', 409, 'idempotency_key_in_use'], 0],
    ['500-before', ['StripeAPIError', 500, undefined], 0],
    ['key-expired', ['StripeAuthenticationError', 401, 'api_key_expired'], 0],
    ['500-after', ['StripeAPIError', 500, undefined], 1],
    ['html-502', ['StripeAPIError', undefined, undefined], 1],
  ])('%s is read by the client for what it is', async (fault, error, more) => {
    await tell('POST /faults', { fault })
    const before = await made()
    expect(await refund()).toEqual(error)
    expect((await made()) - before).toBe(more)
  })

  it('a failure that is kept comes back for the key, whatever was done', async () => {
    for (const [fault, made] of [
      ['kept-500', 0],
      ['kept-500-after', 1],
    ] as const) {
      await tell('POST /faults', { fault })
      const asked = { payment_intent: payment('ok'), amount: 100 }
      const once = key()
      const failures = [await refund(asked, once), await refund(asked, once)]
      expect(failures).toEqual(Array(2).fill(['StripeAPIError', 500, undefined]))
      expect(await stripe.refunds.list({ payment_intent: asked.payment_intent })).toMatchObject({
        data: { length: made },
      })
    }
  })
})

describe('what it tells', () => {
  const secret = 'whsec_judge'
  const changes = () => heard.filter(({ body }) => JSON.parse(body).type !== 'refund.created')
  const heard: { readonly body: string; readonly signature: string }[] = []
  const hook = createServer(async (request, response) => {
    heard.push({ body: await text(request), signature: String(request.headers['stripe-signature']) })
    response.end()
  })
  beforeAll(async () => {
    const port = await listen(hook)
    await tell('POST /settings', { told: { url: `http://127.0.0.1:${port}/notify/acc`, secret } })
  })
  afterAll(async () => {
    await tell('POST /settings', { told: null })
    hook.close()
    await once(hook, 'close')
  })

  it('is signed, and read by the client', async () => {
    const { id } = await stripe.refunds.create({ payment_intent: payment('late_9999999'), amount: 100 }, key())
    await tell('POST /becomes', { id, status: 'succeeded' })
    const events = heard.map(({ body, signature }) => stripe.webhooks.constructEvent(body, signature, secret))
    expect(events.map(({ type, data }) => [type, 'status' in data.object && data.object.status])).toEqual([
      ['refund.created', 'pending'],
      ['refund.updated', 'succeeded'],
    ])
  })

  it.each([['old'], ['ahead-of-time'], ['wrong-signature']])(
    'is not believed by the client when it is %s',
    async (fault) => {
      const { id } = await stripe.refunds.create({ payment_intent: payment('late_9999999'), amount: 100 }, key())
      await tell('POST /faults', { fault })
      heard.length = 0
      await tell('POST /becomes', { id, status: 'succeeded' })
      const [{ body, signature } = { body: '', signature: '' }] = changes()
      const read = () => stripe.webhooks.constructEvent(body, signature, secret)
      // The client looks at the age alone, and takes what is ahead of its clock; the gateway does not.
      if (fault === 'ahead-of-time') expect(read().type).toBe('refund.updated')
      else expect(read).toThrow(/timestamp|signature/i)
    },
  )

  it('comes not at all, or three times', async () => {
    const { id } = await stripe.refunds.create({ payment_intent: payment('late_9999999'), amount: 100 }, key())
    heard.length = 0
    for (const fault of ['lost', 'three-times']) {
      await tell('POST /faults', { fault })
      await tell('POST /becomes', { id, status: 'succeeded' })
    }
    expect(changes()).toHaveLength(3)
    expect(new Set(changes().map(({ body }) => JSON.parse(body).id)).size).toBe(1)
  })
})
