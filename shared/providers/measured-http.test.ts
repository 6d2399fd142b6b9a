import { createMetrics } from '@countermand/telemetry'
import { afterAll, expect, it } from 'vitest'
import { measuredHttp } from './measured-http.ts'

const metrics = createMetrics()
let now = 0
const http = measuredHttp(metrics, { circuit: { failures: 2, restMs: 30_000, now: () => now } })
afterAll(() => http.close())

const shown = async () =>
  (await metrics.registry.metrics()).split('\n').filter((line) => /^countermand_provider.* [1-9]/.test(line))

it('tells what came of requests, and whether a provider is away', async () => {
  // Nobody listens there.
  const ask = http.call({ name: 'acc', baseUrl: 'http://127.0.0.1:1' }, { baseUrl: '' })
  const asked = { method: 'GET', path: '/v1', route: '/v1', headers: {} } as const
  for (let times = 0; times < 3; times++) await expect(ask(asked)).rejects.toThrow(/acc/)
  expect(await shown()).toEqual([
    'countermand_provider_calls_total{account="acc",result="unreached"} 2',
    'countermand_provider_calls_total{account="acc",result="held-back"} 1',
    'countermand_provider_away{account="acc"} 1',
  ])
  now += 3_600_000
  expect(await shown()).toHaveLength(2)
})
