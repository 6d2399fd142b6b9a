import { join } from 'node:path'
import { eventually } from '@countermand/testing'
import type { Stack } from '@countermand/tools/stack/index.ts'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { freshHome, removeHomes, start } from '@countermand/tools/stack/stack-for-tests.ts'
import { type SystemProcess, startProcess } from '@countermand/tools/system/processes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { scrape, totalOf } from './scrape.ts'

/** A service and the orchestrator on parts of their own, which are taken away and given back. */
let stack: Stack
let order: SystemProcess
let orchestrator: SystemProcess

beforeAll(async () => {
  const home = await freshHome()
  stack = await start({ home })
  const begin = async (name: 'order' | 'orchestrator') => {
    const env = {
      ...process.env,
      KAFKA_BROKERS: stack.kafkaBrokers,
      TEMPORAL_ADDRESS: stack.temporalAddress,
      ORDER_DATABASE_URL: stack.databaseUrls.order,
    }
    const port = await freePort()
    return startProcess(name, {
      port,
      env: { ...env, [`${name.toUpperCase()}_HTTP_PORT`]: String(port) },
      logFile: join(home, 'logs', `${name}.log`),
      onCrash: (error) => {
        throw error
      },
      signal: AbortSignal.timeout(120_000),
    })
  }
  ;[order, orchestrator] = await Promise.all([begin('order'), begin('orchestrator')])
})
afterAll(async () => {
  await Promise.all([order?.stop(), orchestrator?.stop()])
  await stack?.stop()
  await removeHomes()
})

/** A consumer that lost its broker for long joins anew after ever longer pauses, and a busy machine takes its time for each. */
const patienceMs = 180_000

const unready = z.object({ reasons: z.array(z.string()).default([]) })

const reasonsOf = async ({ address }: SystemProcess): Promise<string[]> => {
  const response = await fetch(`http://${address}/readyz`)
  const { reasons } = unready.parse(await response.json())
  expect(response.status).toBe(reasons.length === 0 ? 200 : 503)
  return reasons
}

const says = (process: SystemProcess, reason: RegExp) =>
  eventually(
    `${process.name} to say ${reason}`,
    async () => (await reasonsOf(process)).some((each) => reason.test(each)),
    patienceMs,
  )

const saysNoMore = (process: SystemProcess, reason: RegExp) =>
  eventually(
    `${process.name} to say ${reason} no more`,
    async () => !(await reasonsOf(process)).some((each) => reason.test(each)),
    patienceMs,
  )

describe('a process is not ready, and is again,', () => {
  // Side by side: each looks at its own reasons alone.
  it.concurrent('when the broker stands still, and goes on', async () => {
    await stack.kafka.kill('SIGSTOP')
    await Promise.all(
      [order, orchestrator].map((process) => says(process, /^kafka: the broker has not answered for \d+ s$/)),
    )
    await stack.kafka.kill('SIGCONT')
    await Promise.all([order, orchestrator].map((process) => saysNoMore(process, /^kafka: /)))
  })

  it.concurrent('when its database is gone, and comes back', async () => {
    await stack.postgres.kill('SIGKILL')
    await says(order, /^database: /)
    await stack.postgres.restart()
    await saysNoMore(order, /^database: /)
  })

  it.concurrent('when Temporal is gone, and comes back', async () => {
    await stack.temporal.kill('SIGKILL')
    await says(orchestrator, /^temporal: /)
    await stack.temporal.restart()
    await saysNoMore(orchestrator, /^temporal: /)
    const seen = await scrape(`http://${orchestrator.address}`)
    expect(totalOf(seen, 'temporal_long_request_failure_total')).toBeGreaterThan(0)
  })
}, 600_000)

it('is ready again when nothing is away, and tells so in its metrics', async () => {
  for (const process of [order, orchestrator]) {
    expect(await reasonsOf(process)).toEqual([])
    expect(totalOf(await scrape(`http://${process.address}`), 'countermand_ready')).toBe(1)
  }
})
