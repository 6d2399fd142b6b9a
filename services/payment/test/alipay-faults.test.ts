import { Secret } from '@countermand/providers/secret.ts'
import { alipayFaults, createStandIn, newCredentials } from '@countermand/tools/stand-ins/alipay/stand-in.ts'
import { standInPublicKey } from '@countermand/tools/stand-ins/keys.ts'
import { type StartedRefundStandIn, startRefundStandIn } from '@countermand/tools/stand-ins/refund-stand-in.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providerFaults } from './provider-faults.ts'

/** Payment, the adapter and its way to Alipay as they are, whatever goes wrong there: the stand-in's book shows what has moved. */

const { privateKey, credentials } = newCredentials()
const { appId, sellerId } = credentials
let standIn: StartedRefundStandIn
beforeAll(async () => {
  standIn = await startRefundStandIn(createStandIn(credentials))
  await standIn.tell('POST /settings', { slowMs: 1_000 })
})
afterAll(() => standIn.close())

const given = providerFaults({
  ...{ channel: 'alipay', currency: 'CNY' },
  account: {
    settings: { appId, sellerId, publicKeys: [standInPublicKey] },
    secrets: new Map([['privateKey', [new Secret(privateKey)]]]),
  },
  url: () => standIn.url,
  tell: (what, body) => standIn.tell(what, body),
  plan: (fault, more) => standIn.plan(fault, more),
  faults: alipayFaults,
  ...{ refundPath: 'POST /gateway.do', keyLifeMs: 86_400_000 },
  paymentRef: (behaviour, number) => `${behaviour}_f${number}`,
  behaviours: { ok: 'ok', lostOnce: 'lost_1', late: 'late_0' },
  refundsOf: async (paymentRef) =>
    (await standIn.refunds())
      .filter(({ payment }) => payment === paymentRef)
      .map(({ amount, status }) => ({ moved: status === 'PROCESSING' ? 0 : amount })),
})

describe('a refund of which Alipay does not say for a minute whether it is made', () => {
  it('is neither failed nor done, and then it is done', async () => {
    const world = given('late_60000')
    world.ask(1)
    for (let steps = 0; steps < 3; steps++) await world.step()
    expect(world.progress()).toMatchObject({ state: 'submitted', calling: true, inDoubt: true })
    expect([await world.moved(), world.refunded()]).toEqual([0, 0])
    await standIn.tell('POST /settings', { aheadMs: 60_000 })
    expect(await world.toTheEnd()).toBe('RefundSettled')
    expect([await world.moved(), world.refunded()]).toEqual([100, 100])
    await standIn.tell('POST /settings', { aheadMs: 0 })
  })
})

describe('what Alipay refuses', () => {
  it.each(['unrefundable', 'poor', 'fail'])('%s moves nothing', async (behaviour) => {
    const world = given(behaviour)
    await world.toTheEnd(1)
    expect(world.last()?.type).toMatch(/RefundRefused|RefundStuck/)
    expect([await world.moved(), world.refunded()]).toEqual([0, 0])
  })

  it('a refund that somebody else has made of all of it, is no refund of ours', async () => {
    const world = given('ok')
    await standIn.enter({ payment: world.paymentRef, amount: 99_999_999 })
    await standIn.tell('POST /settings', { aheadMs: 60_000 })
    expect(await world.toTheEnd(1)).toBe('RefundRefused')
    expect([await world.made(), world.refunded()]).toEqual([1, 0])
    await standIn.tell('POST /settings', { aheadMs: 0 })
  })
})
