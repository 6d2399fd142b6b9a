import { setTimeout as sleep } from 'node:timers/promises'
import { topicPlan } from '@countermand/contracts/topics.ts'
import { takeFirst } from '@countermand/process/take-first.ts'
import type { Metrics } from '@countermand/telemetry'
import type { KafkaConnection } from './kafka.ts'
import { createKnownTopics } from './known-topics.ts'
import type { OutgoingMessage } from './message.ts'
import { createOneProducer } from './one-producer.ts'
import { sent } from './spans.ts'
import { troubleOf, Unsendable } from './unsendable.ts'

/**
 * The one writer of a process. It gathers what waits into batches and never has two sends open: kafkajs' idempotent
 * producer loses acknowledged messages when sends overlap and a connection breaks (see publisher.it.test.ts).
 */
export interface Publisher {
  /** Resolves when the broker has acknowledged all; rejects only what can never be sent, with {@link Unsendable}, and what waits at a stop. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>
  /** Whether the last send worked. */
  healthy(): boolean
  /** Topics on which this process may not write, or that it does not see, in words; empty: none. */
  refused(): string[]
  /** Sends what waits, then closes. What cannot be sent within `graceMs` is rejected. */
  stop(graceMs?: number): Promise<void>
}

interface Job {
  readonly messages: readonly OutgoingMessage[]
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Well under the broker's limit for one record batch (1 MB): a larger message goes alone. */
const batchBytes = 400_000
const batchMessages = 1_000

const size = (message: OutgoingMessage): number => (message.value?.length ?? 0) + 512

/** Whether a message can never be sent. */
export const isHopeless = (error: unknown): boolean => troubleOf(error) !== undefined

/** A topic that somebody else names may be anything. */
const planned: ReadonlySet<string> = new Set(topicPlan().map(({ name }) => name))

const messagesOf = (jobs: readonly Job[]): OutgoingMessage[] => jobs.flatMap((job) => job.messages)

/** Which topics cannot be written, and why: until a message is taken there. */
const createRefusals = (kafka: KafkaConnection) => {
  const topics = createKnownTopics(kafka)
  const refusals = new Map<string, string>()
  return {
    /** Asks anew next time which topics there are. */
    forget: topics.forget,
    taken: (jobs: readonly Job[]) => {
      for (const { topic } of messagesOf(jobs)) refusals.delete(topic)
    },
    notAllowed: (jobs: readonly Job[]) => {
      for (const { topic } of messagesOf(jobs)) refusals.set(topic, 'may not be written by this process')
    },
    inWords: (): string[] =>
      [...refusals].flatMap(([topic, why]) => (planned.has(topic) ? [`kafka: ${kafka.prefix}${topic} ${why}`] : [])),
    /** Turns away the jobs with a message for a topic or partition that is not there; gives back the others. */
    withHome: async (jobs: readonly Job[]): Promise<readonly Job[]> => {
      const homeless = await topics.homeless(messagesOf(jobs))
      if (homeless.size === 0) return jobs
      return jobs.filter((job) => {
        const lost = job.messages.find((message) => homeless.has(message))
        if (lost === undefined) return true
        const where = `${lost.topic}${lost.partition === undefined ? '' : `, partition ${lost.partition}`}`
        if (lost.partition === undefined) refusals.set(lost.topic, 'is not there, or this process may not see it')
        job.reject(new Unsendable('no-such-place', `expected a topic that is there, got ${where}`))
        return false
      })
    },
  }
}

export const createPublisher = (options: {
  readonly kafka: KafkaConnection
  readonly onTrouble?: (error: Error) => void
  readonly metrics?: Metrics
}): Publisher => {
  const { kafka } = options
  const { send, discard, close } = createOneProducer(kafka, options.metrics)
  const refusals = createRefusals(kafka)
  const queue: Job[] = []
  let running: Promise<void> | undefined
  let healthy = true
  let giveUp = false
  let closed = false

  const sendUntilDone = async (all: readonly Job[]): Promise<void> => {
    let jobs = all
    for (let attempt = 0; ; attempt++) {
      try {
        jobs = await refusals.withHome(jobs)
        if (jobs.length > 0) await send(messagesOf(jobs))
        refusals.taken(jobs)
        healthy = true
        for (const job of jobs) job.resolve()
        return
      } catch (cause) {
        // A message that no broker would take says nothing of this one.
        healthy = isHopeless(cause)
        const trouble = troubleOf(cause)
        const words = `expected the broker to take ${messagesOf(jobs).length} messages`
        const error = trouble === undefined ? new Error(words, { cause }) : new Unsendable(trouble, words, { cause })
        refusals.forget()
        await discard()
        if (isHopeless(cause) && jobs.length > 1) {
          // By halves: of a thousand, one that is refused costs ten more sends.
          const half = Math.ceil(jobs.length / 2)
          await sendUntilDone(jobs.slice(0, half))
          await sendUntilDone(jobs.slice(half))
          return
        }
        if (trouble === 'not-allowed') refusals.notAllowed(jobs)
        if (giveUp || isHopeless(cause)) {
          // What waits behind it would each take as long to fail.
          for (const job of giveUp ? [...jobs, ...queue.splice(0)] : jobs) job.reject(error)
          return
        }
        options.onTrouble?.(error)
        await sleep(Math.min(100 * 2 ** attempt, 2_000))
      }
    }
  }

  const take = (): Job[] => {
    let bytes = 0
    let count = 0
    return takeFirst(queue, (job) => {
      bytes += job.messages.reduce((sum, message) => sum + size(message), 0)
      count += job.messages.length
      return bytes <= batchBytes && count <= batchMessages
    })
  }

  // It is over in the very moment in which nothing waits: what comes next starts it again, and is not left lying.
  const run = async () => {
    while (queue.length > 0) await sendUntilDone(take())
    running = undefined
  }

  const enqueue = (messages: readonly OutgoingMessage[]): Promise<void> =>
    new Promise((resolve, reject) => {
      if (closed) throw new Error('expected a publisher that is open, got one that has stopped')
      queue.push({ messages, resolve, reject })
      running ??= run()
    })

  return {
    publish: (messages) => (messages.length === 0 ? Promise.resolve() : sent(messages, enqueue)),
    healthy: () => healthy,
    refused: refusals.inWords,
    stop: async (graceMs = 10_000) => {
      const timer = setTimeout(() => {
        giveUp = true
      }, graceMs)
      await running
      closed = true
      clearTimeout(timer)
      await close()
    },
  }
}
