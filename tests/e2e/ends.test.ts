import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { topicPlan } from '@countermand/contracts'
import { ensureTopics } from '@countermand/kafka'
import { eventually } from '@countermand/testing'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { type ProcessName, portSettings, processNames, programOf } from '@countermand/tools/system/processes.ts'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { freshDatabases } from './world.ts'

/** How often each process is asked to end at a moment that nobody chose; more with COUNTERMAND_ENDS=<n>. */
const samples = Number(process.env.COUNTERMAND_ENDS ?? 2)
const seed = process.env.COUNTERMAND_SEED ?? 'ends'
const prefix = `ends-${process.pid}.`
const namespace = `ends-${process.pid}`
const stack = inject('stack')
/** Far beyond what a process takes to come up here: the sample covers its loading, its waiting, its start and its work. */
const startMs = 6_000

vi.setConfig({ testTimeout: 480_000 })

/** Dozens of processes start at once, beside what else a busy machine does. */
const patienceMs = 180_000

let databases: Awaited<ReturnType<typeof freshDatabases>>
const children: ChildProcess[] = []
beforeAll(async () => {
  databases = await freshDatabases(stack)
  await ensureTopics({ brokers: stack.kafkaBrokers.split(',') }, topicPlan(), { prefix, partitions: 1, replication: 1 })
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address: stack.temporalAddress }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await databases?.drop()
})

const start = async (name: ProcessName, env: Record<string, string> = {}) => {
  const { order, inventory, logistics, payment, gateway, console } = databases.urls
  const settings = {
    PATH: process.env.PATH,
    KAFKA_BROKERS: stack.kafkaBrokers,
    KAFKA_TOPIC_PREFIX: prefix,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    ORDER_DATABASE_URL: order,
    INVENTORY_DATABASE_URL: inventory,
    LOGISTICS_DATABASE_URL: logistics,
    PAYMENT_DATABASE_URL: payment,
    GATEWAY_DATABASE_URL: gateway,
    CONSOLE_DATABASE_URL: console,
    GATEWAY_PORT: '0',
    SHOP_PORT: '0',
    [portSettings[name][0]]: String(await freePort()),
    ...env,
  }
  const child = spawn(process.execPath, [programOf(name)], { env: settings, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk))
  const exit: Promise<unknown[]> = once(child, 'exit')
  return { child, exit, said: () => said }
}

/** From 0 to 1, the same for the same text. */
const chance = (text: string): number => {
  let hash = 2_166_136_261
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619)
  return (hash >>> 0) / 2 ** 32
}

const away = async (): Promise<string> => `127.0.0.1:${await freePort()}`
const databaseAway = async () => `postgres://nobody:nothing@${await away()}/nowhere`

// Most of it is waiting.
describe.concurrent.for(processNames)('the %s process', (name) => {
  it('ends while it waits for what is away, and says for what', async () => {
    const waits: readonly (readonly [Record<string, string>, string])[] = [
      [{ KAFKA_BROKERS: await away() }, 'Kafka at'],
      name === 'orchestrator' || name === 'operations'
        ? [{ TEMPORAL_ADDRESS: await away() }, 'Temporal at']
        : [{ [`${name.toUpperCase()}_DATABASE_URL`]: await databaseAway() }, 'the database'],
      [{ KAFKA_TOPIC_PREFIX: 'nowhere.' }, 'topics are missing'],
    ]
    const waiting = waits.map(async ([env, what]) => {
      const started = await start(name, env)
      await eventually(`it to wait for ${what}`, () => started.said().includes(what), patienceMs)
      return { ...started, what }
    })
    for (const { child, exit, said, what } of await Promise.all(waiting)) {
      child.kill('SIGTERM')
      expect(await exit, said()).toEqual([0, null])
      expect(said()).toMatch(new RegExp(`"reason":"still waiting(:| for) .*${what}.*"asked to end before it was up"`))
    }
  })

  it(`ends when it is asked to at any moment of its start (COUNTERMAND_SEED=${seed}, COUNTERMAND_ENDS=${samples})`, async () => {
    const endOne = async (nth: number) => {
      const { child, exit, said } = await start(name)
      const afterMs = Math.round(startMs * chance(`${seed}/${name}/${nth}`))
      await sleep(afterMs)
      child.kill('SIGTERM')
      const [code, signal] = await exit
      // While its modules load nobody listens yet, and the system ends it.
      expect(code === 0 || (said() === '' && signal === 'SIGTERM'), `${afterMs} ms: ${code} ${signal} ${said()}`).toBe(
        true,
      )
    }
    // Two at a time: most of a sample is waiting.
    for (let nth = 1; nth <= samples; nth += 2)
      await Promise.all([endOne(nth), ...(nth < samples ? [endOne(nth + 1)] : [])])
  })

  it('ends at once at the second signal', async () => {
    const { child, exit, said } = await start(name)
    await eventually('it to be up', () => / (is|are) up"/.test(said()), patienceMs)
    child.kill('SIGTERM')
    await eventually('it to have heard', () => said().includes('"stopping"') || child.exitCode !== null)
    child.kill('SIGINT')
    const [code] = await exit
    expect([0, 130]).toContain(code)
  })
})
