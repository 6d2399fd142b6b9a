import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { sagaId } from '@countermand/contracts'
import { createLogger } from '@countermand/telemetry'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { Client } from '@temporalio/client'
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker'
import { expect, inject, test } from 'vitest'
import { savedBundle } from '../../testing/saved-bundle.ts'
import { createWorld, request } from '../../testing/world.ts'
import { dataConverter } from '../runs/data-converter.ts'
import { keepsFailing } from '../runs/keeps-failing.ts'
import { connectTemporal } from '../temporal/connect.ts'
import { createRecovered } from './recovered.ts'

test('a run whose code failed is told to go on once it does, and not while the code still fails', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })
  const { temporalAddress: address } = inject('stack')
  const namespace = `recovered-${randomUUID().slice(0, 8)}`
  const log = createLogger({ name: namespace, level: 'silent' })
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
  const connection = await connectTemporal({ address })
  const native = await NativeConnection.connect({ address })
  const client = new Client({ connection, namespace, dataConverter })
  const workflowId = sagaId(request.orderId, request.requestId)
  const saga = await client.workflow.start('cancelOrder', {
    ...{ workflowId, taskQueue: namespace, workflowTaskTimeout: '1s' },
    args: [{ orderId: request.orderId, requestId: request.requestId, requested: { request, digest: 'digest-1' } }],
  })
  const published: { readonly value: unknown }[] = []
  const publish = async (messages: readonly { readonly value: unknown }[]) => void published.push(...messages)
  const { tellRecovered } = createRecovered({ client, publish, now: () => new Date().toISOString(), log })
  const alarm = 'attention.workflow-task-failing.run-1.7'
  const { activities } = createWorld({ BeginCancellation: () => 'later' }, 'completed-from-outside')
  const work = async (workflowBundle: WorkflowBundleOption, until: () => Promise<void>) => {
    const worker = await Worker.create({
      connection: native,
      namespace,
      taskQueue: namespace,
      workflowBundle,
      activities,
    })
    await worker.runUntil(() => eventuallyHolds(until))
  }
  const workflowsPath = fileURLToPath(new URL('../../testing/failing-workflows.ts', import.meta.url))
  const wrong = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') })
  await work(wrong, async () => expect(keepsFailing(await saga.describe())).toBe(true))
  expect(await tellRecovered([{ request, alarm }])).toEqual([])
  expect(published).toEqual([])
  await work(await savedBundle(), async () => expect(await tellRecovered([{ request, alarm }])).toEqual([workflowId]))
  expect(JSON.parse(String(published[0]?.value))).toMatchObject({
    ...{ key: 'resumed.workflow-task-failing.run-1.7', requestId: request.requestId },
    record: { what: 'resumed', of: alarm },
  })
  await native.close()
  await connection.close()
})
