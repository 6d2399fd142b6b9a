import { topicPlan } from '@countermand/contracts/topics.ts'
import { connectAdmin, topicOffsets } from '@countermand/kafka/admin.ts'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import type { Stack } from './index.ts'
import { ask, removeHomes, start } from './stack-for-tests.ts'
import { searchAttributes } from './temporal-namespace.ts'

const withTemporal = async <T>(address: string, work: (client: Client) => Promise<T>): Promise<T> => {
  const connection = await Connection.connect({ address })
  try {
    return await work(new Client({ connection }))
  } finally {
    await connection.close()
  }
}

const withKafka = async <T>(stack: Stack, work: (admin: Awaited<ReturnType<typeof connectAdmin>>) => Promise<T>) => {
  const admin = await connectAdmin({ brokers: stack.kafkaBrokers.split(',') })
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

// Several stacks run beside each other here, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

afterAll(removeHomes)

describe('a started stack', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await start()
  })
  afterAll(() => stack.stop())

  it('has every topic with its partitions and their leaders', async () => {
    const { topics } = await withKafka(stack, (admin) => admin.fetchTopicMetadata())
    const found = new Map(topics.map(({ name, partitions }) => [name, partitions]))
    for (const { name, partitions = 4 } of topicPlan()) {
      expect(found.get(name)?.length, name).toBe(partitions)
      expect(
        found.get(name)?.every(({ leader }) => leader >= 0),
        name,
      ).toBe(true)
    }
    expect(await topicOffsets({ brokers: stack.kafkaBrokers.split(',') }, 'orders.placed.v1')).toHaveLength(4)
  })

  it('keeps closed workflows for 30 days and searches by our attributes', async () => {
    const namespace = 'default'
    const { retention, attributes } = await withTemporal(stack.temporalAddress, async ({ connection }) => {
      const described = await connection.workflowService.describeNamespace({ namespace })
      const listed = await connection.operatorService.listSearchAttributes({ namespace })
      return {
        retention: described.config?.workflowExecutionRetentionTtl?.seconds,
        attributes: listed.customAttributes,
      }
    })
    expect(Number(retention)).toBe(30 * 24 * 60 * 60)
    expect(attributes).toMatchObject(
      Object.fromEntries(Object.entries(searchAttributes).map(([name, type]) => [name, type === 'Bool' ? 5 : 2])),
    )
  })

  it('serves the web UI of Temporal', async () => {
    const response = await fetch(stack.temporalUiUrl)
    expect(response.status).toBe(200)
  })

  it('has a database for each service', async () => {
    for (const [owner, url] of Object.entries(stack.databaseUrls)) {
      expect(await ask(url, 'select current_database() as name')).toEqual([{ name: `countermand_${owner}` }])
    }
  })

  it('tells the versions of its parts', () => {
    expect(stack.versions).toEqual({
      node: process.versions.node,
      temporal: expect.stringMatching(/^1\.\d+/),
      kafka: expect.stringMatching(/^\d+\.\d+/),
      postgres: expect.stringMatching(/^\d+\.\d+/),
    })
  })

  it('keeps Kafka’s data when it is killed and started again', async () => {
    const group = { groupId: 'survivor', topic: 'orders.placed.v1' }
    await withKafka(stack, (admin) => admin.setOffsets({ ...group, partitions: [{ partition: 0, offset: '0' }] }))
    const before = stack.kafka.pid
    await stack.kafka.kill('SIGKILL')
    expect(stack.kafka.pid).toBeUndefined()
    await stack.kafka.restart()
    expect(stack.kafka.pid).not.toBe(before)
    const offsets = await withKafka(stack, (admin) =>
      admin.fetchOffsets({ groupId: group.groupId, topics: [group.topic] }),
    )
    expect(offsets[0]?.partitions.find(({ partition }) => partition === 0)?.offset).toBe('0')
  })

  it('keeps Temporal’s data when it is killed and started again', async () => {
    await withTemporal(stack.temporalAddress, (client) =>
      client.workflow.start('nobodyRunsThis', { workflowId: 'survivor', taskQueue: 'none' }),
    )
    await stack.temporal.kill('SIGKILL')
    await stack.temporal.restart()
    const described = await withTemporal(stack.temporalAddress, (client) =>
      client.workflow.getHandle('survivor').describe(),
    )
    expect(described.status.name).toBe('RUNNING')
  })

  it('keeps PostgreSQL’s data when it is killed and started again', async () => {
    await ask(stack.databaseUrls.order, 'create table survivor as select 7 as number')
    await stack.postgres.kill('SIGKILL')
    await stack.postgres.restart()
    expect(await ask(stack.databaseUrls.order, 'select number from survivor')).toEqual([{ number: 7 }])
  })
})

describe('parts that run elsewhere', () => {
  it('are not started, and get the topics that they lack', async () => {
    const running = inject('stack')
    const stack = await start({
      env: {
        ...process.env,
        KAFKA_BROKERS: running.kafkaBrokers,
        TEMPORAL_ADDRESS: running.temporalAddress,
        TEMPORAL_NAMESPACE: 'elsewhere',
        KAFKA_TOPIC_PREFIX: 'elsewhere.',
        KAFKA_PARTITIONS: '2',
        ORDER_DATABASE_URL: running.databaseUrls.order,
        INVENTORY_DATABASE_URL: running.databaseUrls.inventory,
        LOGISTICS_DATABASE_URL: running.databaseUrls.logistics,
        PAYMENT_DATABASE_URL: running.databaseUrls.payment,
      },
    })
    expect(stack.pids).toEqual({})
    expect(stack.databaseUrls).toEqual(running.databaseUrls)
    expect(await topicOffsets({ brokers: [running.kafkaBrokers] }, 'elsewhere.saga.replies.v1')).toHaveLength(2)
    expect(await topicOffsets({ brokers: [running.kafkaBrokers] }, 'elsewhere.saga.replies.v1.dlq')).toHaveLength(1)
    await expect(stack.kafka.kill('SIGKILL')).rejects.toThrow('KAFKA_BROKERS is set')
    await stack.stop()
  })
})
