import { attentionReason, sagaStage } from '@countermand/contracts'
import { createMetrics } from '@countermand/telemetry'
import type { Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { watchedClient } from '../../testing/watched-client.ts'
import { connectTemporal } from './connect.ts'
import { createTemporalProbe, measureSagas } from './health.ts'

/** What is asked of Temporal for health and gauges: of a rented one, searches are few. */

let connection: Connection
beforeAll(async () => {
  connection = await connectTemporal({ address: inject('stack').temporalAddress })
})
afterAll(() => connection?.close())

/** One for each stage but the last, and for each reason. Of those whose code fails the order service tells. */
const gauges = sagaStage.options.length - 1 + attentionReason.options.length - 1

/** What Temporal counts as a search, beside lists. */
const searches = ['countWorkflowExecutions', 'listWorkflowExecutions', 'describeTaskQueue']
const searchesOf = ({ times }: ReturnType<typeof watchedClient>) =>
  searches.map(times).reduce((sum, count) => sum + count, 0)

test('four orchestrators that are scraped and asked every few seconds search once for each gauge in half a minute', async () => {
  const processes = Array.from({ length: 4 }, (_, place) => {
    const watched = watchedClient(connection, 'default')
    const metrics = createMetrics()
    measureSagas(metrics, watched.client, () => place === 2)
    return { watched, metrics, probe: createTemporalProbe(watched.connection, async () => '') }
  })
  const told: string[] = []
  for (let scrape = 0; scrape < 10; scrape += 1)
    for (const { metrics, probe } of processes) {
      expect(await probe()).toEqual([])
      told.push(await metrics.registry.metrics())
    }
  expect(processes.map(({ watched }) => searchesOf(watched))).toEqual([0, 0, gauges, 0])
  expect(told.filter((text) => text.includes('countermand_sagas_open{stage="requested"}'))).toHaveLength(10)
  expect(told.filter((text) => text.includes('countermand_sagas_attention{reason="step-failed"}'))).toHaveLength(10)
})

test('who was the leader a moment ago goes on telling, so that no gauge is missing while partitions are given out', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const metrics = createMetrics()
  let isLeader = true
  measureSagas(metrics, watchedClient(connection, 'default').client, () => isLeader)
  const tells = async () => (await metrics.registry.metrics()).includes('countermand_sagas_open{')
  expect(await tells()).toBe(true)
  isLeader = false
  vi.advanceTimersByTime(59_000)
  expect(await tells()).toBe(true)
  vi.advanceTimersByTime(2_000)
  expect(await tells()).toBe(false)
  isLeader = true
  expect(await tells()).toBe(true)
  vi.useRealTimers()
})
