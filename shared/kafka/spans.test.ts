import { startTracing, type Tracing } from '@countermand/telemetry'
import { type CollectedSpan, startCollector } from '@countermand/telemetry/collector.ts'
import { createLogger } from '@countermand/telemetry/logger.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { IncomingMessage, OutgoingMessage } from './message.ts'
import { processed, processedTogether, sent } from './spans.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const upstream = `00-${traceId}-00f067aa0ba902b7-01`
const incoming = (type: string, more: Record<string, string> = { traceparent: upstream }): IncomingMessage => ({
  topic: 'payment.commands.v1',
  partition: 3,
  offset: '42',
  key: 'ord-1',
  value: Buffer.from('{}'),
  headers: { ce_type: type, ce_id: 'ord-1/req-1/refund/do/1', ce_subject: 'req-1', ...more },
})
const outgoing = (message: IncomingMessage): OutgoingMessage => ({
  topic: 'saga.replies.v1',
  key: message.key,
  value: '{}',
  headers: { ...message.headers, ce_type: 'RefundSettled' },
})
const spanIdIn = (traceparent: string | undefined) => traceparent?.split('-')[2]

test('hands a message on as it is when nothing is recorded', async () => {
  const message = incoming('RefundOrder')
  await processed(message, async (same) => expect(same).toBe(message))
  const bare = incoming('RefundOrder', {})
  await sent([outgoing(bare)], async ([message]) => expect(message?.headers).not.toHaveProperty('traceparent'))
})

describe('with a collector', () => {
  const spans: CollectedSpan[] = []
  let tracing: Tracing
  let headers: (string | undefined)[] = []
  beforeAll(async () => {
    const collector = await startCollector(0, (more) => void spans.push(...more))
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' } as const
    tracing = await startTracing({ service: 'payment', settings, log: createLogger({ name: 't', level: 'silent' }) })

    const batch = [incoming('RefundOrder'), incoming('<script>', {})]
    await processedTogether(batch, (messages) =>
      sent(messages.map(outgoing), async (answers) => {
        headers = answers.map((answer) => answer.headers.traceparent)
      }),
    )
    const broken = processedTogether([incoming('ForbidRefund')], () => Promise.reject(new Error('expected a database')))
    await expect(broken).rejects.toThrow('expected a database')
    await tracing.stop()
    await collector.close()
  })
  afterAll(() => vi.unstubAllEnvs())
  const named = (name: string) => spans.filter((span) => span.name === name)

  test('gives each message of a batch a span of its own, and each answer one below it, which it carries', () => {
    const [processing] = named('process RefundOrder')
    expect(processing).toMatchObject({
      traceId,
      parentSpanId: '00f067aa0ba902b7',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'payment.commands.v1',
        'messaging.destination.partition.id': '3',
        'messaging.kafka.offset': 42,
        'messaging.batch.message_count': 2,
        'countermand.order.id': 'ord-1',
        'countermand.request.id': 'req-1',
      },
    })
    const [sending] = named('send RefundSettled')
    expect(sending).toMatchObject({ traceId, parentSpanId: processing?.spanId })
    expect(spanIdIn(headers[0])).toBe(sending?.spanId)
  })

  test('begins a trace where a message has none, and takes no name from a stranger', () => {
    const [stranger] = named('process payment.commands.v1')
    expect(stranger).not.toHaveProperty('parentSpanId')
    expect(stranger?.traceId).not.toBe(traceId)
    expect(headers[1]).toContain(stranger?.traceId)
  })

  test('says why a batch was not done', () => {
    expect(named('process ForbidRefund')).toMatchObject([{ error: 'expected a database' }])
  })
})
