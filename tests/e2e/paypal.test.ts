import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { acceptedOrder, channelNotified, topics } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { filesOf, type GatewayProcess, startGatewayProcess } from '@countermand/gateway/test/process.ts'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { controlOf } from '@countermand/tools/stand-ins/paypal/started.ts'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { root } from '../architecture/cruise.ts'

/** From PayPal's books to the saga's answer and back: payment and the gateway as processes, each with its part of one file, and the stand-in. */

const { kafkaBrokers, databaseUrls } = inject('stack')
const planted = { clientSecret: 'planted-client-secret-e2e' }
const app = { clientId: 'client-e2e', webhookId: 'WEBHOOKE2E' }
const account = 'paypal-eu'
const patience = 120_000

let dbs: TestDatabase[] = []
let bus: Bus
let files: Awaited<ReturnType<typeof filesOf>>
let gateway: GatewayProcess
let paypal: ReturnType<typeof controlOf>
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
    await createTestDatabase(databaseUrls.payment, 'paypal_payment'),
    await createTestDatabase(databaseUrls.payment, 'paypal_gateway'),
  ]
  const [payments, gateways] = dbs.map(({ url }) => url)
  const heard = [topics.sagaReplies, topics.refunds, topics.paymentNotifications]
  bus = await createBus({ brokers: kafkaBrokers, topics: heard })

  const credentials = ['--client-id', app.clientId, '--client-secret', planted.clientSecret]
  const standIn = start('tools/stand-ins/paypal/main.ts', credentials, process.env)
  const listens = () => /"port":(\d+),"control":(\d+)/.exec(standIn.output) ?? undefined
  const [, port, control] = await eventually('the stand-in to listen', listens)
  paypal = controlOf(`http://127.0.0.1:${control}`)

  files = await filesOf(planted)
  const secrets = { clientSecret: { file: files.pathOf('clientSecret') } }
  const baseUrl = `http://127.0.0.1:${port}`
  const accounts = { [account]: { provider: 'paypal', baseUrl, settings: app, secrets } }
  await files.write('accounts', JSON.stringify({ accounts, merchants: { '*': { paypal: account } } }))
  const env = {
    ...process.env,
    ...{ KAFKA_BROKERS: kafkaBrokers, KAFKA_TOPIC_PREFIX: bus.kafka.prefix, ACCOUNTS_FILE: files.pathOf('accounts') },
    LOG_LEVEL: 'debug',
  }
  start('services/payment/main.ts', [], { ...env, PAYMENT_DATABASE_URL: payments, PAYMENT_HTTP_PORT: '0' })
  gateway = await startGatewayProcess({ ...env, GATEWAY_DATABASE_URL: gateways })
  const told = { url: `${gateway.notify}/notify/${account}`, webhookId: app.webhookId }
  await paypal.tell('POST /settings', { told })
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
  const tenders = [{ tenderId: 't1', channel: 'paypal' as const, amount: 3351, paymentRef }]
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
const refundsOf = async (paymentRef: string) => (await paypal.refunds()).filter(({ payment }) => payment === paymentRef)

it('a refund that PayPal settles later is settled when PayPal tells, and undone when its money comes back', async () => {
  const paymentRef = 'LATE99999999XE1ZOF3351'
  await ask('ord-later', paymentRef)
  await answered('ord-later', 'StepPending')
  const { id, invoiceId } = await eventually('its refund', async () => (await refundsOf(paymentRef))[0], patience)
  await paypal.tell('POST /becomes', { id, status: 'COMPLETED' })
  await answered('ord-later', 'RefundSettled')
  const looks = await eventually('both events to be told', () => told('ord-later').length >= 2 && told('ord-later'))
  for (const { kind, refundId, providerRef } of looks)
    expect({ kind, refundId, providerRef }).toEqual({ kind: 'look', refundId: invoiceId, providerRef: id })

  await paypal.tell('POST /becomes', { id, status: 'CANCELLED' })
  const reversed = () =>
    bus.seen.some(({ key, headers }) => key === 'ord-later' && headers.ce_type === 'refund.reversed.v1')
  await eventually('it to be reversed', reversed, patience)
})

it('an answer that is lost, and events that come first, thrice, unsigned or not at all, double nothing', async () => {
  for (const fault of ['before-answer', 'three-times', 'wrong-signature', 'lost'] as const) {
    const orderId = `ord-${fault}`
    const paymentRef = `OK${fault.replace('-', '').toUpperCase()}ZOF3351`
    await paypal.plan(fault)
    await paypal.plan('cut-after', { match: '/refund' })
    await ask(orderId, paymentRef)
    await answered(orderId, 'RefundSettled')
    expect(await refundsOf(paymentRef)).toMatchObject([{ amount: 100, status: 'COMPLETED' }])
  }
  await eventually('what is not signed to be turned away', async () =>
    (await paypal.posts()).some(({ status }) => status === 401),
  )
})

it('no secret is in a log, nor in a message', () => {
  const written = [...processes.map(({ output }) => output), gateway.output()]
  const sent = bus.seen.map(({ value, headers }) => `${value} ${JSON.stringify(headers)}`)
  expect(sent.join()).toContain('ord-later')
  // The second: every token that the stand-in has given.
  for (const text of [...written, ...sent])
    for (const secret of [planted.clientSecret, 'A21AA']) expect(text).not.toContain(secret)
})
