import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Answer,
  type CancelRequested,
  type CommandName,
  commandTopic,
  deadLetterTopic,
  digestOf,
  eventHeaders,
  isCommandName,
  sagaId,
  topicPlan,
  topics,
} from '@countermand/contracts'
import {
  connectKafka,
  createPublisher,
  ensureTopics,
  type IncomingMessage,
  type Publisher,
  type RunningConsumer,
  startConsumer,
} from '@countermand/kafka'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { Client } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { request, tender, willing } from '../testing/world.ts'
import { type Orchestrator, startOrchestrator } from './orchestrator.ts'
import { resolveUpdate, statusQuery, taskQueue, workflowType } from './protocol/inputs.ts'
import { connectSagas } from './runs/connect-sagas.ts'
import type { settleReversedRefund } from './saga/settle-reversed-refund.ts'
import { createSuspects } from './sweep/failing-watch.ts'
import { createLostRuns } from './sweep/lost-runs.ts'
import { createSweep } from './sweep/sweep.ts'
import { workflowBundle } from './temporal/bundle.ts'
import { connectTemporal } from './temporal/connect.ts'

/** Intake, worker and replies on real Kafka and Temporal; the four services are played by one consumer that says yes. */

const { kafkaBrokers, temporalAddress } = inject('stack')
const name = `orchestrator-${randomUUID().slice(0, 8)}`
const log = createLogger({ name, level: 'error' })
const kafka = connectKafka({ brokers: kafkaBrokers.split(','), clientId: name, prefix: `${name}.` })
const commandTopics = (['order', 'inventory', 'logistics', 'payment'] as const).map((service) => commandTopic(service))

const seen: { readonly type: string; readonly data: Record<string, unknown> }[] = []
const letters: IncomingMessage[] = []
let orchestrator: Orchestrator
let publisher: Publisher
let consumers: RunningConsumer[]
let client: Client
let close: () => Promise<void>

/** What a willing service says, whatever its command's data are. */
const say = (type: CommandName, orderId: string): Answer => {
  if (type === 'AbandonCancellation') return { type: 'CancellationAbandoned', outcome: 'withdrawn', stage: 'requested' }
  if (type === 'ForbidRefund' && orderId.startsWith('ord-reversed'))
    return { type: 'MoneyMoved', tenders: [tender('reversed')] }
  return willing[type]()
}

const play = async (messages: readonly IncomingMessage[]) => {
  const replies = messages.flatMap(({ headers, value }) => {
    const type = headers.ce_type ?? ''
    if (!isCommandName(type)) return []
    const data = JSON.parse(String(value))
    seen.push({ type, data })
    const topic = headers['reply-topic']
    if (topic === undefined) return []
    const { orderId, requestId } = data
    const { type: answered, ...fields } = say(type, orderId)
    const event = {
      id: `${headers.ce_id}/${answered}`,
      source: 'test',
      type: answered,
      time: new Date().toISOString(),
      subject: requestId,
    }
    return [
      {
        topic,
        key: orderId,
        headers: { ...eventHeaders(event), 'reply-to': headers['reply-to'] ?? '' },
        value: JSON.stringify({ orderId, requestId, commandId: headers.ce_id, ...fields }),
      },
    ]
  })
  await publisher.publish(replies)
}

beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  })
  const signal = new AbortController().signal
  await ensureNamespace({ address: temporalAddress }, name, { retentionDays: 1, timeoutMs: 60_000, signal })
  await ensureTopics({ brokers: kafkaBrokers.split(',') }, topicPlan(), {
    prefix: kafka.prefix,
    partitions: 2,
    replication: 1,
  })
  const connection = await connectTemporal({ address: temporalAddress })
  const native = await NativeConnection.connect({ address: temporalAddress })
  client = new Client({ connection, namespace: name })
  publisher = createPublisher({ kafka })
  const bundle = await workflowBundle(join(tmpdir(), name), new DefaultLogger('ERROR'))
  consumers = await Promise.all([
    startConsumer({ kafka, groupId: 'services', topics: commandTopics, onBatch: play, log }),
    startConsumer({
      kafka,
      groupId: 'letters',
      topics: [deadLetterTopic(topics.cancelRequests), deadLetterTopic(topics.sagaReplies)],
      onBatch: async (messages) => void letters.push(...messages),
      log,
    }),
  ])
  orchestrator = await startOrchestrator({
    kafka,
    connection,
    native,
    namespace: name,
    sweepIntervalMs: 60_000,
    lane: 'slow',
    orderPatienceMs: 10_000,
    sdkMetrics: async () => '',
    suspects: createSuspects(),
    bundle,
    log,
    metrics: createMetrics(),
    onStuck: (reason) => expect.unreachable(reason),
  })
  close = async () => {
    await orchestrator.stop()
    await Promise.all(consumers.map((consumer) => consumer.stop()))
    await publisher.stop()
    await native.close()
    await connection.close()
  }
})
afterAll(() => close())

const publish = (type: string, data: object, options: { id?: string; key?: string; time?: string } = {}) => {
  const { orderId } = { orderId: 'none', ...data }
  const headers = eventHeaders({
    id: options.id ?? randomUUID(),
    source: 'shop',
    type,
    time: options.time ?? new Date().toISOString(),
    subject: orderId,
  })
  return publisher.publish([
    { topic: topics.cancelRequests, key: options.key ?? orderId, headers, value: JSON.stringify(data) },
  ])
}
const fresh = (): CancelRequested => ({
  ...request,
  orderId: `ord-${randomUUID().slice(0, 8)}`,
  requestId: randomUUID(),
})
const resultOf = ({ orderId, requestId }: CancelRequested) =>
  eventuallyHolds(() => client.workflow.getHandle(`cancel-${orderId}-${requestId}`).result())
const commandsOf = ({ orderId }: CancelRequested) =>
  seen.filter(({ data }) => data.orderId === orderId).map(({ type }) => type)
const lettersOf = ({ orderId }: CancelRequested) => letters.filter(({ key }) => key === orderId)

test('a cancel event published five times is one saga, which sends each command once and ends cancelled', async () => {
  const event = fresh()
  for (let copy = 0; copy < 5; copy++) await publish('order.cancel.requested.v1', event)
  expect(await resultOf(event)).toMatchObject({ outcome: 'cancelled', refunds: [{ amount: 3351 }] })
  const asked = commandsOf(event)
  expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted())
  expect(asked).toHaveLength(6)
  const { typedSearchAttributes } = await client.workflow
    .getHandle(`cancel-${event.orderId}-${event.requestId}`)
    .describe()
  expect(Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]))).toMatchObject({
    OrderId: event.orderId,
    MerchantId: 'mer-3',
    SagaStage: 'closed',
    SagaOutcome: 'cancelled',
    ReasonCode: 'changed-mind',
    NeedsAttention: false,
  })
})

test('what cannot be read is put aside with the reason, and what is behind it goes on', async () => {
  const event = fresh()
  await publisher.publish([
    { topic: topics.cancelRequests, key: event.orderId, headers: {}, value: '{' },
    {
      topic: topics.cancelRequests,
      key: event.orderId,
      headers: eventHeaders({
        id: 'x',
        source: 'shop',
        type: 'order.cancel.requested.v1',
        time: event.requestedAt,
        subject: 'x',
      }),
      value: '{"orderId":',
    },
  ])
  await publish('order.cancel.requested.v1', { ...event, reason: { code: 'because' } })
  await publish('order.cancel.postponed.v1', event)
  await publish('order.cancel.requested.v1', { ...event, orderId: 'another' }, { key: event.orderId })
  await publish('order.cancel.requested.v1', event)
  expect(await resultOf(event)).toMatchObject({ outcome: 'cancelled' })
  await eventuallyHolds(() =>
    expect(lettersOf(event).map(({ headers }) => headers['dlq-reason'])).toEqual([
      'missing-headers',
      'unreadable-json',
      'invalid-data',
      'unknown-type',
      'key-mismatch',
    ]),
  )
})

test('a request id that comes again with other content is put aside, and the first request goes on', async () => {
  const event = fresh()
  await publish('order.cancel.requested.v1', event)
  await publish('order.cancel.requested.v1', { ...event, reason: { code: 'too-slow' } })
  await eventuallyHolds(() =>
    expect(lettersOf(event).map(({ headers }) => headers['dlq-reason'])).toEqual(['request-id-reused']),
  )
  expect(await resultOf(event)).toMatchObject({ outcome: 'cancelled' })
})

test('a withdrawal that overtakes its request takes effect when the request comes', async () => {
  const event = fresh()
  const { orderId, requestId } = event
  await publish('order.cancel.withdrawn.v1', { orderId, requestId, by: 'cus-7' })
  await publish('order.cancel.requested.v1', event)
  expect(await resultOf(event)).toMatchObject({ outcome: 'withdrawn' })
  expect(commandsOf(event)).toEqual([
    'ForbidRefund',
    'RecordCancellation',
    'ReserveAgain',
    'ResumeShipment',
    'AbandonCancellation',
  ])
  await publish('order.cancel.requested.v1', event)
})

test('a decision about a saga that is over is answered in public, by the order service', async () => {
  const event = fresh()
  const { orderId, requestId } = event
  await publish('order.cancel.requested.v1', event)
  await resultOf(event)
  await publish('order.cancel.decided.v1', { orderId, requestId, decision: 'reject', by: 'mer-3' })
  await eventuallyHolds(() =>
    expect(seen.filter(({ type, data }) => type === 'RecordCancellation' && data.orderId === orderId)).toMatchObject([
      { data: { record: { what: 'input-rejected', input: 'decide', code: 'too-late' } } },
    ]),
  )
})

test('a run that somebody has started under the id of a saga, with what it cannot read, is in the way of nobody', async () => {
  const asked = fresh()
  const { orderId, requestId } = asked
  await client.workflow.execute(workflowType, { workflowId: sagaId(orderId, requestId), taskQueue, args: [{}] })
  await publish('order.cancel.withdrawn.v1', { orderId, requestId, by: 'cus-7' })
  await publish('order.cancel.requested.v1', asked)
  // Until its events are read, the run of that id is still the one that was started by hand.
  await eventuallyHolds(async () => expect(await resultOf(asked)).toMatchObject({ outcome: 'withdrawn' }))
})

test('the sweep leaves alone a saga that ended after the holds were listed, and restarts one that ended before', async () => {
  const event = fresh()
  await publish('order.cancel.requested.v1', event)
  await resultOf(event)
  const metrics = createMetrics()
  const now = () => new Date().toISOString()
  const sagas = connectSagas(client, 'slow')
  const { restartLost } = createSweep({ client, sagas, publish: publisher.publish, now, log, metrics })
  expect(await restartLost([event], event.requestedAt)).toEqual({ restarted: [], failing: [] })
  const workflowId = `cancel-${event.orderId}-${event.requestId}`
  expect(await restartLost([event], now())).toEqual({ restarted: [workflowId], failing: [] })
  expect(await metrics.registry.metrics()).toContain('countermand_swept_holds_total{finding="lost"} 1')
})

test('a reversed refund whose run is lost goes on with all that it was told, and one that is settled is left alone', async () => {
  const id = randomUUID().slice(0, 8)
  const refund = { orderId: `ord-reversed-${id}`, requestId: `req-${id}`, refundId: 'ref-1', destination: 'original' }
  const at = '2026-11-20T10:00:00Z'
  const data = { ...refund, ...tender('reversed'), failure: 'the account is closed', at }
  const headers = eventHeaders({ id, source: 'test', type: 'refund.reversed.v1', time: at, subject: id })
  await publisher.publish([{ topic: topics.refunds, key: refund.orderId, headers, value: JSON.stringify(data) }])
  const run = client.workflow.getHandle<typeof settleReversedRefund>(`refund-${refund.requestId}-t1`)
  const parked = async () => expect((await run.query(statusQuery)).attention?.reason).toBe('refund-reversed')
  await eventuallyHolds(parked)
  await run.terminate('the test loses it')
  const { restartLostRuns } = createLostRuns({ client, log })
  await eventuallyHolds(async () => expect(await restartLostRuns()).toContain(run.workflowId))
  await eventuallyHolds(parked)
  await run.executeUpdate(resolveUpdate, { args: [{ decision: 'skip', by: 'ops-1', reason: 'paid by hand' }] })
  expect(await run.result()).toMatchObject({ stage: 'closed' })
  expect(await restartLostRuns()).not.toContain(run.workflowId)
})

test('a saga that is lost before its first step starts again, with all that it was started with', async () => {
  const { orderId, requestId } = fresh()
  const workflowId = `cancel-${orderId}-${requestId}`
  const input = { orderId, requestId }
  const options = {
    taskQueue: 'nobody',
    args: [input],
    memo: { requestDigest: 'x' },
    staticSummary: `Cancel ${orderId}`,
  }
  const lost = await client.workflow.start('cancelOrder', { workflowId, ...options })
  await lost.terminate('the test loses it')
  const { restartLostRuns } = createLostRuns({ client, log })
  await eventuallyHolds(async () => expect(await restartLostRuns()).toContain(workflowId))
  const again = client.workflow.getHandle(workflowId)
  const { status, memo, runId, staticSummary } = await again.describe().then(async (run) => ({
    ...run,
    staticSummary: await run.staticSummary(),
  }))
  expect({ status: status.name, memo, staticSummary }).toEqual({
    ...{ status: 'RUNNING', memo: options.memo, staticSummary: options.staticSummary },
  })
  expect(runId).not.toBe(lost.firstExecutionRunId)
  await again.terminate('the test is over')
})

test('a run that waits for the request of a lost one gets it, and what that was told', async () => {
  const event = fresh()
  const { orderId, requestId } = event
  const workflowId = `cancel-${orderId}-${requestId}`
  const digest = digestOf(event)
  const lost = await client.workflow.start('cancelOrder', {
    ...{ workflowId, taskQueue: 'nobody', memo: { requestDigest: digest } },
    args: [{ orderId, requestId, requested: { request: event, digest } }],
  })
  await lost.signal('withdrawn', { inputId: 'event:1', by: 'cus-7' })
  await lost.terminate('the test loses it')
  // As an orchestrator did that let no lost run go on.
  await client.workflow.start('cancelOrder', { workflowId, taskQueue, args: [{ orderId, requestId }] })
  const { restartLostRuns } = createLostRuns({ client, log })
  await eventuallyHolds(async () => expect(await restartLostRuns()).toContain(workflowId))
  expect(await resultOf(event)).toMatchObject({ outcome: 'withdrawn' })
})

test('an answer that cannot be read is put aside', async () => {
  const event = fresh()
  const headers = eventHeaders({ id: 'y', source: 'test', type: 'StockOnSale', time: event.requestedAt, subject: 'y' })
  await publisher.publish([{ topic: topics.sagaReplies, key: event.orderId, headers, value: '{}' }])
  await eventuallyHolds(() =>
    expect(lettersOf(event).map((letter) => letter.headers['dlq-reason'])).toEqual(['missing-headers']),
  )
})

test('it is ready while it is a member of its groups and its worker runs', async () => {
  expect(await orchestrator.readiness()).toEqual([])
})
