import { setTimeout as sleep } from 'node:timers/promises'
import { context, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CollectedSpan, startCollector } from './collector.ts'
import { createLogger } from './logger.ts'
import { startTracing } from './start-tracing.ts'
import { inSpan, openSpan, traceIds } from './tracing.ts'
import type { Tracing } from './tracing-settings.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const upstream = `00-${traceId}-00f067aa0ba902b7-01`
const settings = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' } as const

let lines: string[] = []
const log = createLogger({ name: 'order', level: 'info', stream: { write: (line) => lines.push(line) } })
const lastLine = (): unknown => JSON.parse(lines.at(-1) ?? '')

// Files of pure tests share a process: one before this may have left a tracer behind.
const forgetTracing = () => {
  trace.disable()
  context.disable()
}
beforeEach(forgetTracing)
afterEach(() => {
  forgetTracing()
  vi.unstubAllEnvs()
  lines = []
})

describe('without a collector', () => {
  beforeEach(() => startTracing({ service: 'order', settings, log }))

  test('carries a trace on as it came, through everything that runs meanwhile', async () => {
    const seen = await inSpan({ name: 'outer', kind: 'consumer', parent: upstream }, async () => {
      await sleep(1)
      return openSpan({ name: 'inner', kind: 'producer' }).traceparent
    })
    expect(seen).toBe(upstream)
  })

  test.each([null, 'garbage', '00-00000000000000000000000000000000-00f067aa0ba902b7-01'])(
    'makes no trace of %s',
    (parent) => expect(openSpan({ name: 'work', kind: 'consumer', parent }).traceparent).toBeUndefined(),
  )

  test('gives log lines the ids of what they belong to', async () => {
    log.info('before')
    expect(lastLine()).not.toHaveProperty('trace_id')
    await inSpan({ name: 'work', kind: 'consumer', parent: upstream }, async () => log.info('meanwhile'))
    expect(lastLine()).toMatchObject({ trace_id: traceId, span_id: '00f067aa0ba902b7', msg: 'meanwhile' })
    expect(traceIds(upstream)).toEqual({ trace_id: traceId, span_id: '00f067aa0ba902b7' })
  })
})

describe('with a collector', () => {
  let spans: CollectedSpan[]
  let collector: Awaited<ReturnType<typeof startCollector>>
  let tracing: Tracing
  const begin = async (endpoint: string, protocol: 'http/json' | 'http/protobuf' = 'http/json') => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint)
    tracing = await startTracing({
      service: 'countermand-order',
      settings: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol },
      log,
    })
  }
  beforeEach(async () => {
    spans = []
    collector = await startCollector(0, (more) => void spans.push(...more))
  })
  afterEach(() => collector.close())
  const named = (name: string) => spans.find((span) => span.name === name)

  test('sends each span with what caused it, its attributes and its failure, at the latest at the end', async () => {
    await begin(collector.url)
    const failing = inSpan({ name: 'outer', kind: 'consumer', parent: upstream }, async () => {
      openSpan({ name: 'inner', kind: 'client', attributes: { 'countermand.order.id': 'ord-1' } }).end()
      throw new Error('expected an answer')
    })
    await expect(failing).rejects.toThrow('expected an answer')
    await tracing.stop()
    expect(named('outer')).toMatchObject({ traceId, parentSpanId: '00f067aa0ba902b7', service: 'countermand-order' })
    expect(named('outer')).toMatchObject({ error: 'expected an answer' })
    expect(named('inner')).toMatchObject({ traceId, parentSpanId: named('outer')?.spanId })
    expect(named('inner')).toMatchObject({ attributes: { 'countermand.order.id': 'ord-1' } })
    expect(named('inner')).not.toHaveProperty('error')
  })

  test('begins a trace where none is known, and takes an answer in form of an error for none', async () => {
    await begin(collector.url)
    const answer = new Error('completed elsewhere')
    const work = inSpan(
      { name: 'work', kind: 'internal', parent: null },
      () => Promise.reject(answer),
      (it) => it === answer,
    )
    await expect(work).rejects.toBe(answer)
    await tracing.stop()
    expect(spans).toHaveLength(1)
    expect(named('work')).not.toHaveProperty('parentSpanId')
    expect(named('work')).not.toHaveProperty('error')
  })

  test('records nothing of a trace that upstream does not sample, and carries that on', async () => {
    await begin(collector.url)
    const unsampled = openSpan({ name: 'work', kind: 'consumer', parent: `00-${traceId}-00f067aa0ba902b7-00` })
    expect(unsampled.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
    unsampled.end()
    await tracing.stop()
    expect(spans).toEqual([])
  })

  test.each(['http/json', 'http/protobuf'] as const)(
    'outlives a collector that refuses or is away (%s), says so, and ends',
    async (protocol) => {
      vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500')
      await collector.close()
      await begin(collector.url, protocol)
      openSpan({ name: 'work', kind: 'internal' }).end()
      await expect(tracing.stop()).resolves.toBeUndefined()
      expect(lastLine()).toMatchObject({ level: 'warn', msg: 'traces are lost' })
    },
  )
})
