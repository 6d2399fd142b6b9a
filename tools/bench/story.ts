import { randomUUID } from 'node:crypto'
import { readEnvelope, topics } from '@countermand/contracts'
import { type IncomingMessage, type KafkaConnection, startConsumer } from '@countermand/kafka'
import { createLogger } from '@countermand/telemetry'
import { z } from 'zod'
import { prefixOf } from './engines/engine.ts'

/** What is waited for of a request: its end, or that its merchant is asked. */
export type Moment = 'end' | 'merchant'

export interface Heard {
  readonly type: string
  readonly outcome: string | undefined
}

/** The public story, as the bench reads it: which requests have ended, and who waits to hear of one. */
export interface Story {
  /** Resolves when the moment of the request is read. Rejects when it is not within two minutes. */
  hear(requestId: string, until: Moment): Promise<Heard>
  hasEnded(requestId: string): boolean
  /** Requests that were told more than one end, by event id: there must be none. */
  doubled(): number
  stop(): Promise<void>
}

const told = z.object({ requestId: z.string(), outcome: z.string().optional() })
const merchantIsAsked = 'order.cancellation.awaiting-merchant.v1'

export const patienceMs = 120_000

/** Reads the public story, and the ends of empty workflows, from now on. */
export const readStory = async (kafka: KafkaConnection): Promise<Story> => {
  const ends = new Map<string, Set<string>>()
  const waiting = new Map<string, { readonly until: Moment; readonly resolve: (heard: Heard) => void }>()

  const hear = (message: IncomingMessage) => {
    const { id, type, data } = readEnvelope(message)
    const { requestId, outcome } = told.parse(data)
    if (outcome !== undefined) ends.set(requestId, (ends.get(requestId) ?? new Set()).add(id))
    const wait = waiting.get(requestId)
    if (outcome === undefined && !(wait?.until === 'merchant' && type === merchantIsAsked)) return
    waiting.delete(requestId)
    wait?.resolve({ type, outcome })
  }
  const consumer = await startConsumer({
    kafka,
    groupId: `bench-${randomUUID()}`,
    topics: [topics.cancellations, `${prefixOf('empty')}${topics.cancellations}`],
    log: createLogger({ name: 'bench', level: 'warn', stream: process.stderr }),
    onBatch: async (messages) => messages.forEach(hear),
  })
  return {
    hear: (requestId, until) => {
      const { promise, resolve, reject } = Promise.withResolvers<Heard>()
      waiting.set(requestId, { until, resolve })
      const late = setTimeout(
        () => reject(new Error(`expected to hear of request ${requestId} within ${patienceMs} ms`)),
        patienceMs,
      )
      return promise.finally(() => clearTimeout(late))
    },
    hasEnded: (requestId) => ends.has(requestId),
    doubled: () => [...ends.values()].filter((ids) => ids.size > 1).length,
    stop: consumer.stop,
  }
}
