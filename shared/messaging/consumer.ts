import type { Logger, Metrics } from '@countermand/telemetry'
import { createCrashPause } from './crash-pause.ts'
import { readHeaders } from './headers.ts'
import type { Consumer, EachBatchPayload, KafkaConnection } from './kafka.ts'
import type { IncomingMessage } from './message.ts'
import { createOffsetCommits, type OffsetCommits } from './offset-commits.ts'
import { textFromBytes } from './wire-text.ts'

/**
 * A consumer group's member. Offsets move only after `onBatch` has resolved, those of all partitions together and a moment later: a
 * commit costs the broker as much as a batch. What a crash leaves uncommitted comes again.
 */
export interface RunningConsumer {
  /** True while this process is a member of its group. */
  joined(): boolean
  /** Partitions this process owns, by topic (named without the prefix). */
  assignment(): Readonly<Record<string, readonly number[]>>
  pause(topics: readonly string[]): void
  resume(topics: readonly string[]): void
  /** Finishes the batch at hand and leaves the group. */
  stop(): Promise<void>
}

export interface ConsumerOptions {
  readonly kafka: KafkaConnection
  readonly groupId: string
  /** Without the prefix. */
  readonly topics: readonly string[]
  /** One partition's messages, in order. Throwing means: not done, the same messages come again after a pause of the partition. */
  readonly onBatch: (messages: readonly IncomingMessage[]) => Promise<void>
  readonly log: Logger
  readonly metrics?: Metrics
  readonly partitionsAtOnce?: number
}

const batchMessages = 500

const damageOf = (message: object): Pick<IncomingMessage, 'damage'> =>
  'damage' in message && typeof message.damage === 'string' ? { damage: message.damage } : {}

/** Some producers give a message no time, or one that no calendar has. */
const arrival = (timestamp: string): Pick<IncomingMessage, 'arrivedAt'> => {
  const ms = Number(timestamp)
  return ms > 0 && ms < 253_402_300_800_000 ? { arrivedAt: new Date(ms).toISOString() } : {}
}

/** The messages of a batch, or as many of them as `most` says. */
export const toIncoming = (prefix: string, { batch }: EachBatchPayload, most?: number): IncomingMessage[] =>
  batch.messages.slice(0, most).map((message) => ({
    topic: batch.topic.slice(prefix.length),
    partition: batch.partition,
    offset: message.offset,
    key: message.key === null ? null : textFromBytes(message.key),
    value: message.value,
    ...damageOf(message),
    ...arrival(message.timestamp),
    ...readHeaders(message.headers),
  }))

const restartsOf = ({ metrics, groupId }: ConsumerOptions) => {
  const restarts = metrics?.counter<'group'>({
    name: 'countermand_consumer_restarts_total',
    help: 'Consumers that the library gave up and that were started again, by consumer group',
    labelNames: ['group'],
  })
  restarts?.inc({ group: groupId }, 0)
  return restarts
}

/** Starts a consumer that survives crashes of the library's own loop: a new one takes over. */
export const startConsumer = async (options: ConsumerOptions): Promise<RunningConsumer> => {
  const { kafka, log } = options
  const trouble = new Map<string, number>()
  const paused = new Set<string>()
  const restarts = restartsOf(options)
  let current: Consumer
  const crashPause = createCrashPause()
  let flush: OffsetCommits['flush'] = async () => {}
  /** Counts how often partitions were given out. */
  let generation = 0
  let joined = false
  let stopped = false
  let assignment: Record<string, readonly number[]> = {}

  // Never slept on: a sleeping handler would hold up the other partitions of the process too.
  const backOff = (payload: EachBatchPayload, error: unknown) => {
    const where = `${payload.batch.topic}/${payload.batch.partition}`
    const attempt = (trouble.get(where) ?? 0) + 1
    trouble.set(where, attempt)
    log.warn({ err: error, partition: where, attempt }, 'batch put off, its partition is paused')
    const resume = payload.pause()
    setTimeout(
      () => {
        if (!paused.has(payload.batch.topic)) resume()
      },
      Math.min(100 * 2 ** (attempt - 1), 5_000),
    ).unref()
  }

  const take = async (payload: EachBatchPayload, commits: OffsetCommits): Promise<void> => {
    const messages = toIncoming(kafka.prefix, payload, batchMessages)
    const last = messages.at(-1)
    if (last === undefined || payload.isStale()) return
    const { batch } = payload
    const { topic, partition } = batch
    const beat = setInterval(() => void payload.heartbeat().catch(() => {}), 2_000)
    const before = generation
    try {
      await options.onBatch(messages)
      trouble.delete(`${topic}/${partition}`)
      crashPause.well()
      payload.resolveOffset(last.offset)
      // The markers of transactions behind the last message are done with it.
      const isAll = last.offset === batch.messages.at(-1)?.offset
      if (generation === before) commits.done(topic, partition, isAll ? batch.lastOffset() : last.offset)
    } catch (error) {
      backOff(payload, error)
    } finally {
      clearInterval(beat)
    }
  }

  const atWork = new Set<Promise<void>>()
  const during = async (work: Promise<void>): Promise<void> => {
    atWork.add(work)
    await work
    atWork.delete(work)
  }

  const begin = async (): Promise<Consumer> => {
    const consumer = kafka.consumer(options.groupId)
    const commits = createOffsetCommits(consumer, log)
    flush = commits.flush
    const { CRASH, GROUP_JOIN, REBALANCING, DISCONNECT, END_BATCH_PROCESS } = consumer.events
    // Of nothing but the markers of transactions, which no handler gets to see.
    consumer.on(END_BATCH_PROCESS, ({ payload: { batchSize, topic, partition, lastOffset } }) => {
      if (batchSize === 0) commits.done(topic, partition, lastOffset)
    })
    consumer.on(GROUP_JOIN, ({ payload }) => {
      generation += 1
      commits.forget()
      joined = true
      assignment = Object.fromEntries(
        Object.entries(payload.memberAssignment).map(([topic, partitions]) => [
          topic.slice(kafka.prefix.length),
          partitions,
        ]),
      )
      log.debug({ assignment }, 'joined the group')
    })
    const lost = () => {
      joined = false
      assignment = {}
    }
    consumer.on(REBALANCING, () => {
      lost()
      void commits.flush()
    })
    consumer.on(DISCONNECT, lost)
    consumer.on(CRASH, ({ payload }) => {
      lost()
      restarts?.inc({ group: options.groupId })
      const afterMs = crashPause.next()
      log.error({ err: payload.error, afterMs }, 'the consumer crashed, a new one takes over')
      void consumer.disconnect().catch(() => {})
      setTimeout(() => void takeOver(), afterMs).unref()
    })
    const run = async () => {
      await consumer.connect()
      const topics = options.topics.map((topic) => `${kafka.prefix}${topic}`)
      await consumer.subscribe({ topics, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: options.partitionsAtOnce ?? 8,
        eachBatch: (payload) => during(take(payload, commits)),
      })
      for (const topic of paused) consumer.pause([{ topic }])
    }
    try {
      await run()
      return consumer
    } catch (error) {
      await consumer.disconnect().catch(() => {})
      throw error
    }
  }

  const takeOver = async (attempt = 0): Promise<void> => {
    if (stopped) return
    try {
      current = await begin()
      // Stopped meanwhile, when there was only the one before it to be told.
      if (stopped) await current.disconnect()
    } catch (error) {
      log.error({ err: error }, 'the consumer could not start, it is tried again')
      setTimeout(() => void takeOver(attempt + 1), Math.min(200 * 2 ** attempt, 5_000)).unref()
    }
  }

  /** Between a crash and the next consumer there is nobody to tell: the next one asks what is paused. */
  const tell = (act: (consumer: Consumer) => void) => {
    try {
      act(current)
    } catch (error) {
      log.debug({ err: error }, 'the consumer does not run')
    }
  }

  const pause = (topics: readonly string[]) => {
    for (const topic of topics) {
      paused.add(`${kafka.prefix}${topic}`)
      tell((consumer) => consumer.pause([{ topic: `${kafka.prefix}${topic}` }]))
    }
  }

  current = await begin()
  return {
    joined: () => joined,
    assignment: () => assignment,
    pause,
    resume: (topics) => {
      for (const topic of topics) {
        paused.delete(`${kafka.prefix}${topic}`)
        tell((consumer) => consumer.resume([{ topic: `${kafka.prefix}${topic}` }]))
      }
    },
    stop: async () => {
      stopped = true
      pause(options.topics)
      await Promise.all(atWork)
      await flush()
      await current.disconnect()
    },
  }
}
