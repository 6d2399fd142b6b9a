import { Secret } from '@countermand/providers/secret.ts'
import { paypalFaults } from '@countermand/tools/stand-ins/paypal/stand-in.ts'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/paypal/started.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providerFaults } from './provider-faults.ts'

/** Payment, the adapter and its way to PayPal as they are, whatever goes wrong there: the stand-in's book shows what has moved. */

const clientId = 'client-in-faults'
const clientSecret = 'planted-in-faults'
let standIn: StartedStandIn
beforeAll(async () => {
  standIn = await startStandIn({ clientId, clientSecret })
  await standIn.tell('POST /settings', { slowMs: 1_000 })
})
afterAll(() => standIn.close())

/** By somebody else, who has a token too. */
const post = async (path: string, key: string, body: object) => {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const asked = { method: 'POST', headers: { authorization: `Basic ${basic}` } }
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  const given: unknown = await (await fetch(`${standIn.url}/v1/oauth2/token`, { ...asked, body: form })).json()
  const headers = { authorization: `Bearer ${Object(given).access_token}`, 'paypal-request-id': key }
  const response = await fetch(`${standIn.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.status).toBe(201)
}

const given = providerFaults({
  channel: 'paypal',
  account: { settings: { clientId }, secrets: new Map([['clientSecret', [new Secret(clientSecret)]]]) },
  url: () => standIn.url,
  tell: (what, body) => standIn.tell(what, body),
  plan: (fault, more) => standIn.plan(fault, more),
  faults: paypalFaults,
  ...{ refundPath: '/refund', keyLifeMs: 45 * 86_400_000 },
  paymentRef: (behaviour, number) => `${behaviour}F${number}`,
  behaviours: { ok: 'OK', lostOnce: 'LOST1X', late: 'LATE0X' },
  refundsOf: async (paymentRef) =>
    (await standIn.refunds())
      .filter(({ payment }) => payment === paymentRef)
      .map(({ amount, status }) => ({ moved: status === 'COMPLETED' ? amount : 0 })),
  held: {
    ...{ behaviour: 'HELD', releasePath: '/void' },
    capture: (paymentRef) => post(`/v2/payments/authorizations/${paymentRef}/capture`, paymentRef, {}),
  },
})

describe('a token', () => {
  it.each(paypalFaults.filter((fault) => !/hang|slow/.test(fault)))(
    'meets %s on the way, and the money moves once',
    async (fault) => {
      const world = given()
      await standIn.plan(fault, { match: '/v1/oauth2/token', times: 2 })
      expect(await world.toTheEnd()).toBe('RefundSettled')
      expect([await world.moved(), await world.made()]).toEqual([100, 1])
    },
  )

  it('that is taken back is asked for anew once; an app that is not let in waits for a person at once, with nothing in doubt', async () => {
    const world = given()
    await standIn.plan('key-expired', { match: '/refund', times: 2 })
    world.ask(1)
    await world.step()
    expect([world.last()?.type, world.progress()]).toMatchObject(['StepFailed', { calling: false, inDoubt: false }])
    expect(await world.toTheEnd()).toBe('RefundSettled')
  })
})

describe('a refund that is pending for four days', () => {
  it('is neither failed nor done, and then it is done', async () => {
    const world = given('LATE345600000X')
    world.ask(1)
    for (let looks = 0; looks < 6; looks++) await world.step()
    expect(world.progress()).toEqual({ state: 'pending', waitsFor: { why: 'charge-pending' } })
    expect([await world.moved(), world.refunded()]).toEqual([0, 0])
    await standIn.tell('POST /settings', { aheadMs: 345_600_000 })
    await world.step()
    expect([world.last()?.type, await world.moved(), world.refunded()]).toEqual(['RefundSettled', 100, 100])
    await standIn.tell('POST /settings', { aheadMs: 0 })
  })
})

describe('what PayPal refuses', () => {
  it.each(['DISPUTED', 'UNREFUNDABLE', 'POOR', 'ECHECK', 'FAIL', 'LATEFAIL0X'])(
    '%s moves nothing',
    async (behaviour) => {
      const world = given(behaviour)
      await world.toTheEnd(1)
      expect(world.last()?.type).toMatch(/RefundRefused|RefundStuck/)
      expect([await world.moved(), world.refunded()]).toEqual([0, 0])
    },
  )

  it('a refund that somebody else has made of all of it, is no refund of ours', async () => {
    const world = given('OKZOF100X')
    await post(`/v2/payments/captures/${world.paymentRef}/refund`, world.paymentRef, {})
    expect(await world.toTheEnd(1)).toBe('RefundRefused')
    expect([await world.made(), world.refunded()]).toEqual([1, 0])
  })
})

it('an authorization that checkout has told to be taken is given back by its capture', async () => {
  const world = given('HELD')
  await post(`/v2/payments/authorizations/${world.paymentRef}/capture`, world.paymentRef, {})
  world.capture('t1', 100)
  expect(await world.toTheEnd()).toBe('RefundSettled')
  expect([await world.moved(), await world.made(), world.refunded()]).toEqual([100, 1, 100])
})

it('a refund that PayPal has made, and whose key it has forgotten, is not made again', async () => {
  const world = given()
  await standIn.plan('cut-after', { match: '/refund' })
  world.ask(1)
  await world.step()
  await standIn.tell('POST /forget-keys')
  // Its key is not old enough for a look first: the number on the refund says that there is one.
  expect(await world.toTheEnd()).toBe('RefundSettled')
  expect([await world.moved(), await world.made()]).toEqual([100, 1])
})
