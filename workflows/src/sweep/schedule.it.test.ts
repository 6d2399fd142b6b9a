import { randomUUID } from 'node:crypto'
import { createLogger } from '@countermand/telemetry'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { Client } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { connectTemporal } from '../temporal/connect.ts'

import { ensureSweep, keepSweep, sweepScheduleId } from './schedule.ts'

let client: Client
beforeAll(async () => {
  const address = inject('stack').temporalAddress
  const namespace = `schedule-${randomUUID().slice(0, 8)}`
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
  client = new Client({ connection: await connectTemporal({ address }), namespace })
})
afterAll(() => client.connection.close())

const scheduled = () => client.schedule.getHandle(sweepScheduleId).describe()

test('the sweep is scheduled once, at the interval of the latest process, and stays paused when it was', async () => {
  await ensureSweep(client, 60_000)
  await client.schedule.getHandle(sweepScheduleId).pause('a quiet night')
  await ensureSweep(client, 5_000)
  const { spec, state } = await scheduled()
  expect(spec.intervals).toMatchObject([{ every: 5_000 }])
  expect(state).toMatchObject({ paused: true, note: 'a quiet night' })
})

test('a schedule that is gone is made again', async () => {
  await ensureSweep(client, 60_000)
  await client.schedule.getHandle(sweepScheduleId).delete()
  const stop = keepSweep(client, 1_000, createLogger({ name: 'test', level: 'silent' }))
  await eventuallyHolds(async () => expect((await scheduled()).spec.intervals).toMatchObject([{ every: 1_000 }]))
  stop()
})
