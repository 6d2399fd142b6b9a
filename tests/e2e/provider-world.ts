import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { acceptedOrder, type ChannelName, channelNotified, topics } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { filesOf, startGatewayProcess } from '@countermand/gateway/test/process.ts'
import { createBus, createTestDatabase, eventually } from '@countermand/testing'
import { expect, inject } from 'vitest'
import { root } from '../architecture/cruise.ts'

const patience = 120_000

export interface Provider<Control> {
  readonly channel: ChannelName
  readonly account: string
  /** What its stand-in is started with. */
  readonly args: readonly string[]
  readonly controlOf: (url: string) => Control
  /** By their names in the account's file. */
  readonly secrets: Readonly<Record<string, string>>
  /** The account's settings that are no secret. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A provider's stand-in, payment and the gateway as processes, each with its part of one file of accounts, and a bus to see all of it. */
export const startProviderWorld = async <Control extends { tell: (what: string, body?: object) => Promise<unknown> }>({
  ...provider
}: Provider<Control>) => {
  const { channel, account } = provider
  const { kafkaBrokers, databaseUrls } = inject('stack')
  const stops: (() => unknown)[] = []
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end()
  }
  const outputs: (() => string)[] = []
  const start = (main: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
    const child: ChildProcess = spawn(process.execPath, [main, ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
    outputs.push(() => output)
    stops.push(async () => {
      const ended = once(child, 'exit')
      if (child.exitCode === null && child.kill('SIGKILL')) await ended
    })
    return () => output
  }

  try {
    const database = async (service: string) => {
      const made = await createTestDatabase(databaseUrls.payment, `${channel}_${service}`)
      stops.push(() => made.drop())
      return made
    }
    const payments = await database('payment')
    const gateways = await database('gateway')
    const heard = [topics.sagaReplies, topics.refunds, topics.paymentNotifications]
    const bus = await createBus({ brokers: kafkaBrokers, topics: heard })
    stops.push(() => bus.stop())

    const output = start(`tools/stand-ins/${channel}/main.ts`, provider.args, process.env)
    const listens = () => /"port":(\d+),"control":(\d+)/.exec(output()) ?? undefined
    const [, port, control] = await eventually('the stand-in to listen', listens)
    const standIn = provider.controlOf(`http://127.0.0.1:${control}`)

    const files = await filesOf(provider.secrets)
    stops.push(() => files.remove())
    const secrets = Object.fromEntries(
      Object.keys(provider.secrets).map((name) => [name, { file: files.pathOf(name) }]),
    )
    const about = { provider: channel, baseUrl: `http://127.0.0.1:${port}`, settings: provider.settings, secrets }
    const accounts = { accounts: { [account]: about }, merchants: { '*': { [channel]: account } } }
    await files.write('accounts', JSON.stringify(accounts))
    const env = {
      ...process.env,
      ...{ KAFKA_BROKERS: kafkaBrokers, KAFKA_TOPIC_PREFIX: bus.kafka.prefix },
      ...{ ACCOUNTS_FILE: files.pathOf('accounts'), LOG_LEVEL: 'debug' },
    }
    start('services/payment/main.ts', [], { ...env, PAYMENT_DATABASE_URL: payments.url, PAYMENT_HTTP_PORT: '0' })
    const gateway = await startGatewayProcess({ ...env, GATEWAY_DATABASE_URL: gateways.url })
    stops.push(() => gateway.kill('SIGKILL'))
    outputs.push(gateway.output)

    return {
      ...{ bus, payments, standIn, stop },
      notifyUrl: `${gateway.notify}/notify/${account}`,
      /** An order of 33.51 that was paid by this provider alone, and 1.00 of it to give back. */
      ask: async (orderId: string, paymentRef: string) => {
        const order = acceptedOrder.parse({
          ...{ ...exampleOrder, orderId },
          tenders: [{ tenderId: 't1', channel, amount: 3351, paymentRef }],
        })
        const about = { orderId, requestId: `req-${orderId}`, round: 1, amount: 100, currency: order.currency } as const
        await bus.send([
          bus.event('order.accepted.v1', orderId, order),
          bus.command('RefundOrder', { ...about, refundTo: 'original', fallback: 'attention' }, orderId),
        ])
      },
      answered: (orderId: string, type: string) =>
        eventually(
          `${type}, got ${bus.answers(orderId)}`,
          () => bus.answers(orderId).some((each) => each === type),
          patience,
        ),
      /** What the gateway's notifications of this order say. */
      told: (orderId: string) =>
        bus.seen.flatMap(({ topic, key, value }) =>
          topic === topics.paymentNotifications && key === orderId
            ? [channelNotified.parse(JSON.parse(String(value)))]
            : [],
        ),
      wasReversed: (orderId: string) =>
        eventually(
          `the refund of ${orderId} to be reversed`,
          () => bus.seen.some(({ key, headers }) => key === orderId && headers.ce_type === 'refund.reversed.v1'),
          patience,
        ),
      /** No log and no message has one of these texts. */
      expectNowhere: (texts: readonly string[]) => {
        const sent = bus.seen.map(({ value, headers }) => `${value} ${JSON.stringify(headers)}`)
        expect(sent.join()).toContain('ord-later')
        for (const written of [...outputs.map((output) => output()), ...sent])
          for (const text of texts) expect(written).not.toContain(text)
      },
    }
  } catch (cause) {
    await stop()
    throw cause
  }
}
