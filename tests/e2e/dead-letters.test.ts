import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { topics } from '@countermand/contracts'
import { deadLetter, readToEnd } from '@countermand/kafka'
import { type Bus, createBus } from '@countermand/testing'
import { orderOf, scenarios } from '@countermand/tools/shop/scenarios.ts'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'

const commandLine = fileURLToPath(new URL('../../tools/saga/main.ts', import.meta.url))
const killed = fileURLToPath(new URL('./killed-redrive/main.ts', import.meta.url))
const ended = z.object({
  code: z.number().nullable(),
  signal: z.string().nullable(),
  stdout: z.string(),
  stderr: z.string(),
})
const listed = z.array(
  z.looseObject({ id: z.string(), state: z.string(), redriven: z.boolean(), redrives: z.number() }),
)
const redriven = z.object({ results: z.array(z.looseObject({ id: z.string(), result: z.string() })) })

const run = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
  promisify(execFile)(process.execPath, [file, ...args], { env, timeout: 120_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, signal: null, stdout, stderr }),
    (error: unknown) => ended.parse(error),
  )

const topic = topics.ordersPlaced
const [plain] = scenarios
if (plain === undefined) throw new Error('expected a scenario')
const scenario = plain

// Each of their commands is a process of its own, which takes its time on a busy machine.
const patient = { timeout: 180_000 }

describe('dead letters that nobody reads any more', patient, () => {
  let bus: Bus
  beforeEach(async () => {
    bus = await createBus({ brokers: inject('stack').kafkaBrokers, topics: [] })
  })
  afterEach(() => bus.stop())

  const saga = (...args: string[]) =>
    run(commandLine, args, {
      PATH: process.env.PATH,
      NO_COLOR: '1',
      KAFKA_BROKERS: inject('stack').kafkaBrokers,
      KAFKA_TOPIC_PREFIX: bus.kafka.prefix,
    })

  /** Dead letters as the order service writes them; none of their messages is on the topic itself. */
  const plant = async (count: number) => {
    const trouble = { reason: 'processing-failed', error: 'a bug', service: 'order', attempts: 3 } as const
    const messages = Array.from({ length: count }, (_, nth) => {
      const orderId = `ord-${nth}`
      const { value, headers } = bus.event(
        'order.placed.v1',
        orderId,
        orderOf(scenario, orderId, '2026-11-20T09:00:00Z'),
      )
      const message = {
        topic,
        partition: 1,
        offset: String(9_000 + nth),
        key: orderId,
        headers,
        value: Buffer.from(value ?? ''),
      }
      return deadLetter(message, { ...trouble, failedAt: new Date(Date.now() - 60_000 + nth).toISOString() })
    })
    await bus.send(messages)
    return messages.map((_, nth) => `${topic}:1:${9_000 + nth}`)
  }

  const keysOn = async (name: string): Promise<string[]> => {
    const keys: string[] = []
    await readToEnd({
      kafka: bus.kafka,
      topics: [name],
      onMessages: (all) => keys.push(...all.map(({ key }) => `${key}`)),
    })
    return keys.toSorted()
  }

  it('are each sent once, though the command is killed at any moment and run again', async () => {
    // Produce (0) for the message, and for its record; EndTxn (26), which makes both of them count.
    const moments = ['0:1:after', '0:2:after', '26:1:before', '26:1:after']
    const ids = await plant(moments.length + 1)
    for (const [nth, KILL_AT] of moments.entries()) {
      const env = { BROKERS: inject('stack').kafkaBrokers, PREFIX: bus.kafka.prefix, LETTER: ids[nth], KILL_AT }
      expect(await run(killed, [], { PATH: process.env.PATH, ...env })).toMatchObject({ signal: 'SIGKILL' })
    }
    const again = await saga('dlq', 'redrive', '--reason', 'processing-failed', '--why', 'the bug is gone')
    expect(again).toMatchObject({ code: 0 })
    const keys = ids.map((_, nth) => `ord-${nth}`)
    expect(await keysOn(topic)).toEqual(keys)
    expect(await keysOn(topics.deadLettersLog)).toEqual(ids)
    const left = listed.parse(JSON.parse((await saga('dlq', 'list', '--json')).stdout))
    expect(left.map(({ state }) => state)).toEqual(ids.map(() => 'redriven'))
  })

  it('are each sent once by two who do it at the same time', async () => {
    const ids = await plant(30)
    const both = await Promise.all(
      ['ada', 'bob'].map((by) => saga('dlq', 'redrive', '--reason', 'processing-failed', '--by', by, '--json')),
    )
    expect(await keysOn(topic)).toEqual(ids.map((_, nth) => `ord-${nth}`).toSorted())
    expect(await keysOn(topics.deadLettersLog)).toEqual(ids.toSorted())
    const done = both.flatMap(({ stdout }) => redriven.parse(JSON.parse(stdout)).results)
    expect(
      done
        .filter(({ result }) => result === 'redriven')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids.toSorted())
    // Whoever comes late is told, and sends nothing.
    for (const { result, why } of done.filter((each) => each.result === 'refused'))
      expect([result, why]).toEqual(['refused', expect.stringMatching(/it was redriven at .* by (ada|bob)/)])
  })

  it('can be discarded, and nothing else is done with them unless it is meant', async () => {
    const [id = ''] = await plant(1)
    expect(await saga('dlq', 'discard', id, '--by', 'ada', '--reason', 'a test of checkout')).toMatchObject({ code: 0 })
    const refused = await saga('dlq', 'redrive', id)
    expect(refused).toMatchObject({ code: 2, stdout: expect.stringMatching(/it was discarded at .* by ada; --force/) })
    expect(await keysOn(topic)).toEqual([])
    expect(await saga('dlq', 'redrive', id, '--force')).toMatchObject({ code: 0 })
    expect(await keysOn(topic)).toEqual(['ord-0'])
    const unknown = await saga('dlq', 'show', `${topic}:0:77`)
    expect(unknown).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*:77, which is none/m),
    })
  })
})
