import { randomUUID } from 'node:crypto'
import { deadLetterTopic, topicPlan, topics } from '@countermand/contracts'
import { expect, inject, it } from 'vitest'
import { topicOffsets } from './admin.ts'
import { connectKafka } from './kafka.ts'
import { ensureTopics } from './topics-in-place.ts'

const mebibyte = 1_048_576

it('makes dead-letter topics that take the largest message of their topic and what is added to it', async () => {
  const brokers = inject('stack').kafkaBrokers.split(',')
  const prefix = `${randomUUID()}.`
  const topic = deadLetterTopic(topics.cancelRequests)
  const plan = topicPlan().filter(({ name }) => name === topic || name === topics.cancelRequests)
  await ensureTopics({ brokers }, plan, { prefix, partitions: 2, replication: 1 })
  const producer = connectKafka({ brokers, clientId: 'admin-test', prefix }).producer()
  await producer.connect()
  try {
    const send = (name: string) =>
      producer.send({ topic: `${prefix}${name}`, messages: [{ value: Buffer.alloc(mebibyte, 'x') }] })
    await expect(send(topics.cancelRequests)).rejects.toThrow(/larger than the max message size/)
    await send(topic)
    expect(await topicOffsets({ brokers }, `${prefix}${topic}`)).toEqual([{ partition: 0, low: 0, high: 1 }])
  } finally {
    await producer.disconnect()
  }
})
