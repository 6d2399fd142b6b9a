import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { topics } from '@countermand/contracts'
import { eventually } from '@countermand/testing'
import { type ProcessName, processNames } from '@countermand/tools/system/index.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openShop, type Request } from '../e2e/shop.ts'
import { startWorld, type World } from '../e2e/world.ts'
import { metricsTable } from './metrics-table.ts'
import { promtool, root } from './promtool.ts'
import { namesIn, writtenQueries } from './queries.ts'
import { type Scrape, scrape, totalOf } from './scrape.ts'

/** There from the first request to a provider on; here are none. */
const seenWithProviders = ['countermand_provider_away', 'countermand_provider_calls_total']
/**
 * There from the first request on that fails. readiness.test.ts sees that of polls, when Temporal is away; that another request is
 * refused can be brought about by nobody at will.
 */
const seenInTrouble = ['temporal_request_failure_total', 'temporal_long_request_failure_total']

let world: World
let scrapes: Readonly<Record<ProcessName, Scrape>>

const scrapeAll = async (): Promise<Record<ProcessName, Scrape>> => {
  const [order, inventory, logistics, payment, gateway, console, orchestrator, operations] = await Promise.all(
    processNames.map((name) => scrape(world.system.http[name] ?? expect.fail(`${name} is off`))),
  )
  if (!order || !inventory || !logistics || !payment || !gateway || !console || !orchestrator || !operations)
    throw new Error('expected a scrape of each')
  return { order, inventory, logistics, payment, gateway, console, orchestrator, operations }
}

const settings = { CONSOLE: 'on', STEP_ATTEMPTS: '2', STEP_BACKOFF: '50ms', SWEEP_INTERVAL: '1s' }

/** One saga of each kind, and a message that nobody can read. */
const play = async (): Promise<void> => {
  const shop = openShop(world)
  const ask = async (name: string, ref: string, parcel = 'OK-1'): Promise<Request> =>
    shop.ask(await shop.place({ name, tenders: [{ ref }], parcels: [{ number: parcel }] }))
  const cancelled = await ask('cancelled', 'pay_ok')
  const compensated = await ask('compensated', 'pay_refuse')
  const pending = await ask('pending', 'pay_slow_600000')
  const parked = await ask('parked', 'pay_ok', 'DOWN-1')
  await world.outside.publishRaw({ topic: topics.ordersPlaced, key: 'ord-x', headers: {}, value: 'no JSON' })
  await world.outside.publishRaw({ topic: topics.cancelRequests, key: 'ord-x', headers: {}, value: 'no JSON' })
  // A type that no worker knows: its workflow task fails.
  await world.temporal.client.workflow.start('unheardOf', { taskQueue: 'cancellations', workflowId: 'unheard-of' })
  await Promise.all([
    cancelled.ends(),
    compensated.ends(),
    parked.hears('order.cancellation.needs-attention.v1'),
    pending.hears('refund.pending.v1'),
    eventually('two dead letters', async () => (await world.deadLetters()).length >= 2, 40_000),
  ])
}

beforeAll(async () => {
  world = await startWorld(inject('stack'), settings)
  await play()
  // Of Temporal one orchestrator asks at most each 30 s.
  await eventually(
    'the sagas as they are',
    async () => {
      scrapes = await scrapeAll()
      const { orchestrator } = scrapes
      const open = totalOf(orchestrator, 'countermand_sagas_open', { stage: 'refunding' })
      const parked = totalOf(orchestrator, 'countermand_sagas_attention', { reason: 'step-failed' })
      // A run ends, and is counted, a moment after its end is public.
      const ended = ['cancelled', 'compensated'].map((outcome) =>
        totalOf(orchestrator, 'countermand_sagas_ended_total', { outcome }),
      )
      const swept = totalOf(orchestrator, 'countermand_sweeps_total') ?? 0
      // A watchdog measures its consumers each few seconds.
      const watched = Object.values(scrapes).every((each) => totalOf(each, 'countermand_consumer_lag') !== undefined)
      return open === 1 && parked === 1 && swept > 0 && watched && ended.every((count) => (count ?? 0) > 0)
    },
    40_000,
  )
})
afterAll(async () => {
  await world?.stop()
})

const shown = (process: ProcessName, name: string, labels?: Readonly<Record<string, string>>) =>
  totalOf(scrapes[process], name, labels)

it.for(processNames)('%s serves metrics that promtool finds nothing wrong with', async (name) => {
  expect(scrapes[name].samples.length).toBeGreaterThan(50)
  expect(await promtool(['check', 'metrics'], scrapes[name].text)).toEqual({ code: 0, output: '' })
})

describe('the metrics', () => {
  it('tell how the sagas fare', () => {
    expect(shown('orchestrator', 'countermand_sagas_started_total')).toBeGreaterThanOrEqual(4)
    for (const outcome of ['cancelled', 'compensated'])
      expect(shown('orchestrator', 'countermand_sagas_ended_total', { outcome }), outcome).toBeGreaterThanOrEqual(1)
    expect(shown('orchestrator', 'countermand_sagas_open', { stage: 'refunding' })).toBe(1)
    expect(shown('orchestrator', 'countermand_sagas_attention', { reason: 'step-failed' })).toBe(1)
    expect(shown('orchestrator', 'countermand_sagas_attention', { reason: 'refund-overdue' })).toBe(0)
    expect(shown('order', 'countermand_sagas_attention', { reason: 'workflow-task-failing' })).toBe(0)
    expect(shown('order', 'countermand_orders_on_hold')).toBe(2)
  })

  it('tell how long steps and stages took, in seconds', () => {
    for (const command of ['BeginCancellation', 'RefundOrder', 'ConfirmCancellation']) {
      const count = shown('orchestrator', 'countermand_step_seconds_count', { command }) ?? 0
      const sum = shown('orchestrator', 'countermand_step_seconds_sum', { command }) ?? 0
      expect(count, command).toBeGreaterThanOrEqual(1)
      expect(sum / count, command).toBeGreaterThan(0.001)
      expect(sum / count, command).toBeLessThan(60)
    }
    expect(shown('orchestrator', 'countermand_stage_seconds_count', { stage: 'refunding' })).toBeGreaterThanOrEqual(1)
  })

  it('tell which money is on its way, and which command waits for its answer', () => {
    const channel = 'sandbox-card'
    expect(shown('payment', 'countermand_refunds_pending', { channel, age: 'under-1h' })).toBe(1)
    expect(shown('payment', 'countermand_refunds_pending_age_seconds', { channel })).toBeGreaterThan(0)
    expect(shown('payment', 'countermand_refunds_in_doubt', { channel })).toBe(0)
    expect(shown('payment', 'countermand_steps_unanswered', { command: 'RefundOrder' })).toBe(1)
    expect(shown('payment', 'countermand_tasks', { kind: 'refund-overdue' })).toBe(1)
  })

  it('count dead letters by topic and reason, from 0 on, so that the first one is an increase', () => {
    const of = (process: ProcessName, topic: string, reason: string) =>
      shown(process, 'countermand_dead_letters_total', { topic, reason })
    expect(of('order', topics.ordersPlaced, 'missing-headers')).toBe(1)
    expect(of('orchestrator', topics.cancelRequests, 'missing-headers')).toBe(1)
    expect(of('order', topics.ordersPlaced, 'order-changed')).toBe(0)
    expect(of('orchestrator', topics.sagaReplies, 'unknown-type')).toBe(0)
  })

  it('are those that alerts and dashboards ask for', async () => {
    const there = new Set(Object.values(scrapes).flatMap(({ samples }) => samples.map(({ name }) => name)))
    for (const [file, queries] of await writtenQueries()) {
      const asked = queries.flatMap(namesIn)
      expect(asked.length, file).toBeGreaterThan(5)
      expect(
        asked.filter((name) => !there.has(name) && ![...seenInTrouble, ...seenWithProviders].includes(name)),
        file,
      ).toEqual([])
    }
  })

  it('are described in docs/metrics.md as the processes describe them', async () => {
    const lines = (await readFile(join(root, 'docs/metrics.md'), 'utf8')).split('\n')
    expect(lines.filter((line) => line.startsWith('| `countermand_'))).toEqual(metricsTable(scrapes))
  })
})
