import { Secret } from '@countermand/providers/secret.ts'
import { standInPublicKey } from '@countermand/tools/stand-ins/keys.ts'
import { type StartedRefundStandIn, startRefundStandIn } from '@countermand/tools/stand-ins/refund-stand-in.ts'
import {
  createStandIn,
  keyId,
  newCredentials,
  wechatPayFaults,
} from '@countermand/tools/stand-ins/wechat-pay/stand-in.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providerFaults } from './provider-faults.ts'

/** Payment, the adapter and its way to WeChat Pay as they are, whatever goes wrong there: the stand-in's book shows what has moved. */

const { privateKey, credentials } = newCredentials()
const { mchid, serial } = credentials
let standIn: StartedRefundStandIn
beforeAll(async () => {
  standIn = await startRefundStandIn(createStandIn(credentials))
  await standIn.tell('POST /settings', { slowMs: 1_000 })
})
afterAll(() => standIn.close())

const given = providerFaults({
  ...{ channel: 'wechat-pay', currency: 'CNY', paidTotal: 99_999_999 },
  account: {
    settings: { mchid, serial, publicKeys: { [keyId]: standInPublicKey } },
    secrets: new Map([['privateKey', [new Secret(privateKey)]]]),
  },
  url: () => standIn.url,
  tell: (what, body) => standIn.tell(what, body),
  plan: (fault, more) => standIn.plan(fault, more),
  faults: wechatPayFaults,
  ...{ refundPath: 'POST /v3/refund', keyLifeMs: 86_400_000 },
  paymentRef: (behaviour, number) => `${behaviour}_f${number}`,
  behaviours: { ok: 'ok', lostOnce: 'lost_1', late: 'late_0' },
  refundsOf: async (paymentRef) =>
    (await standIn.refunds())
      .filter(({ payment }) => payment === paymentRef)
      .map(({ amount, status }) => ({ moved: status === 'SUCCESS' ? amount : 0 })),
})

describe('a refund that is under way for four days', () => {
  it('is neither failed nor done, and then it is done', async () => {
    const world = given('late_345600000')
    world.ask(1)
    for (let looks = 0; looks < 12; looks++) await world.step()
    expect(world.progress()).toEqual({ state: 'pending', waitsFor: { why: 'processing' } })
    expect([await world.moved(), world.refunded()]).toEqual([0, 0])
    await standIn.tell('POST /settings', { aheadMs: 345_600_000 })
    await world.step()
    expect([world.last()?.type, await world.moved(), world.refunded()]).toEqual(['RefundSettled', 100, 100])
    await standIn.tell('POST /settings', { aheadMs: 0 })
  })
})

describe('what WeChat Pay refuses', () => {
  it.each(['unrefundable', 'poor', 'fail', 'latefail_0', 'returned_0'])('%s moves nothing', async (behaviour) => {
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
