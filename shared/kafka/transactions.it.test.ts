import { randomUUID } from 'node:crypto'
import { createLogger } from '@countermand/telemetry'
import { createBus, eventually } from '@countermand/testing'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { startConsumer } from './consumer.ts'
import type { OutgoingMessage } from './message.ts'
import { readToEnd } from './snapshot.ts'
import { FencedError, openTransactions } from './transactions.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})

const topic = 'orders.placed.v1'
const other = 'dead-letters.log.v1'
const to = (name: string, value: string): OutgoingMessage => ({
  topic: name,
  key: 'k',
  value,
  headers: {},
  partition: 0,
})

const startBus = async () => {
  const bus = await createBus({ brokers: inject('stack').kafkaBrokers, topics: [topic] })
  cleanUp.push(bus.stop)
  return bus
}

const valuesOn = async (kafka: Awaited<ReturnType<typeof startBus>>['kafka'], ...topics: string[]) => {
  const values: string[] = []
  await readToEnd({ kafka, topics, onMessages: (batch) => values.push(...batch.map(({ value }) => `${value}`)) })
  return values
}

describe('transactions', () => {
  it('show all that they sent or nothing of it, and say where it lies', async () => {
    const { kafka, seen } = await startBus()
    const transactions = await openTransactions(kafka, 'test')
    cleanUp.push(transactions.stop)
    const places = await transactions.transact(async (send) => [await send(to(topic, 'a')), await send(to(other, 'a'))])
    expect(places).toEqual([
      { topic, partition: 0, offset: '0' },
      { topic: other, partition: 0, offset: '0' },
    ])
    await expect(
      transactions.transact(async (send) => {
        await send(to(topic, 'lost'))
        throw new Error('changed its mind')
      }),
    ).rejects.toThrow('changed its mind')
    const again = await openTransactions(kafka, 'test')
    cleanUp.push(again.stop)
    await again.transact((send) => send(to(topic, 'b')))
    await eventually('the second message', () => seen.some(({ value }) => `${value}` === 'b'))
    expect(seen.map(({ value }) => `${value}`)).toEqual(['a', 'b'])
    expect((await valuesOn(kafka, topic, other)).toSorted()).toEqual(['a', 'a', 'b'])
  })

  it('are ended by whoever opens them next, also in the middle of one', async () => {
    const { kafka } = await startBus()
    const first = await openTransactions(kafka, 'test')
    cleanUp.push(first.stop)
    const late = first.transact(async (send) => {
      await send(to(topic, 'first'))
      const second = await openTransactions(kafka, 'test')
      cleanUp.push(second.stop)
      await second.transact((sendSecond) => sendSecond(to(topic, 'second')))
    })
    await expect(late).rejects.toThrow(FencedError)
    expect(await valuesOn(kafka, topic)).toEqual(['second'])
  })

  it('follow each other quickly', async () => {
    const { kafka } = await startBus()
    const transactions = await openTransactions(kafka, 'test')
    cleanUp.push(transactions.stop)
    for (let nth = 0; nth < 20; nth++)
      await transactions.transact(async (send) => [await send(to(topic, `${nth}`)), await send(to(other, `${nth}`))])
    // The broker writes the last marker after it has taken the commit, and until then the topic ends before it.
    await eventually('all of them', async () => (await valuesOn(kafka, topic)).length === 20)
  })

  it('leave no lag behind: their markers take offsets that no message has', async () => {
    const { kafka } = await startBus()
    const groupId = randomUUID()
    const got: string[] = []
    const consumer = await startConsumer({
      kafka,
      groupId,
      topics: [topic],
      log: createLogger({ name: 'test', level: 'silent' }),
      onBatch: async (batch) => void got.push(...batch.map(({ value }) => `${value}`)),
    })
    cleanUp.push(consumer.stop)
    const transactions = await openTransactions(kafka, 'test')
    cleanUp.push(transactions.stop)
    await transactions.transact((send) => send(to(topic, 'a')))
    await eventually('the message', () => got.includes('a'))
    const admin = kafka.admin()
    await admin.connect()
    cleanUp.push(() => admin.disconnect())
    const name = `${kafka.prefix}${topic}`
    const [end] = (await admin.fetchTopicOffsets(name)).filter(({ partition }) => partition === 0)
    expect(end?.high).toBe('2')
    await eventually('the group to be past the marker', async () => {
      const [found] = await admin.fetchOffsets({ groupId: `${kafka.prefix}${groupId}`, topics: [name] })
      return found?.partitions.find(({ partition }) => partition === 0)?.offset === '2'
    })
  })
})
