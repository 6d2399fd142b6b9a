import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

const gauges = [
  { name: 'refunds_pending', help: 'refunds by channel', labelNames: ['channel'] },
  { name: 'refunds_age_seconds', help: 'age of the oldest' },
] as const

const scraped = async (read: () => Promise<number>, freshForMs = 0) => {
  const metrics = createMetrics()
  metrics.measure({
    gauges,
    freshForMs,
    read: async () => {
      const value = await read()
      return [
        { gauge: 'refunds_pending', labels: { channel: `card-${value}` }, value },
        { gauge: 'refunds_age_seconds', value },
      ]
    },
  })
  return async () => (await metrics.registry.metrics()).match(/^refunds_.*$/gm) ?? []
}

test('reads when it is scraped, and forgets what is there no more', async () => {
  let value = 0
  const scrape = await scraped(async () => ++value)
  expect(await scrape()).toEqual(['refunds_pending{channel="card-1"} 1', 'refunds_age_seconds 1'])
  expect(await scrape()).toEqual(['refunds_pending{channel="card-2"} 2', 'refunds_age_seconds 2'])
})

test('reads once for scrapes that follow each other', async () => {
  let value = 0
  const scrape = await scraped(async () => ++value, 60_000)
  await Promise.all([scrape(), scrape()])
  expect(await scrape()).toContain('refunds_age_seconds 1')
})

test('says nothing of what cannot be read, rather than what it once was', async () => {
  let away = false
  const scrape = await scraped(async () => {
    if (away) throw new Error('the database is away')
    return 1
  })
  expect(await scrape()).toHaveLength(2)
  away = true
  expect(await scrape()).toEqual([])
  away = false
  expect(await scrape()).toHaveLength(2)
})

test('waits no longer than a scrape may, and asks nothing twice that does not answer', async () => {
  const { promise, resolve } = Promise.withResolvers<number>()
  let asked = 0
  const scrape = await scraped(() => {
    asked++
    return promise
  })
  expect(await scrape()).toEqual([])
  expect(await scrape()).toEqual([])
  expect(asked).toBe(1)
  resolve(7)
  expect(await scrape()).toContain('refunds_age_seconds 7')
})
