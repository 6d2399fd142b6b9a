import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type CancelRequested, sagaId } from '@countermand/contracts'
import { createLogger } from '@countermand/telemetry'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { expect, inject, test } from 'vitest'
import { watchedClient } from '../../testing/watched-client.ts'
import { request } from '../../testing/world.ts'
import { taskQueue } from '../protocol/inputs.ts'
import { connectTemporal } from '../temporal/connect.ts'
import { createSuspects, lookAtSuspects } from './failing-watch.ts'

test('a saga whose workflow task keeps failing is told once by the process that fails it, and no other saga is looked at', async () => {
  const { temporalAddress: address } = inject('stack')
  const namespace = `failing-${randomUUID().slice(0, 8)}`
  const log = createLogger({ name: namespace, level: 'silent' })
  const suspects = createSuspects()
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ meta }) => suspects.hear(meta)),
    telemetryOptions: { logging: { filter: 'WARN', forward: {} } },
  })
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
  const connection = await connectTemporal({ address })
  const native = await NativeConnection.connect({ address })
  const { client, times } = watchedClient(connection, namespace)
  const start = async (queue: string): Promise<CancelRequested> => {
    const event = { ...request, orderId: `ord-${randomUUID().slice(0, 8)}`, requestId: randomUUID() }
    const { orderId, requestId } = event
    await client.workflow.start('cancelOrder', {
      workflowId: sagaId(orderId, requestId),
      taskQueue: queue,
      args: [{ orderId, requestId, requested: { request: event, digest: 'digest-1' } }],
      // A worker tells the server of the first failure only; further attempts just time out.
      workflowTaskTimeout: '1s',
    })
    return event
  }
  await Promise.all(Array.from({ length: 20 }, () => start('nobody')))
  const failing = await start(taskQueue)
  const workflowsPath = fileURLToPath(new URL('../../testing/failing-workflows.ts', import.meta.url))
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') })
  const worker = await Worker.create({ connection: native, namespace, taskQueue, workflowBundle })
  const published: { readonly value: unknown }[] = []
  const publish = async (messages: readonly { readonly value: unknown }[]) => void published.push(...messages)
  const options = { suspects, client, publish, now: () => new Date().toISOString(), log }
  await worker.runUntil(async () => {
    const told = await eventuallyHolds(async () => {
      const found = await lookAtSuspects(options)
      expect(found).not.toEqual([])
      return found
    })
    expect(told).toEqual([sagaId(failing.orderId, failing.requestId)])
    // It stays a suspect, for whoever asks how this process fares, and is not told again.
    expect([await lookAtSuspects(options), suspects.failing()]).toEqual([[], 1])
    await client.workflow.getHandle(sagaId(failing.orderId, failing.requestId)).terminate()
    expect([await lookAtSuspects(options), suspects.failing()]).toEqual([[], 0])
  })
  expect(published).toHaveLength(1)
  const { record } = JSON.parse(String(published[0]?.value))
  expect(record).toMatchObject({ what: 'needs-attention', reason: 'workflow-task-failing' })
  expect(record.error).toMatch(/^this code has a bug.* \(attempt \d+ of a workflow task of run /s)
  const searches = times('listWorkflowExecutions')
  expect(times('describeWorkflowExecution')).toBeLessThanOrEqual(searches)
  await native.close()
  await connection.close()
})

test('of a log only run ids are heard, and no more than can be looked at', () => {
  const suspects = createSuspects()
  for (const about of [undefined, null, 'run', {}, { runId: 7 }, { runId: "x' OR '1" }]) suspects.hear(about)
  expect(suspects.runIds()).toEqual([])
  for (let run = 0; run < 1_000; run += 1) suspects.hear({ runId: `run-${run}` })
  expect(suspects.runIds()).toHaveLength(200)
})
