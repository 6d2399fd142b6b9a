import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { acceptedOrder, channelNotified, topics } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { filesOf, type GatewayProcess, startGatewayProcess } from '@countermand/gateway/test/process.ts'
import { differences as measured } from '@countermand/payment/store/measures.ts'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { controlOf } from '@countermand/tools/stand-ins/stripe/started.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { root } from '../architecture/cruise.ts'
import { openCommandLine } from './command-line/warm.ts'

/** From Stripe's books to the saga's answer and back: payment and the gateway as processes, each with its part of one file, and the stand-in. */

const { kafkaBrokers, databaseUrls } = inject('stack')
const planted = { apiKey: 'sk_test_planted_e2e', webhook: 'whsec_planted_e2e' }
const account = 'stripe-eu'
const patience = 120_000

let dbs: TestDatabase[] = []
let bus: Bus
let files: Awaited<ReturnType<typeof filesOf>>
let gateway: GatewayProcess
let stripe: ReturnType<typeof controlOf>
const processes: { readonly child: ChildProcess; output: string }[] = []

const start = (main: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, [main, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const started = { child, output: '' }
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (started.output += chunk))
  processes.push(started)
  return started
}

beforeAll(async () => {
  dbs = [
    await createTestDatabase(databaseUrls.payment, 'stripe_payment'),
    await createTestDatabase(databaseUrls.payment, 'stripe_gateway'),
  ]
  const [payments, gateways] = dbs.map(({ url }) => url)
  const heard = [topics.sagaReplies, topics.refunds, topics.paymentNotifications]
  bus = await createBus({ brokers: kafkaBrokers, topics: heard })

  const standIn = start('tools/stand-ins/stripe/main.ts', ['--api-key', planted.apiKey], process.env)
  const listens = () => /"port":(\d+),"control":(\d+)/.exec(standIn.output) ?? undefined
  const [, port, control] = await eventually('the stand-in to listen', listens)
  stripe = controlOf(`http://127.0.0.1:${control}`)

  files = await filesOf(planted)
  const secrets = { apiKey: { file: files.pathOf('apiKey') }, webhook: { file: files.pathOf('webhook') } }
  const accounts = { [account]: { provider: 'stripe', baseUrl: `http://127.0.0.1:${port}`, secrets } }
  await files.write('accounts', JSON.stringify({ accounts, merchants: { '*': { stripe: account } } }))
  const env = {
    ...process.env,
    ...{ KAFKA_BROKERS: kafkaBrokers, KAFKA_TOPIC_PREFIX: bus.kafka.prefix, ACCOUNTS_FILE: files.pathOf('accounts') },
    LOG_LEVEL: 'debug',
  }
  start('services/payment/main.ts', [], { ...env, PAYMENT_DATABASE_URL: payments, PAYMENT_HTTP_PORT: '0' })
  gateway = await startGatewayProcess({ ...env, GATEWAY_DATABASE_URL: gateways })
  const told = { url: `${gateway.notify}/notify/${account}`, secret: planted.webhook }
  await stripe.tell('POST /settings', { told })
})
afterAll(async () => {
  await gateway?.kill('SIGKILL')
  for (const { child } of processes) {
    const ended = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGKILL')) await ended
  }
  await bus?.stop()
  for (const db of dbs) await db.drop()
  await files?.remove()
})

const ask = async (orderId: string, paymentRef: string) => {
  const tenders = [{ tenderId: 't1', channel: 'stripe' as const, amount: 3351, paymentRef: `${paymentRef}_of3351` }]
  const order = acceptedOrder.parse({ ...exampleOrder, orderId, tenders })
  const about = { orderId, requestId: `req-${orderId}`, round: 1, amount: 100, currency: order.currency } as const
  await bus.send([
    bus.event('order.accepted.v1', orderId, order),
    bus.command('RefundOrder', { ...about, refundTo: 'original', fallback: 'attention' }, orderId),
  ])
}
const answered = (orderId: string, type: string) =>
  eventually(`${type}, got ${bus.answers(orderId)}`, () => bus.answers(orderId).some((each) => each === type), patience)
const told = (orderId: string) =>
  bus.seen.flatMap(({ topic, key, value }) =>
    topic === topics.paymentNotifications && key === orderId ? [channelNotified.parse(JSON.parse(String(value)))] : [],
  )
const refundTo = (orderId: string) =>
  eventually(
    `the refund of ${orderId}`,
    async () => (await stripe.refunds()).find(({ metadata }) => metadata.orderId === orderId),
    patience,
  )

it('a refund that Stripe settles later is settled when Stripe tells, and undone when its money comes back', async () => {
  await ask('ord-later', 'pi_late_99999999_e1')
  await answered('ord-later', 'StepPending')
  const { id, metadata } = await refundTo('ord-later')
  await stripe.tell('POST /becomes', { id, status: 'succeeded' })
  await answered('ord-later', 'RefundSettled')
  const looks = await eventually('both events to be told', () => told('ord-later').length >= 2 && told('ord-later'))
  for (const { kind, refundId, providerRef } of looks)
    expect({ kind, refundId, providerRef }).toEqual({ kind: 'look', refundId: metadata.refundId, providerRef: id })

  await stripe.tell('POST /becomes', { id, status: 'failed' })
  const reversed = () =>
    bus.seen.some(({ key, headers }) => key === 'ord-later' && headers.ce_type === 'refund.reversed.v1')
  await eventually('it to be reversed', reversed, patience)
})

it('an answer that is lost, and events that come first, thrice, unsigned or not at all, double nothing', async () => {
  for (const fault of ['before-answer', 'three-times', 'wrong-signature', 'lost'] as const) {
    const orderId = `ord-${fault}`
    await stripe.plan(fault)
    await stripe.plan('cut-after', { match: 'POST /v1/refunds' })
    await ask(orderId, `pi_ok_${fault.replace('-', '')}`)
    await answered(orderId, 'RefundSettled')
    expect((await stripe.refunds()).filter(({ metadata }) => metadata.orderId === orderId)).toMatchObject([
      ...[{ amount: 100, status: 'succeeded' }],
    ])
  }
  await eventually('what is not signed to be turned away', async () =>
    (await stripe.posts()).some(({ status }) => status === 401),
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
      ...{ PATH: process.env.PATH, NO_COLOR: '1', NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      ...{ KAFKA_BROKERS: kafkaBrokers, KAFKA_TOPIC_PREFIX: bus.kafka.prefix, PAYMENT_DATABASE_URL: dbs[0]?.url },
    })
  })
  afterAll(() => commandLine.stop())
  const reconcile = async (...options: readonly string[]) => {
    const { code, stdout, stderr } = await commandLine.run(['reconcile', '--account', account, '--json', ...options])
    const [result] = stdout === '' ? [] : found.parse(JSON.parse(stdout)).accounts
    return { code, stderr, ...result, shown: result?.differences.map(({ kind, orderId }) => `${kind} ${orderId}`) }
  }
  const payments = () => {
    const [db] = dbs
    if (db === undefined) throw new Error('expected the database of payment')
    return db.database
  }
  const inSuspense = async () =>
    (await measured.read(payments()))
      .filter(({ gauge }) => gauge === 'countermand_suspense')
      .map(({ labels, value }) => [labels?.currency, value])
  const open = async () =>
    (await measured.read(payments())).filter(({ gauge }) => gauge === 'countermand_differences_open').length

  it('differ in what was planted and in nothing else, until somebody has said why', async () => {
    const names = ['gone', 'amount', 'currency', 'twice', 'same']
    for (const name of names) {
      await ask(`ord-${name}`, `pi_ok_${name}`)
      await answered(`ord-${name}`, 'RefundSettled')
    }
    await ask('ord-flying', 'pi_late_99999999_e2')
    await answered('ord-flying', 'StepPending')
    expect(await reconcile()).toMatchObject({ code: 0, shown: [], others: 0, inFlight: 1 })

    const [gone, amount, currency, twice] = await Promise.all(names.map((name) => refundTo(`ord-${name}`)))
    await stripe.rewrite(gone?.id ?? '', 'gone')
    await stripe.rewrite(amount?.id ?? '', { amount: 130 })
    await stripe.rewrite(currency?.id ?? '', { currency: 'usd' })
    await stripe.enter({ payment: twice?.payment ?? '', amount: 100, metadata: twice?.metadata ?? {} })
    const foreign = await stripe.enter({ payment: 'pi_ok_same_of3351', amount: 50 })
    await stripe.enter({ payment: 'pi_ok_somebody', amount: 7 })
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
    expect(told('ord-same').filter(({ kind }) => kind === 'foreign-refund')).toMatchObject([
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

it('no secret is in a log, nor in a message', () => {
  const written = [...processes.map(({ output }) => output), gateway.output()]
  const sent = bus.seen.map(({ value, headers }) => `${value} ${JSON.stringify(headers)}`)
  expect(sent.join()).toContain('ord-later')
  for (const text of [...written, ...sent])
    for (const secret of Object.values(planted)) expect(text).not.toContain(secret)
})
