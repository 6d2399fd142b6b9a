import { eventually } from '@countermand/testing'
import { refundControlOf } from '@countermand/tools/stand-ins/refund-stand-in.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProviderWorld } from './provider-world.ts'

/** From the books of those who sign both ways to the saga's answer: payment and the gateway as processes, each with its part of one file. */

const patience = 120_000

describe.each([
  { channel: 'wechat-pay', path: 'POST /v3/refund' },
  { channel: 'alipay', path: 'POST /gateway.do' },
] as const)('$channel', ({ channel, path }) => {
  const start = () => startProviderWorld(channel, refundControlOf, 'CNY')
  let world: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    world = await start()
  })
  afterAll(() => world?.stop())

  const refundsOf = async (paymentRef: string) =>
    (await world.standIn.refunds()).filter(({ payment }) => payment === paymentRef)

  // Alipay takes nothing on that it does not make: it is asked again in ten seconds, whoever tells.
  const later = channel === 'alipay' ? 'ok_x1_of3351' : 'late_99999999_of3351'
  it('a refund is settled, and looked at when it tells', async () => {
    const paymentRef = later
    await world.ask('ord-later', paymentRef)
    const { id, number } = await eventually('its refund', async () => (await refundsOf(paymentRef))[0], patience)
    await world.standIn.tell('POST /becomes', { id, status: 'SUCCESS' })
    await world.answered('ord-later', 'RefundSettled')
    await eventually('it to be told', () => world.told('ord-later').length > 0, patience)
    expect(world.told('ord-later')).toContainEqual(expect.objectContaining({ kind: 'look', refundId: number }))
    // It was answered in the provider's own words: it tells no more.
    await eventually('its post', async () => (await world.standIn.posts()).some(({ status }) => status === 200))
  })

  it('an answer that is lost, and notifications that come first, thrice, unsigned, by a key that nobody has, or not at all, double nothing', async () => {
    const faults = ['before-answer', 'three-times', 'wrong-signature', 'unknown-signer', 'lost'] as const
    for (const fault of faults) await world.standIn.plan(fault)
    // Five in a row, and it would count as away.
    await world.standIn.plan('cut-after', { match: path, times: 2 })
    const orders = faults.map((_, place) => ({ orderId: `ord-${place}`, paymentRef: `ok_x${place}0_of3351` }))
    for (const { orderId, paymentRef } of orders) await world.ask(orderId, paymentRef)
    for (const { orderId, paymentRef } of orders) {
      await world.answered(orderId, 'RefundSettled')
      expect(await refundsOf(paymentRef)).toMatchObject([{ amount: 100, status: 'SUCCESS' }])
    }
    await eventually(
      'what is not signed to be turned away',
      async () => (await world.standIn.posts()).filter(({ status }) => status === 401).length === 2,
    )
  })

  it.runIf(channel === 'wechat-pay')('the key that the account lacks is named in the gateway’s log', () =>
    expect(world.logged()).toMatch(/"because":"signature","key":"PUB_KEY_ID_0199999999999999999999999999999999"/),
  )

  it('what somebody gives back in its pages is less of the payment, and is told', async () => {
    const paymentRef = 'ok_byhand_of3351'
    await world.ask('ord-byhand', paymentRef)
    await world.answered('ord-byhand', 'RefundSettled')
    const id = await world.standIn.enter({ payment: paymentRef, amount: 50 })
    await world.standIn.tell('POST /becomes', { id, status: 'SUCCESS' })
    const claims = () => world.told('ord-byhand').filter(({ kind }) => kind === 'foreign-refund')
    await eventually('the foreign refund to be told', () => claims().length > 0, patience)
    // Alipay says what all refunds of a trade are: payment knows what of that is new.
    expect(claims()[0]).toMatchObject(channel === 'alipay' ? { amount: 150, inAll: true } : { amount: 50 })
  })

  it('no secret is in a log, a message or a trace', () => world.expectNoSecret())
})
