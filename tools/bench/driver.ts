import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CancelRequested,
  type EventData,
  type EventType,
  events,
  type PlacedOrder,
  readEnvelope,
  topics,
} from '@countermand/contracts'
import { connectKafka, createPublisher, type IncomingMessage, startConsumer } from '@countermand/messaging'
import { createLogger } from '@countermand/telemetry'
import { z } from 'zod'
import { upstreamHeaders } from '../demo/outside.ts'
import { requestOf } from '../demo/scenarios.ts'
import type { Addresses } from '../saga/addresses.ts'
import { openDatabases } from '../saga/databases.ts'
import { type EngineName, prefixOf } from './engines/engine.ts'

/** Who drives the sagas of a round. */
export type Target = 'countermand' | EngineName

/** What the public hears of a request that a round waits for. */
export type Moment = 'end' | 'merchant'

export interface Heard {
  readonly type: string
  readonly outcome: string | undefined
}

/** The world outside: places orders, publishes cancel events, and reads the public story. */
export interface Driver {
  /** Resolves when all four services know the orders. */
  place(orders: readonly PlacedOrder[]): Promise<void>
  publish<Type extends EventType>(type: Type, key: string, data: EventData<Type>): Promise<void>
  /** Publishes a cancel event, and resolves when its end is read (or that the merchant was asked). */
  cancel(target: Target, orderId: string, until: Moment): Promise<Heard>
  /** Publishes cancel events without waiting for anything but the broker. Returns their requests. */
  request(
    target: Target,
    orderIds: readonly string[],
    requestedAt: (place: number) => string,
  ): Promise<CancelRequested[]>
  /** Resolves when that many of these requests have ended; the number is given each second. */
  ended(requests: readonly CancelRequested[], onProgress: (count: number) => void): Promise<void>
  /** Who was to drive a request's saga; `undefined`: it is none of ours. */
  targetOf(requestId: string): Target | undefined
  /** Requests that were told more than one end, by event id: there must be none. */
  doubled(): number
  stop(): Promise<void>
}

const told = z.object({ requestId: z.string(), outcome: z.string().optional() })
const counted = z.object({ count: z.number() })

/** Where each service keeps the orders that it knows. */
const tablesOfOrders = {
  order: 'orders',
  inventory: 'reservations',
  logistics: 'logistics_orders',
  payment: 'orders',
} as const

const patienceMs = 120_000

export const connectDriver = async (where: Addresses): Promise<Driver> => {
  const kafka = connectKafka({ brokers: where.kafkaBrokers, clientId: 'bench', prefix: '' })
  const publisher = createPublisher({ kafka })
  const databases = openDatabases(where.databaseUrls)
  const ends = new Map<string, Set<string>>()
  const targets = new Map<string, Target>()
  const waiting = new Map<string, { readonly until: Moment; readonly resolve: (heard: Heard) => void }>()
  let placed = 0

  const hear = (message: IncomingMessage) => {
    const { id, type, data } = readEnvelope(message)
    const { requestId, outcome } = told.parse(data)
    if (outcome !== undefined) ends.set(requestId, (ends.get(requestId) ?? new Set()).add(id))
    const wait = waiting.get(requestId)
    const asked = type === 'order.cancellation.awaiting-merchant.v1'
    if (wait === undefined || !(outcome !== undefined || (asked && wait.until === 'merchant'))) return
    waiting.delete(requestId)
    wait.resolve({ type, outcome })
  }
  const consumer = await startConsumer({
    kafka,
    groupId: `bench-${randomUUID()}`,
    topics: [topics.cancellations, `${prefixOf('empty')}${topics.cancellations}`],
    log: createLogger({ name: 'bench', level: 'warn', stream: process.stderr }),
    onBatch: async (messages) => messages.forEach(hear),
  })

  const messageOf = <Type extends EventType>(type: Type, key: string, data: EventData<Type>) => ({
    topic: events[type].topic,
    key,
    headers: upstreamHeaders(type, key),
    value: JSON.stringify(data),
  })
  const requestMessage = (target: Target, request: CancelRequested) => {
    const message = messageOf('order.cancel.requested.v1', request.orderId, request)
    targets.set(request.requestId, target)
    return target === 'countermand' ? message : { ...message, topic: `${prefixOf(target)}${message.topic}` }
  }
  const known = async (service: keyof typeof tablesOfOrders): Promise<number> => {
    const [row] = await databases[service].rows(counted, `select count(*) as count from ${tablesOfOrders[service]}`)
    return row?.count ?? 0
  }

  return {
    place: async (orders) => {
      placed += orders.length
      for (let from = 0; from < orders.length; from += 500)
        await publisher.publish(
          orders.slice(from, from + 500).map((order) => messageOf('order.placed.v1', order.orderId, order)),
        )
      const until = Date.now() + patienceMs
      for (const service of ['order', 'inventory', 'logistics', 'payment'] as const)
        while ((await known(service)) < placed) {
          if (Date.now() > until)
            throw new Error(`expected ${service} to know ${placed} orders, it knows ${await known(service)}`)
          await sleep(50)
        }
    },
    publish: (type, key, data) => publisher.publish([messageOf(type, key, data)]),
    cancel: async (target, orderId, until) => {
      const request = requestOf(orderId, randomUUID(), new Date().toISOString())
      const { promise, resolve, reject } = Promise.withResolvers<Heard>()
      waiting.set(request.requestId, { until, resolve })
      const late = setTimeout(
        () => reject(new Error(`expected ${target} to tell of ${orderId} within ${patienceMs} ms`)),
        patienceMs,
      )
      await publisher.publish([requestMessage(target, request)])
      return promise.finally(() => clearTimeout(late))
    },
    request: async (target, orderIds, requestedAt) => {
      const requests = orderIds.map((orderId, place) => requestOf(orderId, randomUUID(), requestedAt(place)))
      for (let from = 0; from < requests.length; from += 500)
        await publisher.publish(requests.slice(from, from + 500).map((request) => requestMessage(target, request)))
      return requests
    },
    ended: async (requests, onProgress) => {
      const count = () => requests.filter(({ requestId }) => ends.has(requestId)).length
      let last = { count: count(), at: Date.now() }
      while (last.count < requests.length) {
        await sleep(1_000)
        const now = count()
        if (now > last.count) last = { count: now, at: Date.now() }
        else if (Date.now() - last.at > patienceMs)
          throw new Error(`expected ${requests.length} ends, ${now} came and no more for ${patienceMs} ms`)
        onProgress(now)
      }
    },
    targetOf: (requestId) => targets.get(requestId),
    doubled: () => [...ends.values()].filter((ids) => ids.size > 1).length,
    stop: async () => {
      await consumer.stop()
      await publisher.stop()
      await databases.close()
    },
  }
}
