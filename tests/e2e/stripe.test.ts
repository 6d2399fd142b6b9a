import { differences as measured } from '@countermand/payment/store/measures.ts'
import { eventually } from '@countermand/testing'
import { controlOf } from '@countermand/tools/stand-ins/stripe/started.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { openCommandLine } from './command-line/warm.ts'
import { startProviderWorld } from './provider-world.ts'

/** From Stripe's books to the saga's answer and back: payment and the gateway as processes, each with its part of one file, and the stand-in. */

const account = 'stripe-eu'
const patience = 120_000

const start = () => startProviderWorld('stripe', controlOf)
let world: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
  world = await start()
})
afterAll(() => world?.stop())

const ask = (orderId: string, payment: string) => world.ask(orderId, `${payment}_of3351`)
const refundTo = (orderId: string) =>
  eventually(
    `the refund of ${orderId}`,
    async () => (await world.standIn.refunds()).find(({ metadata }) => metadata.orderId === orderId),
    patience,
  )

it('a refund that Stripe settles later is settled when Stripe tells, and undone when its money comes back', async () => {
  await ask('ord-later', 'pi_late_99999999_e1')
  await world.answered('ord-later', 'StepPending')
  const { id, metadata } = await refundTo('ord-later')
  await world.standIn.tell('POST /becomes', { id, status: 'succeeded' })
  await world.answered('ord-later', 'RefundSettled')
  const looks = await eventually(
    'both events to be told',
    () => world.told('ord-later').length >= 2 && world.told('ord-later'),
  )
  for (const { kind, refundId, providerRef } of looks)
    expect({ kind, refundId, providerRef }).toEqual({ kind: 'look', refundId: metadata.refundId, providerRef: id })

  await world.standIn.tell('POST /becomes', { id, status: 'failed' })
  await world.wasReversed('ord-later')
})

it('an answer that is lost, and events that come first, thrice, unsigned or not at all, double nothing', async () => {
  for (const fault of ['before-answer', 'three-times', 'wrong-signature', 'lost'] as const) {
    const orderId = `ord-${fault}`
    await world.standIn.plan(fault)
    await world.standIn.plan('cut-after', { match: 'POST /v1/refunds' })
    await ask(orderId, `pi_ok_${fault.replace('-', '')}`)
    await world.answered(orderId, 'RefundSettled')
    expect((await world.standIn.refunds()).filter(({ metadata }) => metadata.orderId === orderId)).toMatchObject([
      ...[{ amount: 100, status: 'succeeded' }],
    ])
  }
  await eventually('what is not signed to be turned away', async () =>
    (await world.standIn.posts()).some(({ status }) => status === 401),
  )
})

describe('our books and Stripe’s', () => {
  const found = z.object({
    accounts: z.array(
      z.object({
        ...{ account: z.string(), others: z.number(), inFlight: z.number() },
        fees: z.array(z.object({ amount: z.number(), currency: z.string() })),
        differences: z.array(
          z.object({ differenceId: z.string(), kind: z.string(), orderId: z.string(), providerRef: z.string() }),
        ),
      }),
    ),
  })
  let commandLine: ReturnType<typeof openCommandLine>
  beforeAll(() => {
    commandLine = openCommandLine({
      PAYMENT_DATABASE_URL: world.payments.url,
      ...{ PATH: process.env.PATH, NO_COLOR: '1', NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      ...{ KAFKA_BROKERS: inject('stack').kafkaBrokers, KAFKA_TOPIC_PREFIX: world.bus.kafka.prefix },
    })
  })
  afterAll(() => commandLine.stop())
  const reconcile = async (...options: readonly string[]) => {
    const { code, stdout, stderr } = await commandLine.run(['reconcile', '--account', account, '--json', ...options])
    const [result] = stdout === '' ? [] : found.parse(JSON.parse(stdout)).accounts
    return { code, stderr, ...result, shown: result?.differences.map(({ kind, orderId }) => `${kind} ${orderId}`) }
  }
  const inSuspense = async () =>
    (await measured.read(world.payments.database))
      .filter(({ gauge }) => gauge === 'countermand_suspense')
      .map(({ labels, value }) => [labels?.currency, value])
  const open = async () =>
    (await measured.read(world.payments.database)).filter(({ gauge }) => gauge === 'countermand_differences_open')
      .length

  it('differ in what was planted and in nothing else, until somebody has said why', async () => {
    const names = ['gone', 'amount', 'currency', 'twice', 'same']
    for (const name of names) {
      await ask(`ord-${name}`, `pi_ok_${name}`)
      await world.answered(`ord-${name}`, 'RefundSettled')
    }
    await ask('ord-flying', 'pi_late_99999999_e2')
    await world.answered('ord-flying', 'StepPending')
    expect(await reconcile()).toMatchObject({ code: 0, shown: [], others: 0, inFlight: 1 })

    const [gone, amount, currency, twice] = await Promise.all(names.map((name) => refundTo(`ord-${name}`)))
    await world.standIn.rewrite(gone?.id ?? '', 'gone')
    await world.standIn.rewrite(amount?.id ?? '', { amount: 130 })
    await world.standIn.rewrite(currency?.id ?? '', { currency: 'usd' })
    await world.standIn.enter({ payment: twice?.payment ?? '', amount: 100, metadata: twice?.metadata ?? {} })
    const foreign = await world.standIn.enter({ payment: 'pi_ok_same_of3351', amount: 50 })
    await world.standIn.enter({ payment: 'pi_ok_somebody', amount: 7 })
    const planted = ['missing-there ord-gone', 'amount ord-amount', 'currency ord-currency', 'twice ord-twice']
    const all = [...planted, 'missing-here ord-same'].toSorted()

    const dry = await reconcile('--dry-run')
    expect([dry.code, dry.shown?.toSorted(), dry.others, await open()]).toEqual([1, all, 1, 0])
    const first = await reconcile()
    expect([first.code, first.shown?.toSorted(), await open()]).toEqual([1, all, 5])
    // What somebody else gave back is less of its payment: it is heard as if the gateway had told.
    const suspense = [
      ['EUR', -100 + 30 - 100 + 100 + 50],
      ['USD', 100],
    ]
    await eventually(
      'all to be in suspense',
      async () => String((await inSuspense()).toSorted()) === String(suspense),
      patience,
    )
    expect(world.told('ord-same').filter(({ kind }) => kind === 'foreign-refund')).toMatchObject([
      { providerRef: foreign, amount: 50 },
    ])
    // 1.5 % and 25 cents of each payment, once.
    const again = await reconcile()
    expect([again.code, again.shown?.toSorted()]).toEqual([1, all])
    expect(again.fees).toEqual(first.fees)

    const unknown = await commandLine.run(['reconcile', 'resolve', 'dif_x', '--by', 'ana', '--reason', 'r'])
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('none has this name')])
    for (const { differenceId } of first.differences ?? []) {
      const said = await commandLine.run(['reconcile', 'resolve', differenceId, '--by', 'ana', '--reason', 'found out'])
      expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining('is resolved, by ana') })
    }
    expect(await reconcile()).toMatchObject({ code: 0, shown: [] })
    expect([await inSuspense(), await open()]).toEqual([[], 0])
  })

  it('cannot be compared at an account that nobody has, and it is said which there are', async () => {
    const { code, stderr } = await commandLine.run(['reconcile', '--account', 'nobodys'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/expected an account .*stripe-eu.*, got nobodys/)])
  })
})

it('no secret is in a log, a message or a trace', async () => {
  await world.expectNoSecret()
})
