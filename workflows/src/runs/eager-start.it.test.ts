import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CancelRequested, sagaId } from '@countermand/contracts'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { Client } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'

import { createWorld, request, type Services } from '../../testing/world.ts'
import { taskQueue } from '../protocol/inputs.ts'
import { createSweep } from '../sweep/sweep.ts'
import { workflowBundle } from '../temporal/bundle.ts'
import { connectSagas, type Sagas } from './connect-sagas.ts'

/** What an eager start must not break, on a real server. */

const { temporalAddress: address } = inject('stack')
const namespace = `eager-${randomUUID().slice(0, 8)}`
const log = createLogger({ name: namespace, level: 'error' })

interface Process {
  readonly client: Client
  readonly sagas: Sagas
  shutdown(): void
  stop(): Promise<void>
}

let bundle: { readonly codePath: string }
const running: Process[] = []

/** What an orchestrator has of Temporal: one connection for its worker and its starts. */
const startProcess = async (identity: string, slots = 100, services: Partial<Services> = {}): Promise<Process> => {
  const connection = await NativeConnection.connect({ address })
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, identity, workflowBundle: bundle, maxCachedWorkflows: 100 },
    activities: createWorld(services, 'completed-from-outside').activities,
    maxConcurrentWorkflowTaskExecutions: slots,
  })
  const ended = worker.run()
  const client = new Client({ connection, namespace, identity })
  const started = {
    client,
    sagas: connectSagas(client, 'slow', 'eager'),
    shutdown: () => worker.shutdown(),
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await ended
      await connection.close()
    },
  }
  running.push(started)
  return started
}

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
  bundle = await workflowBundle(join(tmpdir(), namespace), new DefaultLogger('ERROR'))
})
afterEach(() => Promise.all(running.splice(0).map((each) => each.stop())))
afterAll(() => Promise.all(running.splice(0).map((each) => each.stop())))

const fresh = (): CancelRequested => ({
  ...request,
  orderId: `ord-${randomUUID().slice(0, 8)}`,
  requestId: randomUUID(),
})
const idOf = ({ orderId, requestId }: CancelRequested) => sagaId(orderId, requestId)
const requestedBy = (event: CancelRequested) => ({ request: event, digest: 'digest-1' })

/** How a run began: eagerly, at whom its first task ended, and how often one of its tasks was lost. */
const beginningOf = async ({ client }: Process, event: CancelRequested) => {
  const { events } = await client.workflow.getHandle(idOf(event)).fetchHistory()
  const completed = events?.find((each) => each.workflowTaskCompletedEventAttributes)
  return {
    eager: events?.[0]?.workflowExecutionStartedEventAttributes?.eagerExecutionAccepted ?? false,
    worker: completed?.workflowTaskCompletedEventAttributes?.identity,
    lost: events?.filter((each) => each.workflowTaskTimedOutEventAttributes).length,
  }
}
const outcomeOf = ({ client }: Process, event: CancelRequested) => client.workflow.getHandle(idOf(event)).result()

test('each of several orchestrators gets the first task of the runs that it starts, and a duplicate starts nothing', async () => {
  const processes = [await startProcess('first'), await startProcess('second')]
  for (const each of processes) {
    const event = fresh()
    expect(await each.sagas.start(requestedBy(event))).toBe('started')
    expect(await outcomeOf(each, event)).toMatchObject({ outcome: 'cancelled' })
    expect(await beginningOf(each, event)).toEqual({ eager: true, worker: each.client.options.identity, lost: 0 })
    for (const other of processes) expect(await other.sagas.start(requestedBy(event))).toBe('duplicate')
    expect(await each.sagas.start({ request: event, digest: 'digest-2' })).toBe('reused')
  }
})

test('runs that find no slot free are queued, and end like the others', async () => {
  const narrow = await startProcess('narrow', 2)
  const events = Array.from({ length: 20 }, fresh)
  await Promise.all(events.map((event) => narrow.sagas.start(requestedBy(event))))
  const outcomes = await Promise.all(events.map((event) => outcomeOf(narrow, event)))
  expect(outcomes.map((result) => result.outcome)).toEqual(events.map(() => 'cancelled'))
  const beginnings = await Promise.all(events.map((event) => beginningOf(narrow, event)))
  expect(beginnings.filter(({ eager }) => !eager)).not.toEqual([])
  expect(beginnings.filter(({ lost }) => lost !== 0)).toEqual([])
})

test('a process that dies between a start and its first task holds the run up until its task times out, and another goes on', async () => {
  const event = fresh()
  const program = fileURLToPath(new URL('../../testing/dies-after-start.ts', import.meta.url))
  const child = spawn(process.execPath, [program, address, namespace, JSON.stringify(event)], { stdio: 'inherit' })
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  const other = await startProcess('other')
  expect(await outcomeOf(other, event)).toMatchObject({ outcome: 'cancelled' })
  expect(await beginningOf(other, event)).toEqual({ eager: true, worker: 'other', lost: 1 })
})

test('runs that are started while their process shuts down lose nothing', async () => {
  const [leaving, staying] = [await startProcess('leaving'), await startProcess('staying')]
  const events = Array.from({ length: 30 }, fresh)
  const starts = events.map((event, place) => {
    if (place === 15) leaving.shutdown()
    return leaving.sagas.start(requestedBy(event))
  })
  expect(await Promise.all(starts)).toEqual(events.map(() => 'started'))
  const later = fresh()
  expect(await leaving.sagas.start(requestedBy(later))).toBe('started')
  for (const event of [...events, later])
    expect(await outcomeOf(staying, event)).toMatchObject({ outcome: 'cancelled' })
})

test('a run that the sweep starts again goes on, and once only', async () => {
  const asked = Promise.withResolvers<void>()
  const hangs: Partial<Services> = {
    BeginCancellation: () => {
      asked.resolve()
      return 'later'
    },
  }
  const event = fresh()
  const first = await startProcess('first', 100, hangs)
  await first.sagas.start(requestedBy(event))
  await asked.promise
  await first.client.workflow.getHandle(idOf(event)).terminate('the test loses it')
  await first.stop()
  running.splice(0)
  const second = await startProcess('second')
  const now = () => new Date().toISOString()
  const options = { client: second.client, publish: async () => {}, now, log, metrics: createMetrics() }
  const { restartLost } = createSweep({ ...options, sagas: second.sagas })
  await eventuallyHolds(async () => expect((await restartLost([event], now())).restarted).toEqual([idOf(event)]))
  expect(await outcomeOf(second, event)).toMatchObject({ outcome: 'cancelled' })
  expect(await beginningOf(second, event)).toEqual({ eager: true, worker: 'second', lost: 0 })
})
