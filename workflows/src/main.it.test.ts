import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { topicPlan } from '@countermand/contracts'
import { connectAdmin, ensureTopics } from '@countermand/kafka'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { afterEach, expect, inject, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const { kafkaBrokers, temporalAddress } = inject('stack')
const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

const start = (env: Record<string, string>) => {
  const child = spawn(process.execPath, [main], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return { child, output: () => output, exit: once(child, 'exit') }
}

test('waits for topics that are not there, says so, makes none, and is ready when they are provisioned', async () => {
  const prefix = `missing-${process.pid}.`
  const { child, exit, output } = start({
    KAFKA_BROKERS: kafkaBrokers,
    KAFKA_TOPIC_PREFIX: prefix,
    TEMPORAL_ADDRESS: temporalAddress,
    ORCHESTRATOR_HTTP_PORT: '0',
    LOG_LEVEL: 'info',
  })
  await eventuallyHolds(() =>
    expect(output()).toContain(`topics are missing, among them ${prefix}shipments.changed.v1: run provision`),
  )
  const admin = await connectAdmin({ brokers: kafkaBrokers.split(',') })
  expect((await admin.listTopics()).filter((topic) => topic.startsWith(prefix))).toEqual([])
  await admin.disconnect()
  await ensureTopics({ brokers: kafkaBrokers.split(',') }, topicPlan(), { prefix, partitions: 1, replication: 1 })
  await eventuallyHolds(() => expect(output()).toContain('orchestrator is up'))
  // Its own settings say 4 partitions and 3 copies: it says that the topics differ, and works with them.
  await eventuallyHolds(() => expect(output()).toContain('expected replication 3, got 1'))
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
})

test('starts, says that it is ready, and ends with 0 on SIGTERM', async () => {
  const plan = { prefix: `main-${process.pid}.`, partitions: 1, replication: 1 }
  await ensureTopics({ brokers: kafkaBrokers.split(',') }, topicPlan(), plan)
  const { child, exit, output } = start({
    KAFKA_BROKERS: kafkaBrokers,
    KAFKA_TOPIC_PREFIX: `main-${process.pid}.`,
    TEMPORAL_ADDRESS: temporalAddress,
    ORCHESTRATOR_HTTP_PORT: '0',
    LOG_LEVEL: 'info',
  })
  const port = await eventuallyHolds(() => Number(/"port":(\d+)/.exec(output())?.[1] ?? expect.unreachable(output())))
  await eventuallyHolds(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200))
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('countermand_replies_total')
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
})

test('lists all wrong settings at once and ends with 1', async () => {
  const { exit, output } = start({ ORCHESTRATOR_HTTP_PORT: 'http', ORDER_PATIENCE: 'soon' })
  expect(await exit).toEqual([1, null])
  expect(output()).toContain('ORCHESTRATOR_HTTP_PORT')
  expect(output()).toContain('ORDER_PATIENCE')
})
