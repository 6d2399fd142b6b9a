import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventHeaders, topics } from '@countermand/contracts'
import { deadLetter, readToEnd } from '@countermand/kafka'
import { type Bus, createBus, eventually } from '@countermand/testing'
import { upstreamHeaders } from '@countermand/tools/shop/outside.ts'
import { orderOf, scenarios } from '@countermand/tools/shop/scenarios.ts'
import type { DeadLetter } from '@countermand/workflows/operations/dead-letters/document.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { startWorld, type World } from './world.ts'

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

describe('dead letters of the running system', patient, () => {
  let world: World
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countermand-letters-'))
    world = await startWorld(inject('stack'), { ORDER_PATIENCE: '1s' })
  })
  afterAll(async () => {
    await world?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const letterOf = (key: string, which: (letter: DeadLetter) => boolean = () => true) =>
    eventually(
      `a dead letter of ${key}`,
      async () => (await world.deadLetters()).find((letter) => letter.key === key && which(letter)),
      40_000,
    )
  const file = async (value: object) => {
    const path = join(directory, `${randomUUID()}.json`)
    await writeFile(path, JSON.stringify(value))
    return path
  }

  it('are shown as failed again when redriven in vain, and taken with a better value', async () => {
    const orderId = `ord-letter-${randomUUID().slice(0, 8)}`
    const good = orderOf(scenario, orderId, new Date().toISOString())
    const headers = upstreamHeaders('order.placed.v1', orderId)
    await world.outside.publishRaw({ topic, key: orderId, headers, value: JSON.stringify({ ...good, customerId: 7 }) })
    const { id } = await letterOf(orderId)

    const vain = await world.saga('dlq', 'redrive', id, '--by', 'ada', '--why', 'perhaps it works now')
    expect(vain).toMatchObject({ code: 0, stderr: expect.stringContaining(`${id} will probably fail again`) })
    const again = await letterOf(orderId, ({ redrivenFrom }) => redrivenFrom === id)
    expect(again).toMatchObject({ state: 'open', redriven: false, redrives: 1, eventId: headers.ce_id })
    expect(await letterOf(orderId, (letter) => letter.id === id)).toMatchObject({
      state: 'failed-again',
      redriven: true,
      failedAgainAs: again.id,
    })
    const bad = await world.saga('dlq', 'redrive', again.id, '--edit', await file({ ...good, customerId: '' }))
    expect(bad).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: .*customerId/m) })
    const args = ['--edit', await file(good), '--by', 'ada', '--why', 'checkout was wrong']
    expect(await world.saga('dlq', 'redrive', again.id, ...args)).toMatchObject({ code: 0 })
    await eventually('the order', async () =>
      world.story(orderId).then(
        ({ order }) => order?.status === 'paid',
        () => false,
      ),
    )
    const shown = await world.saga('dlq', 'show', again.id, '--json')
    expect(JSON.parse(shown.stdout)).toMatchObject({
      id: again.id,
      state: 'redriven',
      headers,
      failures: [{ service: 'order', reason: 'invalid-data' }],
      log: [
        { what: 'redriven', by: 'ada', why: 'checkout was wrong', edited: true, eventId: `dead-letter/${again.id}` },
      ],
    })
  })

  it('are taken when redriven though their event had been seen before it was put aside', async () => {
    const orderId = `ord-late-${randomUUID().slice(0, 8)}`
    const placedAt = new Date().toISOString()
    const parcel = { shipmentId: 'late-1', carrier: 'sandbox', trackingNumber: 'OK-9', status: 'in-transit' } as const
    await world.outside.publish('shipment.updated.v1', orderId, { ...parcel, orderId, at: placedAt })
    const { id } = await letterOf(orderId, ({ reason }) => reason === 'unknown-order')
    await world.outside.publish('order.placed.v1', orderId, orderOf(scenario, orderId, placedAt))
    await eventually('the order', async () =>
      world
        .story(orderId)
        .then(({ order }) => order !== null)
        .catch(() => false),
    )
    expect(await world.saga('dlq', 'redrive', id)).toMatchObject({ code: 0 })
    await eventually('the parcel', async () =>
      (await world.story(orderId)).shipments.some((each) => each.shipmentId === 'late-1'),
    )
  })

  it('of a command are named in its answer, and answered to its asker once they are redriven', async () => {
    const orderId = `ord-command-${randomUUID().slice(0, 8)}`
    const question = { orderId, requestId: randomUUID(), round: 1 }
    const source = { source: '/test', type: 'ReadCancellation', time: new Date().toISOString(), subject: orderId }
    const headers = {
      ...eventHeaders({ id: `${orderId}/${question.requestId}/read-cancellation/do/1`, ...source }),
      'reply-topic': topics.sagaReplies,
      'reply-to': 'nobody-whom-the-orchestrator-knows',
    }
    await world.outside.publishRaw({
      topic: topics.orderCommands,
      key: orderId,
      headers,
      value: JSON.stringify({ ...question, round: 'one' }),
    })
    const rejected = await letterOf(orderId, ({ type }) => type === 'CommandRejected')
    const { value } = z
      .object({ value: z.string() })
      .parse(JSON.parse((await world.saga('dlq', 'show', rejected.id, '--json')).stdout))
    const { deadLetterId } = z.object({ deadLetterId: z.string() }).parse(JSON.parse(value))
    expect(await world.saga('dlq', 'show', deadLetterId)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('round'),
    })
    expect(await world.saga('dlq', 'redrive', deadLetterId, '--edit', await file(question))).toMatchObject({ code: 0 })
    const answered = await letterOf(orderId, ({ type }) => type === 'CancellationRead')
    expect(answered).toMatchObject({ topic: topics.sagaReplies, service: 'orchestrator', reason: 'missing-headers' })
  })
})
