import type { Logger, Metrics } from '@countermand/telemetry'
import { createCrashPause } from './crash-pause.ts'
import { readHeaders } from './headers.ts'
import type { Consumer, EachBatchPayload, KafkaConnection } from './kafka.ts'
import { createMembership, type Membership } from './membership.ts'
import type { IncomingMessage } from './message.ts'
import { createOffsetCommits, type OffsetCommits } from './offset-commits.ts'
import { createPutOff } from './put-off.ts'
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

/** What a consumer's events change. */
interface Events {
  readonly commits: OffsetCommits
  readonly membership: Membership
  readonly onCrash: (error: Error) => void
}

const listen = (consumer: Consumer, { commits, membership, onCrash }: Events, log: Logger) => {
  const { CRASH, GROUP_JOIN, REBALANCING, DISCONNECT, END_BATCH_PROCESS } = consumer.events
  // Of nothing but the markers of transactions, which no handler gets to see.
  consumer.on(END_BATCH_PROCESS, ({ payload: { batchSize, topic, partition, lastOffset } }) => {
    if (batchSize === 0) commits.done(topic, partition, lastOffset)
  })
  consumer.on(GROUP_JOIN, ({ payload }) => {
    commits.forget()
    membership.join(payload.memberAssignment)
    log.debug({ assignment: membership.assignment() }, 'joined the group')
  })
  consumer.on(REBALANCING, () => {
    membership.lose()
    void commits.flush()
  })
  consumer.on(DISCONNECT, membership.lose)
  consumer.on(CRASH, ({ payload }) => {
    membership.lose()
    void consumer.disconnect().catch(() => {})
    onCrash(payload.error)
  })
}

/** The batches at hand. */
const createAtWork = () => {
  const works = new Set<Promise<void>>()
  return {
    during: async (work: Promise<void>): Promise<void> => {
      works.add(work)
      await work
      works.delete(work)
    },
    done: () => Promise.all(works),
  }
}

/** Holds topics, and lets them go. Between a crash and the next consumer there is nobody to tell: the next one asks what is paused. */
const createHolding = (prefix: string, paused: Set<string>, current: () => Consumer, log: Logger) => {
  const tell = (act: (consumer: Consumer) => void) => {
    try {
      act(current())
    } catch (error) {
      log.debug({ err: error }, 'the consumer does not run')
    }
  }
  return {
    pause: (topics: readonly string[]) => {
      for (const topic of topics.map((name) => `${prefix}${name}`)) {
        paused.add(topic)
        tell((consumer) => consumer.pause([{ topic }]))
      }
    },
    resume: (topics: readonly string[]) => {
      for (const topic of topics.map((name) => `${prefix}${name}`)) {
        paused.delete(topic)
        tell((consumer) => consumer.resume([{ topic }]))
      }
    },
  }
}

/** Starts a consumer that survives crashes of the library's own loop: a new one takes over. */
export const startConsumer = async (options: ConsumerOptions): Promise<RunningConsumer> => {
  const { kafka, log } = options
  const paused = new Set<string>()
  const restarts = restartsOf(options)
  const crashPause = createCrashPause()
  const membership = createMembership(kafka.prefix)
  const { putOff, well } = createPutOff(log, (topic) => paused.has(topic))
  let current: Consumer
  let flush: OffsetCommits['flush'] = async () => {}
  let stopped = false

  const take = async (payload: EachBatchPayload, commits: OffsetCommits): Promise<void> => {
    const messages = toIncoming(kafka.prefix, payload, batchMessages)
    const last = messages.at(-1)
    if (last === undefined || payload.isStale()) return
    const { batch } = payload
    const beat = setInterval(() => void payload.heartbeat().catch(() => {}), 2_000)
    const before = membership.generation()
    try {
      await options.onBatch(messages)
      well(payload)
      crashPause.well()
      payload.resolveOffset(last.offset)
      // The markers of transactions behind the last message are done with it.
      const isAll = last.offset === batch.messages.at(-1)?.offset
      const done = isAll ? batch.lastOffset() : last.offset
      if (membership.generation() === before) commits.done(batch.topic, batch.partition, done)
    } catch (error) {
      putOff(payload, error)
    } finally {
      clearInterval(beat)
    }
  }

  const atWork = createAtWork()

  const onCrash = (error: Error) => {
    restarts?.inc({ group: options.groupId })
    const afterMs = crashPause.next()
    log.error({ err: error, afterMs }, 'the consumer crashed, a new one takes over')
    setTimeout(() => void takeOver(), afterMs).unref()
  }

  const begin = async (): Promise<Consumer> => {
    const consumer = kafka.consumer(options.groupId)
    const commits = createOffsetCommits(consumer, log)
    flush = commits.flush
    listen(consumer, { commits, membership, onCrash }, log)
    try {
      await consumer.connect()
      const topics = options.topics.map((topic) => `${kafka.prefix}${topic}`)
      await consumer.subscribe({ topics, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: options.partitionsAtOnce ?? 8,
        eachBatch: (payload) => atWork.during(take(payload, commits)),
      })
      for (const topic of paused) consumer.pause([{ topic }])
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

  const hold = createHolding(kafka.prefix, paused, () => current, log)
  current = await begin()
  return {
    joined: membership.joined,
    assignment: membership.assignment,
    ...hold,
    stop: async () => {
      stopped = true
      hold.pause(options.topics)
      await atWork.done()
      await flush()
      await current.disconnect()
    },
  }
}
