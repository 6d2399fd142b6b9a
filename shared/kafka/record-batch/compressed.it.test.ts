import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { createBus, eventually } from '@countermand/testing'
import { produceBatch } from '@countermand/testing/produce-batch.ts'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { startConsumer } from '../consumer.ts'
import type { IncomingMessage } from '../message.ts'
import { readToEnd } from '../snapshot.ts'
import { ensureTopics } from '../topics-in-place.ts'
import { mostBytes } from './decode.ts'
import { asOfNow, encodeBatch, encodeRecords } from './encode-batch.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})

const topic = 'orders.cancellations.v1'
const broker = inject('stack').kafkaBrokers.split(',')[0] ?? ''
const recordings = ['java', 'librdkafka'].flatMap((producer) =>
  ['gzip', 'snappy', 'lz4', 'zstd'].map((codec) => `${producer}-${codec}`),
)

/** A topic of one partition, and how to put a batch there as it is. */
const openTopic = async () => {
  const { kafkaBrokers } = inject('stack')
  const prefix = `compressed-${randomUUID()}.`
  // Not as planned: there the broker compresses anew whatever it is given, and no reader would meet these codecs.
  const options = { prefix, partitions: 1, replication: 1 }
  await ensureTopics({ brokers: kafkaBrokers.split(',') }, [{ name: topic, partitions: 1 }], options)
  const bus = await createBus({ brokers: kafkaBrokers, topics: [], prefix })
  cleanUp.push(bus.stop)
  const put = (batch: Buffer) => produceBatch(broker, { topic: `${bus.kafka.prefix}${topic}`, partition: 0 }, batch)
  return { bus, put }
}

const read = async (kafka: Awaited<ReturnType<typeof openTopic>>['bus']['kafka']) => {
  const seen: IncomingMessage[] = []
  const metrics = createMetrics()
  const consumer = await startConsumer({
    kafka,
    groupId: randomUUID(),
    topics: [topic],
    log: createLogger({ name: 'compressed-test', level: 'silent' }),
    metrics,
    onBatch: async (messages) => {
      seen.push(...messages)
    },
  })
  cleanUp.push(consumer.stop)
  const restarts = async () => {
    const found = await metrics.registry.getSingleMetric('countermand_consumer_restarts_total')?.get()
    return found?.values[0]?.value
  }
  return { seen, restarts }
}

describe('a consumer', () => {
  it('reads what real producers have compressed, whatever with', async () => {
    const { bus, put } = await openTopic()
    for (const recording of recordings)
      await put(asOfNow(await readFile(new URL(`recorded/${recording}.batch`, import.meta.url))))
    const { seen, restarts } = await read(bus.kafka)
    await eventually('all messages', () => seen.length === 21 * recordings.length)
    for (const [index, { offset, headers, damage }] of seen.entries()) {
      expect({ offset, id: headers.ce_id, damage }).toEqual({
        offset: String(index),
        id: `id-${index % 21}`,
        damage: undefined,
      })
    }
    expect(await restarts()).toBe(0)
    // As the operators' tools read.
    const again: IncomingMessage[] = []
    await readToEnd({ kafka: bus.kafka, topics: [topic], onMessages: (messages) => again.push(...messages) })
    expect(again).toEqual(seen)
  })

  it('is told of a batch that would fill its memory, and reads on behind it', async () => {
    const { bus, put } = await openTopic()
    const bytes = encodeRecords([{ value: 'before' }, { value: Buffer.alloc(mostBytes) }])
    const bomb = encodeBatch({ bytes, count: 2, compression: 'zstd' })
    const sound = encodeBatch({ bytes: encodeRecords([{ value: 'sound' }]), count: 1, compression: 'zstd' })
    for (const batch of [sound, bomb, sound]) await put(batch)
    const { seen, restarts } = await read(bus.kafka)
    await eventually('what is behind it', () => seen.length === 3)
    expect(seen.map(({ offset, damage }) => ({ offset, damage }))).toEqual([
      { offset: '0', damage: undefined },
      {
        offset: '2',
        damage:
          'the batch of offsets 1 to 2 cannot be read: expected at most 16777216 bytes, got more compressed with zstd',
      },
      { offset: '3', damage: undefined },
    ])
    // As the broker has it: with its own first offset.
    expect(seen[1]?.value?.subarray(12)).toHaveLength(bomb.length - 12)
    expect(await restarts()).toBe(0)
  })
})
