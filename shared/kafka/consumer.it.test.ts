import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { createBus, eventually } from '@countermand/testing'
import { startStack } from '@countermand/tools/stack/index.ts'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { startConsumer } from './consumer.ts'
import { type Consumer, connectKafka, type KafkaConnection } from './kafka.ts'
import { createPublisher } from './publisher.ts'
import { ensureTopics } from './topics-in-place.ts'
import { startWatchdog } from './watchdog.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})

const topic = 'orders.cancellations.v1'
const log = createLogger({ name: 'consumer-test', level: 'silent' })
const message = (value: string, partition: number) => ({ topic, key: 'k', value, headers: {}, partition })

describe('a consumer', () => {
  it('puts off a batch that fails, in order and without moving its offset, while the other partition goes on', async () => {
    const bus = await createBus({ brokers: inject('stack').kafkaBrokers, topics: [], partitions: 2 })
    cleanUp.push(bus.stop)
    const groupId = randomUUID()
    const seen: string[] = []
    let broken = true
    const start = () =>
      startConsumer({
        kafka: bus.kafka,
        groupId,
        topics: [topic],
        log,
        onBatch: async (messages) => {
          if (broken && messages.some((each) => each.partition === 0)) throw new Error('the database is away')
          seen.push(...messages.map((each) => each.value?.toString() ?? ''))
        },
      })
    const first = await start()
    await bus.send([message('a1', 0), message('a2', 0), message('b1', 1)])
    await eventually('the sound partition', () => seen.includes('b1'))
    await bus.send([message('b2', 1)])
    await eventually('the sound partition again', () => seen.includes('b2'))
    expect(seen).not.toContain('a1')
    await first.stop()

    broken = false
    const second = await start()
    cleanUp.push(second.stop)
    await eventually('the messages put off', () => seen.includes('a2'))
    expect(seen).toEqual(['b1', 'b2', 'a1', 'a2'])
  })

  it('reads on after the broker was killed and came back', async () => {
    const home = await mkdtemp(join(tmpdir(), 'countermand-consumer-'))
    cleanUp.push(() => rm(home, { recursive: true, force: true }))
    const stack = await startStack({ home, ports: 'free', env: process.env, log: () => {}, parts: ['kafka'] })
    cleanUp.push(() => stack.stop())
    const brokers = [stack.kafkaBrokers]
    await ensureTopics({ brokers }, [{ name: topic, partitions: 1 }], { prefix: '', partitions: 1, replication: 1 })
    const kafka = connectKafka({ brokers, clientId: 'consumer-test', prefix: '' })
    const publisher = createPublisher({ kafka })
    cleanUp.push(() => publisher.stop())
    const seen = new Set<string>()
    const consumer = await startConsumer({
      kafka,
      groupId: 'survivor',
      topics: [topic],
      log,
      onBatch: async (messages) => {
        for (const each of messages) seen.add(each.value?.toString() ?? '')
      },
    })
    cleanUp.push(consumer.stop)
    await publisher.publish([message('before', 0)])
    await eventually('what came before', () => seen.has('before'))
    await stack.kafka.kill('SIGKILL')
    const meanwhile = publisher.publish([message('meanwhile', 0)])
    await eventually('the consumer to notice', () => !consumer.joined(), 60_000)
    await stack.kafka.restart()
    await meanwhile
    await eventually('what was published meanwhile', () => seen.has('meanwhile'), 90_000)
  }, 180_000)
})

/** Consumers of this connection, as `startConsumer` gets them; what `before` says happens before one of them does this. */
const watched = (kafka: KafkaConnection, before: (does: 'connect' | 'subscribe', which: number) => Promise<void>) => {
  const open = new Set<Consumer>()
  let crash: ((event: object) => void) | undefined
  let count = 0
  const consumer = (groupId: string): Consumer => {
    const real = kafka.consumer(groupId)
    count += 1
    const which = count
    return new Proxy(real, {
      get: (_, name) => {
        if (name === 'connect')
          return async () => {
            await before('connect', which)
            open.add(real)
            await real.connect()
          }
        if (name === 'disconnect')
          return async () => {
            await real.disconnect()
            open.delete(real)
          }
        if (name === 'subscribe')
          return async (...args: Parameters<Consumer['subscribe']>) => {
            await before('subscribe', which)
            await real.subscribe(...args)
          }
        if (name === 'on')
          return (event: string, listener: (event: object) => void) => {
            if (event === real.events.CRASH) crash = listener
            return Reflect.apply(real.on, real, [event, listener])
          }
        return Reflect.get(real, name)
      },
    })
  }
  return {
    kafka: { ...kafka, consumer },
    open,
    count: () => count,
    crash: () => crash?.({ payload: { error: new Error('crash') } }),
  }
}

describe('a consumer that cannot start', () => {
  const silent = { topics: [topic], log, onBatch: async () => {} }

  it('leaves no connection behind', async () => {
    const bus = await createBus({ brokers: inject('stack').kafkaBrokers, topics: [], partitions: 1 })
    cleanUp.push(bus.stop)
    const { kafka, open } = watched(bus.kafka, async (does) => {
      if (does === 'subscribe') throw new Error('no such topic')
    })
    await expect(startConsumer({ kafka, groupId: randomUUID(), ...silent })).rejects.toThrow('no such topic')
    expect(open.size).toBe(0)
  })

  it('in place of one that crashed is ended with it, when it starts only after the stop', async () => {
    const bus = await createBus({ brokers: inject('stack').kafkaBrokers, topics: [], partitions: 1 })
    cleanUp.push(bus.stop)
    const late = Promise.withResolvers<void>()
    const { kafka, open, count, crash } = watched(bus.kafka, async (does, which) => {
      if (does === 'connect' && which === 2) await late.promise
    })
    const consumer = await startConsumer({ kafka, groupId: randomUUID(), ...silent })
    crash()
    await eventually('the next one', () => count() === 2)
    await consumer.stop()
    late.resolve()
    await eventually('it to have started', () => open.size === 1)
    await eventually('it to be ended', () => open.size === 0)
  })
})

describe('the watchdog', () => {
  it('says which partition makes no progress, calls for an end when that lasts, and sees it recover', async () => {
    const bus = await createBus({ brokers: inject('stack').kafkaBrokers, topics: [], partitions: 1 })
    cleanUp.push(bus.stop)
    const groupId = randomUUID()
    const seen: string[] = []
    const consumer = await startConsumer({
      kafka: bus.kafka,
      groupId,
      topics: [topic],
      log,
      onBatch: async (messages) => {
        seen.push(...messages.map((each) => each.value?.toString() ?? ''))
      },
    })
    cleanUp.push(consumer.stop)
    const ends: string[] = []
    // Longer than an offset waits for its commit.
    const times = { everyMs: 100, unreadyAfterMs: 1_000, stuckAfterMs: 1_500 }
    const watchdog = startWatchdog({
      ...{ kafka: bus.kafka, groupId, topics: [topic], metrics: createMetrics(), log, ...times },
      onStuck: (reason) => ends.push(reason),
    })
    cleanUp.push(async () => watchdog.stop())
    const calm = startWatchdog({
      ...{ kafka: bus.kafka, groupId, topics: [topic], metrics: createMetrics(), log, ...times },
      onStuck: (reason) => ends.push(`though it was paused on purpose: ${reason}`),
      paused: () => true,
    })
    cleanUp.push(async () => calm.stop())
    await bus.send([message('1', 0)])
    await eventually('the first message', () => seen.length === 1)
    consumer.pause([topic])
    await bus.send([message('2', 0)])
    await eventually('a reason', () => watchdog.reasons().length > 0)
    expect(watchdog.reasons()[0]).toContain(`${bus.kafka.prefix}${topic}/0 has 1 messages and made no progress`)
    await eventually('the call for an end', () => ends.length > 2)
    expect(ends.filter((end) => end.startsWith('though'))).toEqual([])
    expect(calm.reasons()).toEqual([])
    consumer.resume([topic])
    await eventually('no reason', () => seen.length === 2 && watchdog.reasons().length === 0)
  })
})
