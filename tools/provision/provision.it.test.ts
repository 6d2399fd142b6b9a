import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { topicPlan } from '@countermand/contracts'
import { connectAdmin } from '@countermand/kafka'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'

const prefix = `provision-${process.pid}.`
const namespace = `provision-${process.pid}`
const { kafkaBrokers, temporalAddress } = inject('stack')
const difference = z.object({ topic: z.string(), what: z.string(), planned: z.string(), found: z.string() })
const document = z.object({
  ok: z.boolean(),
  changed: z.array(difference),
  differences: z.array(difference),
  temporal: z.array(z.string()),
})

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const program = fileURLToPath(new URL('./main.ts', import.meta.url))
    const settings = {
      PATH: process.env.PATH,
      KAFKA_BROKERS: kafkaBrokers,
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_PARTITIONS: '2',
      KAFKA_REPLICATION: '1',
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: namespace,
      ...env,
    }
    execFile(process.execPath, [program, ...args], { env: settings }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
const documentOf = ({ stdout }: { stdout: string }) => document.parse(JSON.parse(stdout))

let admin: Awaited<ReturnType<typeof connectAdmin>>
beforeAll(async () => {
  admin = await connectAdmin({ brokers: kafkaBrokers.split(',') })
})
afterAll(() => admin?.disconnect())

const setTopic = (name: string, configEntries: { name: string; value: string }[]) =>
  admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: `${prefix}${name}`, configEntries }] })
const settingOf = async (name: string, setting: string) => {
  const resources = [{ type: 2, name: `${prefix}${name}`, configNames: [setting] }]
  const found = await admin.describeConfigs({ resources, includeSynonyms: false })
  return found.resources[0]?.configEntries[0]?.configValue
}

describe('provision', () => {
  it('only looks with --check: it names what is missing, creates nothing, and exits 1', async () => {
    const { code, stderr, stdout } = await run(['--check', '--json'])
    expect(code, stderr).toBe(1)
    expect(stderr).toContain(`topic ${prefix}orders.placed.v1 is missing: run provision`)
    expect(stderr).toContain(`namespace ${namespace} is missing`)
    expect(
      documentOf({ stdout })
        .differences.map(({ topic }) => topic)
        .toSorted(),
    ).toEqual(
      topicPlan()
        .map(({ name }) => `${prefix}${name}`)
        .toSorted(),
    )
    expect((await admin.listTopics()).filter((topic) => topic.startsWith(prefix))).toEqual([])
  })

  it('makes all of it as planned, and then finds nothing to do', async () => {
    const first = await run([])
    expect(first.code, first.stderr).toBe(0)
    const again = await run(['--json'])
    expect(documentOf(again)).toEqual({ ok: true, changed: [], differences: [], temporal: [] })
    expect((await run(['--check'])).code).toBe(0)
    expect(await settingOf('orders.placed.v1', 'retention.ms')).toBe(String(7 * 86_400_000))
  })

  it('finds every setting that somebody changed, and changes it back; what the plan does not speak of stays', async () => {
    await setTopic('inventory.stock.v1', [
      { name: 'retention.ms', value: '-1' },
      { name: 'flush.messages', value: '77' },
    ])
    const looked = await run(['--check', '--json'])
    expect(looked.code).toBe(1)
    expect(looked.stderr).toContain(`topic ${prefix}inventory.stock.v1: expected retention.ms 604800000, got -1`)
    expect(documentOf(looked).differences.map(({ what }) => what)).toContain('compression.type')
    const mended = await run(['--json'])
    expect(mended.code, mended.stderr).toBe(0)
    const changed = documentOf(mended).changed.map(({ what }) => what)
    expect(changed).toEqual(
      expect.arrayContaining(['retention.ms', 'segment.ms', 'message.timestamp.type', 'compression.type']),
    )
    expect(await settingOf('inventory.stock.v1', 'retention.ms')).toBe(String(7 * 86_400_000))
    expect(await settingOf('inventory.stock.v1', 'flush.messages')).toBe('77')
  })

  it('leaves partitions and copies as they are, says so, and exits 1', async () => {
    const { code, stderr } = await run([], { KAFKA_PARTITIONS: '3', KAFKA_REPLICATION: '3' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/topic \S+orders\.placed\.v1: expected partitions 3, got 2 \(.*keeps its partitions/)
    expect(stderr).toMatch(/topic \S+orders\.placed\.v1: expected replication 3, got 1 /)
    await run([])
  })

  it('says that there are too few brokers rather than making fewer copies', async () => {
    const { code, stderr } = await run([], { KAFKA_REPLICATION: '3', KAFKA_TOPIC_PREFIX: `few-${prefix}` })
    expect(code).toBe(1)
    expect(stderr).toContain('expected 3 brokers for as many copies of each topic (KAFKA_REPLICATION), got 1')
  })

  it('is used wrongly with what it does not know', async () => {
    expect((await run(['--chek'])).code).toBe(2)
  })
})
