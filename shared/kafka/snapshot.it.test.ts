import { randomBytes } from 'node:crypto'
import { createBus, eventually } from '@countermand/testing'
import { afterEach, expect, inject, it } from 'vitest'
import { readToEnd } from './snapshot.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})

const topic = 'orders.placed.v1'
const count = 60

it('reads each message once, though another member comes into its group and it has to join again', async () => {
  const bus = await createBus({ brokers: inject('stack').kafkaBrokers, topics: [], partitions: 1 })
  cleanUp.push(bus.stop)
  const { kafka } = bus
  // Nothing makes it smaller: a fetch takes some of them alone.
  const filler = randomBytes(90_000).toString('base64')
  const numbers = Array.from({ length: count }, (_, number) => number)
  await Promise.all(numbers.map((number) => bus.send([{ topic, key: 'k', value: `${number} ${filler}`, headers: {} }])))

  const admin = kafka.admin()
  await admin.connect()
  cleanUp.push(() => admin.disconnect())
  /** Comes into the reader's group, and leaves it again. */
  const disturb = async () => {
    const { groups } = await admin.listGroups()
    const name = groups
      .map(({ groupId }) => groupId)
      .find((id) => id.startsWith(`${kafka.prefix}countermand-snapshot-`))
    if (name === undefined) throw new Error('expected the group of the reader, got none')
    const other = kafka.consumer(name.slice(kafka.prefix.length))
    await other.connect()
    await other.subscribe({ topics: [`${kafka.prefix}${topic}`] })
    const joined = new Promise((resolve) => other.on(other.events.GROUP_JOIN, resolve))
    await other.run({ autoCommit: false, eachBatch: async () => {} })
    joined.then(() => other.disconnect())
    await eventually('a rebalance', async () => {
      const [group] = (await admin.describeGroups([name])).groups
      return group !== undefined && group.state !== 'Stable'
    })
  }

  const read: number[] = []
  let batches = 0
  await readToEnd({
    kafka,
    topics: [topic],
    onMessages: async (messages) => {
      read.push(...messages.map(({ value }) => Number.parseInt(`${value}`, 10)))
      batches += 1
      if (batches === 2) await disturb()
    },
  })
  expect(batches).toBeGreaterThan(2)
  expect(read).toEqual(numbers)
})
