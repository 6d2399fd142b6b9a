import { eventually } from '@countermand/testing'
import { controlOf } from '@countermand/tools/stand-ins/paypal/started.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { openCommandLine } from './command-line/warm.ts'
import { startProviderWorld } from './provider-world.ts'

/** From PayPal's books to the saga's answer and back: payment and the gateway as processes, each with its part of one file, and the stand-in. */

const account = 'paypal-eu'
const patience = 120_000

const start = () => startProviderWorld('paypal', controlOf)
let world: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
  world = await start()
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

describe('our books and PayPal’s', () => {
  const found = z.object({
    accounts: z.array(
      z.object({
        ...{ account: z.string(), others: z.number(), until: z.string().optional() },
        fees: z.array(z.object({ amount: z.number(), currency: z.string() })),
        differences: z.array(z.object({ differenceId: z.string(), kind: z.string(), orderId: z.string() })),
      }),
    ),
  })
  let commandLine: ReturnType<typeof openCommandLine>
  beforeAll(() => {
    commandLine = openCommandLine({
      ...{ PATH: process.env.PATH, NO_COLOR: '1', NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      ...{ KAFKA_BROKERS: inject('stack').kafkaBrokers, KAFKA_TOPIC_PREFIX: world.bus.kafka.prefix },
      PAYMENT_DATABASE_URL: world.payments.url,
    })
  })
  afterAll(() => commandLine.stop())
  const reconcile = async (...options: readonly string[]) => {
    const { code, stdout, stderr } = await commandLine.run(['reconcile', '--account', account, '--json', ...options])
    const [result] = stdout === '' ? [] : found.parse(JSON.parse(stdout)).accounts
    const shown = result?.differences.map(({ kind, orderId }) => `${kind} ${orderId}`).toSorted()
    return { code, stderr, ...result, shown }
  }

  it('differ in what was planted and in nothing else, as far as PayPal’s list reaches', async () => {
    const names = ['gone', 'amount', 'currency', 'twice', 'same']
    const paymentOf = (name: string) => `OKR${name.toUpperCase()}ZOF3351`
    for (const name of names) {
      await world.ask(`ord-${name}`, paymentOf(name))
      await world.answered(`ord-${name}`, 'RefundSettled')
    }
    expect(await reconcile()).toMatchObject({ code: 0, shown: [], others: 0 })

    const [gone, amount, currency, twice] = await Promise.all(
      names.map(async (name) => (await refundsOf(paymentOf(name)))[0]),
    )
    await world.standIn.rewrite(gone?.id ?? '', 'gone')
    await world.standIn.rewrite(amount?.id ?? '', { amount: 130 })
    await world.standIn.rewrite(currency?.id ?? '', { currency: 'USD' })
    await world.standIn.enter({ capture: paymentOf('twice'), amount: 100, invoiceId: twice?.invoiceId ?? '' })
    const foreign = await world.standIn.enter({ capture: paymentOf('same'), amount: 50 })
    await world.standIn.enter({ capture: 'OKSOMEBODY', amount: 7 })
    const all = ['missing-there ord-gone', 'amount ord-amount', 'currency ord-currency', 'twice ord-twice']
    const planted = [...all, 'missing-here ord-same'].toSorted()

    await world.standIn.tell('POST /settings', { reportLateMs: 3_600_000 })
    const early = await reconcile('--dry-run')
    expect([early.code, early.shown, early.until]).toEqual([0, [], expect.any(String)])
    await world.standIn.tell('POST /settings', { reportLateMs: 0 })
    const first = await reconcile()
    expect([first.code, first.shown, first.others]).toEqual([1, planted, 1])
    // What somebody else gave back is less of its payment: it is heard as if the gateway had told.
    const claims = () => world.told('ord-same').filter(({ kind }) => kind === 'foreign-refund')
    await eventually('the foreign refund to be told', () => claims().length > 0, patience)
    expect(claims()).toMatchObject([{ providerRef: foreign, amount: 50 }])

    await world.standIn.tell('POST /settings', { reportLateMs: 3_600_000 })
    expect(await reconcile()).toMatchObject({ code: 0, shown: [] })
    await world.standIn.tell('POST /settings', { reportLateMs: 0 })
    const again = await reconcile()
    // None of them was gone meanwhile, and what PayPal took counts once.
    expect([again.code, again.shown]).toEqual([1, planted])
    expect(again.fees).toEqual(first.fees)
    const { rows } = await sql<{
      word: string
      number: number
    }>`select distinct word, number from difference_words`.execute(world.payments.database)
    expect(rows).toEqual([{ word: 'found', number: 1 }])

    for (const { differenceId } of first.differences ?? []) {
      const said = await commandLine.run(['reconcile', 'resolve', differenceId, '--by', 'ana', '--reason', 'found out'])
      expect(said).toMatchObject({ code: 0 })
    }
    expect(await reconcile()).toMatchObject({ code: 0, shown: [] })
  })
})

it('no secret is in a log, a message or a trace', async () => {
  // As every token begins that the stand-in has given.
  await world.expectNoSecret('A21AA')
})
