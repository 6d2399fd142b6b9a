import { readFile } from 'node:fs/promises'
import { mostBytes } from '@countermand/kafka/record-batch/decode.ts'
import { asOfNow, encodeBatch, encodeRecords } from '@countermand/kafka/record-batch/encode-batch.ts'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { produceBatch } from '@countermand/testing/produce-batch.ts'
import { answersAtOnce, startService } from '@countermand/testing/service.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { RunningService } from './run-service.ts'

const topic = 'inventory.commands.v1'
const command = (orderId: string) => ({
  ...{ orderId, requestId: 'r1', round: 1 },
  lines: [{ lineId: '1', sku: 'S', quantity: 1 }],
})

let bus: Bus
let db: TestDatabase
let service: RunningService
const put = (batch: Buffer) =>
  produceBatch(
    inject('stack').kafkaBrokers.split(',')[0] ?? '',
    { topic: `${bus.kafka.prefix}${topic}`, partition: 0 },
    batch,
  )

beforeAll(async () => {
  const stack = inject('stack')
  db = await createTestDatabase(stack.databaseUrls.inventory, 'hostile')
  // One partition: what is not passed holds up all that comes after it.
  bus = await createBus({
    brokers: stack.kafkaBrokers,
    topics: ['saga.replies.v1', `${topic}.dlq`],
    partitions: 1,
  })
  service = await startService(answersAtOnce(), { bus, db }, { orderPatience: 500, onStuck: () => {} })
})
afterAll(async () => {
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

const letters = () => bus.seen.filter((each) => each.topic === `${topic}.dlq`)
const expectGood = async (name: string) => {
  await bus.send([bus.command('SetStockAside', command(name), name)])
  expect((await bus.answer(name)).type).toBe('StockSetAside')
}

describe('a service', () => {
  it('passes a batch that would fill its memory, and says which offsets it holds', async () => {
    await expectGood('before-bomb')
    const bytes = encodeRecords([{ value: 'x' }, { value: Buffer.alloc(mostBytes) }])
    await put(encodeBatch({ bytes, count: 2, compression: 'zstd' }))
    await expectGood('after-bomb')
    const letter = await eventually('its dead letter', () =>
      letters().find(({ headers }) => headers['dlq-reason'] === 'unreadable-batch'),
    )
    expect(letter.headers).toMatchObject({
      'dlq-error': expect.stringMatching(
        /^the batch of offsets 1 to 2 cannot be read: expected at most 16777216 bytes/,
      ),
      'dlq-original-topic': topic,
      'dlq-original-offset': '2',
    })
    // A whole batch, with its header.
    expect(letter.value?.readInt8(16)).toBe(2)
  })

  it.each(['java-snappy', 'java-lz4', 'java-zstd', 'librdkafka-snappy', 'librdkafka-lz4', 'librdkafka-zstd'])(
    'makes letters byte for byte of messages it cannot use, whatever they are compressed with: %s',
    async (name) => {
      const before = letters().length
      await put(asOfNow(await readFile(new URL(`../kafka/record-batch/recorded/${name}.batch`, import.meta.url))))
      await expectGood(`after-${name}`)
      await eventually('21 letters', () => letters().length === before + 21)
      const [first] = letters().slice(before)
      expect(first?.value?.toString()).toBe('{"number":0,"text":"so wird es gesagt, 取消 😀"}')
    },
  )

  it('takes what was committed, and nothing of what was aborted, whoever is behind a transaction that is open', async () => {
    const producer = bus.kafka.transactionalProducer('hostile')
    await producer.connect()
    const send = async (orderId: string) => {
      const transaction = await producer.transaction()
      const { key, value, headers } = bus.command('SetStockAside', command(orderId), orderId)
      await transaction.send({
        topic: `${bus.kafka.prefix}${topic}`,
        messages: [{ key, value, headers: { ...headers } }],
      })
      return transaction
    }
    await (await send('aborted')).abort()
    const open = await send('committed')
    await bus.send([bus.command('SetStockAside', command('behind'), 'behind')])
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(bus.answers('behind')).toEqual([])
    expect(await service.readiness()).toEqual([])
    await open.commit()
    expect((await bus.answer('committed')).type).toBe('StockSetAside')
    expect((await bus.answer('behind')).type).toBe('StockSetAside')
    expect(bus.answers('aborted')).toEqual([])
    await producer.disconnect()
  })
})
