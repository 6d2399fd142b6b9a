import { randomUUID } from 'node:crypto'
import { createBus, eventually } from '@countermand/testing'
import { breakableKafka } from '@countermand/testing/breakable-kafka.ts'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { connectKafka } from './kafka.ts'
import { createPublisher } from './publisher.ts'
import { ensureTopics } from './topics-in-place.ts'

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})

const message = (value: string, key = 'k') => ({ topic: 'orders.cancellations.v1', key, value, headers: {} })

describe('the one writer', () => {
  it('loses no acknowledged message when connections are cut under overlapping sends, and keeps the order of a key', async () => {
    const { kafkaBrokers } = inject('stack')
    const bus = await createBus({ brokers: kafkaBrokers, topics: ['orders.cancellations.v1'], partitions: 1 })
    cleanUp.push(bus.stop)
    const { kafka, cut } = breakableKafka(kafkaBrokers, bus.kafka.prefix)
    const publisher = createPublisher({ kafka })
    cleanUp.push(() => publisher.stop())
    await publisher.publish([message('warm-up')])

    const acknowledged: string[] = []
    for (let round = 0; round < 20; round++) {
      const sends = [0, 1, 2].map(async (n) => {
        const value = `${round}-${n}`
        await publisher.publish([message(value, 'one-key')])
        acknowledged.push(value)
      })
      setImmediate(cut)
      await Promise.all(sends)
    }
    expect(acknowledged).toHaveLength(60)
    await publisher.publish([message('end', 'one-key')])

    await eventually('all to be read', () => bus.seen.some((each) => each.value?.toString() === 'end'))
    const read = bus.seen
      .map((each) => each.value?.toString() ?? '')
      .filter((value) => value !== 'warm-up' && value !== 'end')
    expect(acknowledged.filter((value) => !read.includes(value))).toEqual([])
    // A cut may double a message, never move it behind a later one of its key for good.
    const firsts = [...new Set(read)]
    expect(firsts).toEqual(acknowledged)
  })

  it('sends a batch larger than one request in parts, in order', async () => {
    const { kafkaBrokers } = inject('stack')
    const bus = await createBus({ brokers: kafkaBrokers, topics: ['orders.cancellations.v1'], partitions: 1 })
    cleanUp.push(bus.stop)
    const publisher = createPublisher({ kafka: bus.kafka })
    cleanUp.push(() => publisher.stop())
    const filler = 'x'.repeat(200_000)
    await Promise.all(Array.from({ length: 12 }, (_, n) => publisher.publish([message(`${n}:${filler}`, 'k')])))
    await eventually('twelve messages', () => bus.seen.length === 12)
    expect(bus.seen.map((each) => Number(each.value?.toString().split(':')[0]))).toEqual(
      Array.from({ length: 12 }, (_, n) => n),
    )
  })

  it('rejects what can never be sent and sends what is behind it', async () => {
    const { kafkaBrokers } = inject('stack')
    const bus = await createBus({ brokers: kafkaBrokers, topics: ['orders.cancellations.v1'], partitions: 1 })
    cleanUp.push(bus.stop)
    const publisher = createPublisher({ kafka: bus.kafka })
    cleanUp.push(() => publisher.stop())
    const id = randomUUID()
    const tooLarge = publisher.publish([message('x'.repeat(3_000_000), 'k')])
    const behind = publisher.publish([message(id)])
    await expect(tooLarge).rejects.toThrow(/expected the broker to take/)
    await behind
    await eventually('the message behind', () => bus.seen.some((each) => each.value?.toString() === id))
  })

  it.each([
    ['a topic', { topic: 'nowhere.v1' }],
    ['a partition', { partition: 7 }],
  ])('rejects what names %s that is not there, sends what is behind it, and looks again later', async (_, to) => {
    const { kafkaBrokers } = inject('stack')
    const bus = await createBus({ brokers: kafkaBrokers, topics: ['orders.cancellations.v1'], partitions: 1 })
    cleanUp.push(bus.stop)
    const publisher = createPublisher({ kafka: bus.kafka })
    cleanUp.push(() => publisher.stop())
    await publisher.publish([message('warm-up')])
    const lost = publisher.publish([{ ...message('lost'), ...to }])
    const behind = publisher.publish([message('behind')])
    // Our own words: a producer of kafkajs would look for it for more than four seconds, and hold up what is behind.
    await expect(lost).rejects.toThrow('expected a topic that is there')
    // Whoever asks may name anything: that says nothing of this process.
    expect(publisher.refused()).toEqual([])
    await behind
    const plan = [{ name: 'nowhere.v1', partitions: 1 }]
    await ensureTopics({ brokers: kafkaBrokers.split(',') }, plan, {
      prefix: bus.kafka.prefix,
      partitions: 1,
      replication: 1,
    })
    if ('topic' in to)
      await eventually('the new topic', () =>
        publisher.publish([{ ...message('found'), ...to }]).then(
          () => true,
          () => false,
        ),
      )
  })

  it('says which topic of the system is not there, or hidden from it, until it can write there', async () => {
    const { kafkaBrokers } = inject('stack')
    const prefix = `t${randomUUID().slice(0, 8)}.`
    const kafka = connectKafka({ brokers: kafkaBrokers.split(','), clientId: 'publisher-test', prefix })
    const publisher = createPublisher({ kafka })
    cleanUp.push(() => publisher.stop())
    await expect(publisher.publish([message('lost')])).rejects.toThrow('expected a topic that is there')
    expect(publisher.refused()).toEqual([
      `kafka: ${prefix}orders.cancellations.v1 is not there, or this process may not see it`,
    ])
    const plan = [{ name: 'orders.cancellations.v1', partitions: 1 }]
    await ensureTopics({ brokers: kafkaBrokers.split(',') }, plan, { prefix, partitions: 1, replication: 1 })
    await eventually('the new topic', () =>
      publisher.publish([message('found')]).then(
        () => true,
        () => false,
      ),
    )
    expect(publisher.refused()).toEqual([])
  })
})
