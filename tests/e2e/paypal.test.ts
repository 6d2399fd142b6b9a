import { eventually } from '@countermand/testing'
import { controlOf } from '@countermand/tools/stand-ins/paypal/started.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startProviderWorld } from './provider-world.ts'

/** From PayPal's books to the saga's answer and back: payment and the gateway as processes, each with its part of one file, and the stand-in. */

const planted = { clientSecret: 'planted-client-secret-e2e' }
const settings = { clientId: 'client-e2e', webhookId: 'WEBHOOKE2E' }
const patience = 120_000

const start = () =>
  startProviderWorld({
    ...{ channel: 'paypal', account: 'paypal-eu', secrets: planted, settings, controlOf },
    args: ['--client-id', settings.clientId, '--client-secret', planted.clientSecret],
  })
let world: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
  world = await start()
  await world.standIn.tell('POST /settings', { told: { url: world.notifyUrl, webhookId: settings.webhookId } })
})
afterAll(() => world?.stop())

const refundsOf = async (paymentRef: string) =>
  (await world.standIn.refunds()).filter(({ payment }) => payment === paymentRef)

it('a refund that PayPal settles later is settled when PayPal tells, and undone when its money comes back', async () => {
  const paymentRef = 'LATE99999999XE1ZOF3351'
  await world.ask('ord-later', paymentRef)
  await world.answered('ord-later', 'StepPending')
  const { id, invoiceId } = await eventually('its refund', async () => (await refundsOf(paymentRef))[0], patience)
  await world.standIn.tell('POST /becomes', { id, status: 'COMPLETED' })
  await world.answered('ord-later', 'RefundSettled')
  const looks = await eventually(
    'both events to be told',
    () => world.told('ord-later').length >= 2 && world.told('ord-later'),
  )
  for (const { kind, refundId, providerRef } of looks)
    expect({ kind, refundId, providerRef }).toEqual({ kind: 'look', refundId: invoiceId, providerRef: id })

  await world.standIn.tell('POST /becomes', { id, status: 'CANCELLED' })
  await world.wasReversed('ord-later')
})

it('an answer that is lost, and events that come first, thrice, unsigned or not at all, double nothing', async () => {
  for (const fault of ['before-answer', 'three-times', 'wrong-signature', 'lost'] as const) {
    const orderId = `ord-${fault}`
    const paymentRef = `OK${fault.replace('-', '').toUpperCase()}ZOF3351`
    await world.standIn.plan(fault)
    await world.standIn.plan('cut-after', { match: '/refund' })
    await world.ask(orderId, paymentRef)
    await world.answered(orderId, 'RefundSettled')
    expect(await refundsOf(paymentRef)).toMatchObject([{ amount: 100, status: 'COMPLETED' }])
  }
  await eventually('what is not signed to be turned away', async () =>
    (await world.standIn.posts()).some(({ status }) => status === 401),
  )
})

it('no secret is in a log, nor in a message', () => {
  // The second: every token that the stand-in has given.
  world.expectNowhere([planted.clientSecret, 'A21AA'])
})
