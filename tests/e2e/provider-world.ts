import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acceptedOrder, type ChannelName, channelNotified, topics } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { startGatewayProcess } from '@countermand/gateway/test/process.ts'
import { type CollectedSpan, startCollector } from '@countermand/telemetry/collector.ts'
import { createBus, createTestDatabase, eventually } from '@countermand/testing'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { type CrewName, startCrew } from '@countermand/tools/stand-ins/crew.ts'
import { expect, inject } from 'vitest'
import { root } from '../architecture/cruise.ts'

const patience = 120_000

/** A provider's stand-in, payment and the gateway as processes, each with its part of one file of accounts, and a bus to see all of it. */
export const startProviderWorld = async <Control>(
  channel: ChannelName & CrewName,
  controlOf: (url: string) => Control,
  currency: string = exampleOrder.currency,
) => {
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
      const made = await createTestDatabase(databaseUrls.payment, `${channel.replaceAll('-', '_')}_${service}`)
      stops.push(() => made.drop())
      return made
    }
    const payments = await database('payment')
    const gateways = await database('gateway')
    const heard = [topics.sagaReplies, topics.refunds, topics.paymentNotifications]
    const bus = await createBus({ brokers: kafkaBrokers, topics: heard })
    stops.push(() => bus.stop())

    const home = await mkdtemp(join(tmpdir(), 'provider-'))
    stops.push(() => rm(home, { recursive: true, force: true }))
    const port = await freePort()
    const crew = await startCrew([channel], {
      ...{ home, notify: `http://127.0.0.1:${port}`, env: process.env, signal: new AbortController().signal },
      onCrash: (error) => console.error(error),
    })
    stops.push(() => crew.stop())
    const spans: CollectedSpan[] = []
    const collector = await startCollector(0, (more) => void spans.push(...more))
    stops.push(() => collector.close())
    const standIn = controlOf(crew[channel].controlUrl)
    const env = {
      ...process.env,
      ...{ KAFKA_BROKERS: kafkaBrokers, KAFKA_TOPIC_PREFIX: bus.kafka.prefix },
      ...{ ACCOUNTS_FILE: crew.accountsFile, LOG_LEVEL: 'debug' },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    }
    start('services/payment/main.ts', [], { ...env, PAYMENT_DATABASE_URL: payments.url, PAYMENT_HTTP_PORT: '0' })
    const gateway = await startGatewayProcess({ ...env, GATEWAY_DATABASE_URL: gateways.url, GATEWAY_PORT: `${port}` })
    stops.push(() => gateway.kill('SIGKILL'))
    outputs.push(gateway.output)

    return {
      ...{ bus, payments, standIn, stop },
      /** An order of 33.51 that was paid by this provider alone, and 1.00 of it to give back. */
      ask: async (orderId: string, paymentRef: string) => {
        const order = acceptedOrder.parse({
          ...{ ...exampleOrder, orderId, currency },
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
      /** All that the processes have written. */
      logged: () => outputs.map((output) => output()).join('\n'),
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
      /** No log, no message and no span has a secret of the account, or one of these texts. */
      expectNoSecret: async (...texts: readonly string[]) => {
        await eventually('spans to be told', () => spans.length > 0, patience)
        const sent = bus.seen.map(({ value, headers }) => `${value} ${JSON.stringify(headers)}`)
        expect(sent.join()).toContain('ord-later')
        for (const written of [...outputs.map((output) => output()), ...sent, JSON.stringify(spans)])
          for (const text of [...crew.secrets, ...texts]) expect(written).not.toContain(text)
      },
    }
  } catch (cause) {
    await stop()
    throw cause
  }
}
