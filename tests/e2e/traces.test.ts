import { randomBytes, randomUUID } from 'node:crypto'
import { type CancelRequested, topics } from '@countermand/contracts'
import { type CollectedSpan, startCollector } from '@countermand/telemetry/collector.ts'
import { type Bus, createBus, eventually } from '@countermand/testing'
import { upstreamHeaders } from '@countermand/tools/shop/outside.ts'
import { traceTree } from '@countermand/tools/traces/tree.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openShop } from './shop.ts'
import { startWorld, type World } from './world.ts'

const spans: CollectedSpan[] = []
let collector: Awaited<ReturnType<typeof startCollector>>
beforeAll(async () => {
  collector = await startCollector(0, (more) => void spans.push(...more))
})
afterAll(() => collector?.close())

/** A cancel event as a traced upstream service publishes it. */
const upstream = () => {
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` }
}

const requestFor = (orderId: string): CancelRequested => ({
  requestId: randomUUID(),
  orderId,
  requestedAt: new Date().toISOString(),
  initiator: { kind: 'customer', id: 'cus-7' },
  reason: { code: 'changed-mind' },
  refundTo: 'original',
})

/** Which service does which step of the straight road. */
const steps = {
  BeginCancellation: 'order',
  StopShipment: 'logistics',
  SetStockAside: 'inventory',
  RefundOrder: 'payment',
  ReturnStockToSale: 'inventory',
  ConfirmCancellation: 'order',
} as const
const answers = ['CancellationBegun', 'LabelVoided', 'StockSetAside', 'RefundSettled', 'StockOnSale', 'OrderCancelled']
const end = 'order.cancellation.completed.v1'

/** One trace, as far as it has come in. */
const openTrace = (traceId: string, upstreamSpanId: string) => {
  const mine = () => spans.filter((span) => span.traceId === traceId)
  const has = (name: string) => mine().some((span) => span.name === name)
  const tree = () => `\n${traceTree(mine()).join('\n')}`
  const orphans = () => {
    const known = new Set([upstreamSpanId, ...mine().map(({ spanId }) => spanId)])
    return mine().filter(({ parentSpanId = '' }) => !known.has(parentSpanId))
  }
  const all = (name: string, service: string) => {
    const found = mine().filter((span) => span.name === name && span.service === `countermand-${service}`)
    expect(found.length, `${name} of ${service} in${tree()}`).toBeGreaterThan(0)
    return found.toSorted((a, b) => a.startedAt - b.startedAt)
  }
  return {
    all,
    tree,
    failed: () => mine().filter(({ error }) => error !== undefined),
    only: (name: string, service: string): CollectedSpan | undefined => {
      const [found, ...more] = all(name, service)
      expect(more, `${name} of ${service}, once, in${tree()}`).toEqual([])
      return found
    },
    /** Each of those came from one of these. */
    expectFrom: (those: readonly CollectedSpan[], causes: readonly (CollectedSpan | undefined)[]) => {
      const ids = causes.map((cause) => cause?.spanId)
      for (const { name, parentSpanId } of those) expect(ids, `what led to ${name} in${tree()}`).toContain(parentSpanId)
    },
    /** Each process sends its spans when it likes. */
    isWhole: () =>
      eventually(
        'all spans of a trace',
        () => has('process OrderCancelled') && has(`send ${end}`) && orphans().length === 0,
      ).catch((cause: unknown) => {
        throw new Error(`expected all of a trace, got${tree()}`, { cause })
      }),
  }
}

describe.each(['adaptive', 'slow'] as const)('a cancellation with STEP_LANE=%s', (lane) => {
  let world: World
  let bus: Bus
  beforeAll(async () => {
    const stack = inject('stack')
    world = await startWorld(stack, {
      STEP_LANE: lane,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    })
    bus = await createBus({ brokers: stack.kafkaBrokers, topics: [topics.cancellations], prefix: world.topicPrefix })
  })
  afterAll(async () => {
    await bus?.stop()
    await world?.stop()
  })

  it('is one trace, from the event that asked for it to the public end, with every step between', async () => {
    const { orderId } = await openShop(world).place({ name: 'traced', parcels: [{ number: 'OK-1' }] })
    const { traceId, spanId, traceparent } = upstream()
    const request = requestFor(orderId)
    await world.outside.publishRaw({
      topic: topics.cancelRequests,
      key: orderId,
      headers: { ...upstreamHeaders('order.cancel.requested.v1', orderId), traceparent },
      value: JSON.stringify(request),
    })
    const message = await eventually(
      'the public end',
      () => bus.seen.find(({ headers }) => headers.ce_type === end),
      40_000,
    )
    const [, endTrace, endSpan] = message.headers.traceparent?.split('-') ?? []
    expect(endTrace).toBe(traceId)

    const trace = openTrace(traceId, spanId)
    await trace.isWhole()
    const { all, only, expectFrom } = trace
    const intake = only('process order.cancel.requested.v1', 'orchestrator')
    expect(intake?.parentSpanId).toBe(spanId)
    const start = only('StartWorkflow:cancelOrder', 'orchestrator')
    expect(start?.parentSpanId).toBe(intake?.spanId)
    const ids = { 'countermand.order.id': orderId, 'countermand.request.id': request.requestId }
    for (const [command, service] of Object.entries(steps)) {
      const activities = all(`RunActivity:${command.charAt(0).toLowerCase()}${command.slice(1)}`, 'orchestrator')
      expectFrom(activities, [start])
      for (const { attributes } of activities) expect(attributes).toMatchObject(ids)
      const sent = all(`send ${command}`, 'orchestrator')
      expectFrom(sent, activities)
      expectFrom(all(`process ${command}`, service), sent)
    }
    const [first] = all('RunActivity:beginCancellation', 'orchestrator')
    expect(first?.attributes['temporal.activity.local']).toBe(lane === 'adaptive')
    for (const answer of answers) all(`process ${answer}`, 'orchestrator')
    expectFrom(all('call-channel', 'payment'), all('process RefundOrder', 'payment'))
    expectFrom(all(`send ${end}`, 'order'), all('process ConfirmCancellation', 'order'))
    expect(only(`send ${end}`, 'order')?.spanId).toBe(endSpan)
    expect(trace.failed(), trace.tree()).toEqual([])
  })
})
