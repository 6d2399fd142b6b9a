import { randomUUID } from 'node:crypto'
import { type CancelRequested, sagaId } from '@countermand/contracts'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import type { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { watchedClient } from '../../testing/watched-client.ts'
import { request } from '../../testing/world.ts'
import { connectSagas } from '../runs/connect-sagas.ts'
import { connectTemporal } from '../temporal/connect.ts'
import { findOpenRuns } from './open-runs.ts'
import { createSweep } from './sweep.ts'

/** What a sweep asks of Temporal, on a real server; nobody works on the sagas. */

const { temporalAddress: address } = inject('stack')
const namespace = `sweep-${randomUUID().slice(0, 8)}`
const log = createLogger({ name: namespace, level: 'silent' })
const now = () => new Date().toISOString()
let client: Client
let watched: ReturnType<typeof watchedClient>
let connection: Connection

beforeAll(async () => {
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
  connection = await connectTemporal({ address })
  watched = watchedClient(connection, namespace)
  client = watched.client
})
afterAll(() => connection?.close())

const fresh = (): CancelRequested => ({
  ...request,
  orderId: `ord-${randomUUID().slice(0, 8)}`,
  requestId: randomUUID(),
})
const idOf = ({ orderId, requestId }: CancelRequested) => sagaId(orderId, requestId)
const open = async (count: number): Promise<CancelRequested[]> => {
  const events = Array.from({ length: count }, fresh).toSorted((one, other) =>
    one.requestId < other.requestId ? -1 : 1,
  )
  const sagas = connectSagas(client, 'slow')
  await Promise.all(events.map((event) => sagas.start({ request: event, digest: 'digest-1' })))
  return events
}
const sweepOf = () => {
  const options = { client, publish: async () => {}, now, log, metrics: createMetrics() }
  return createSweep({ ...options, sagas: connectSagas(client, 'slow') })
}

test('one search tells of a page of open sagas; looked at are those whose turn it is, and those that look lost', async () => {
  const events = await open(60)
  const lost = events.filter((_, place) => place % 20 === 7)
  for (const event of lost) await client.workflow.getHandle(idOf(event)).terminate('the test loses it')
  await eventuallyHolds(async () =>
    expect((await findOpenRuns(client, events.map(idOf))).size).toBe(events.length - lost.length),
  )
  watched.forget()
  const listedAt = now()
  const { restarted, failing, rotation } = await sweepOf().restartLost(events, listedAt, { after: '', left: 5 })
  expect(restarted.toSorted()).toEqual(lost.map(idOf).toSorted())
  expect(failing).toEqual([])
  expect(rotation).toEqual({ after: events[4]?.requestId, left: 0 })
  expect(watched.times('listWorkflowExecutions')).toBe(1)
  // Who starts a lost one again looks at it once more.
  expect(watched.times('describeWorkflowExecution')).toBe(5 + 2 * lost.length)
})

test('a saga that the search does not know yet is not taken for lost', async () => {
  for (let time = 0; time < 5; time += 1) {
    const events = await open(1)
    expect((await sweepOf().restartLost(events, now(), { after: '', left: 0 })).restarted).toEqual([])
  }
})

test('an id that would end its quotes in the search is looked at instead', async () => {
  const [event] = [{ ...fresh(), orderId: `ord-x' OR WorkflowId != '${randomUUID()}` }]
  await connectSagas(client, 'slow').start({ request: event, digest: 'digest-1' })
  expect([...(await findOpenRuns(client, [idOf(event)])).keys()]).toEqual([])
  expect((await sweepOf().restartLost([event], now(), { after: '', left: 0 })).restarted).toEqual([])
})
