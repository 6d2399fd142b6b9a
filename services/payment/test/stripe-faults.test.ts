import { Secret } from '@countermand/providers/secret.ts'
import { requestFaults } from '@countermand/tools/stand-ins/faults.ts'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/stripe/started.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providerFaults } from './provider-faults.ts'

/** Payment, the adapter and its way to Stripe as they are, whatever goes wrong there: the stand-in's book shows what has moved. */

const apiKey = 'sk_test_planted_in_faults'
let standIn: StartedStandIn
beforeAll(async () => {
  standIn = await startStandIn({ apiKey })
  await standIn.tell('POST /settings', { slowMs: 1_000 })
})
afterAll(() => standIn.close())

const post = async (path: string, key: string, body: URLSearchParams | '') => {
  const headers = {
    authorization: `Bearer ${apiKey}`,
    'stripe-version': '2026-10-28.endive',
    'idempotency-key': key,
  }
  expect((await fetch(`${standIn.url}${path}`, { method: 'POST', headers, body })).status).toBe(200)
}

const given = providerFaults({
  channel: 'stripe',
  account: { settings: {}, secrets: new Map([['apiKey', [new Secret(apiKey)]]]) },
  url: () => standIn.url,
  tell: (what, body) => standIn.tell(what, body),
  plan: (fault, more) => standIn.plan(fault, more),
  faults: requestFaults,
  ...{ refundPath: 'POST /v1/refunds', keyLifeMs: 86_400_000 },
  paymentRef: (behaviour, number) => `pi_${behaviour}_f${number}`,
  behaviours: { ok: 'ok', lostOnce: 'lost_1', late: 'late_0' },
  refundsOf: async (paymentRef) =>
    (await standIn.refunds())
      .filter(({ payment }) => payment === paymentRef)
      .map(({ amount, status }) => ({ moved: status === 'succeeded' ? amount : 0 })),
  held: {
    ...{ behaviour: 'held', releasePath: '/cancel' },
    capture: (paymentRef) => post(`/v1/payment_intents/${paymentRef}/capture`, paymentRef, ''),
  },
})

describe('a refund that waits for money at the merchant for four days', () => {
  it('is neither failed nor done, and then it is done', async () => {
    const world = given('funds_345600000')
    world.ask(1)
    for (let looks = 0; looks < 6; looks++) await world.step()
    expect(world.progress()).toEqual({ state: 'pending', waitsFor: { why: 'no-funds' } })
    expect([await world.moved(), world.refunded()]).toEqual([0, 0])
    await standIn.tell('POST /settings', { aheadMs: 345_600_000 })
    await world.step()
    expect([world.last()?.type, await world.moved(), world.refunded()]).toEqual(['RefundSettled', 100, 100])
    await standIn.tell('POST /settings', { aheadMs: 0 })
  })
})

describe('what Stripe refuses', () => {
  it.each(['disputed', 'unrefundable', 'poor', 'fail', 'latefail_0'])('%s moves nothing', async (behaviour) => {
    const world = given(behaviour)
    await world.toTheEnd(1)
    expect(world.last()?.type).toMatch(/RefundRefused|RefundStuck/)
    expect([await world.moved(), world.refunded()]).toEqual([0, 0])
  })

  it('a refund that somebody else has made of all of it, is no refund of ours', async () => {
    const world = given('ok_of100')
    const { paymentRef } = world
    await post('/v1/refunds', paymentRef, new URLSearchParams({ payment_intent: paymentRef, amount: '100' }))
    expect(await world.toTheEnd(1)).toBe('RefundRefused')
    expect([await world.made(), world.refunded()]).toEqual([1, 0])
  })
})
