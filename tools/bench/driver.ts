import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CancelRequested,
  type EventData,
  type EventType,
  events,
  type PlacedOrder,
  serviceName,
} from '@countermand/contracts'
import { connectKafka, createPublisher, type OutgoingMessage, type Publisher } from '@countermand/kafka'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import { type Databases, openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { z } from 'zod'
import { upstreamHeaders } from '../shop/outside.ts'
import { requestOf } from '../shop/scenarios.ts'
import { type EngineName, prefixOf } from './engines/engine.ts'
import { type Heard, type Moment, patienceMs, readStory } from './story.ts'

/** Who drives the sagas of a round. */
export type Target = 'countermand' | EngineName

/** The world outside: places orders, publishes cancel events, and reads the public story. */
export interface Driver {
  /** Resolves when all four services know the orders. */
  place(orders: readonly PlacedOrder[]): Promise<void>
  /** Publishes a cancel event, and resolves with what was waited for. */
  cancel(target: Target, orderId: string, until: Moment): Promise<Heard>
  /** Publishes cancel events of ours, and resolves when the broker has them. `requestedAt` is ISO 8601. */
  request(orderIds: readonly string[], requestedAt: (place: number) => string): Promise<readonly CancelRequested[]>
  /** Resolves when all requests have ended; tells how many have each second. Rejects when none more does for two minutes. */
  ended(requests: readonly CancelRequested[], onProgress: (count: number) => void): Promise<void>
  /** Who was to drive a request's saga; `undefined`: it is none of ours. */
  targetOf(requestId: string): Target | undefined
  /** Requests that were told more than one end, by event id: there must be none. */
  doubled(): number
  stop(): Promise<void>
}

const counted = z.object({ count: z.number() })

/** Where each service keeps the orders that it knows. */
const tablesOfOrders = {
  order: 'orders',
  inventory: 'reservations',
  logistics: 'logistics_orders',
  payment: 'orders',
} as const

const eventMessage = <Type extends EventType>(type: Type, key: string, data: EventData<Type>): OutgoingMessage => ({
  ...{ topic: events[type].topic, key, headers: upstreamHeaders(type, key) },
  value: JSON.stringify(data),
})

const requestMessage = (target: Target, request: CancelRequested): OutgoingMessage => {
  const message = eventMessage('order.cancel.requested.v1', request.orderId, request)
  return target === 'countermand' ? message : { ...message, topic: `${prefixOf(target)}${message.topic}` }
}

const atOnce = 500

const publishAll = async ({ publish }: Publisher, messages: readonly OutgoingMessage[]): Promise<void> => {
  for (let from = 0; from < messages.length; from += atOnce) await publish(messages.slice(from, from + atOnce))
}

/** Resolves when each service knows so many orders. */
const untilKnown = async (databases: Databases, orders: number): Promise<void> => {
  const until = Date.now() + patienceMs
  for (const service of serviceName.options)
    for (;;) {
      const [row] = await databases[service].rows(counted, `select count(*) as count from ${tablesOfOrders[service]}`)
      if ((row?.count ?? 0) >= orders) break
      if (Date.now() > until) throw new Error(`expected ${service} to know ${orders} orders, it knows ${row?.count}`)
      await sleep(50)
    }
}

/** Resolves when all have come, as `count` says; rejects when no more come. */
const untilAll = async (all: number, count: () => number, onProgress: (count: number) => void): Promise<void> => {
  let last = { count: count(), at: Date.now() }
  while (last.count < all) {
    await sleep(1_000)
    const now = count()
    onProgress(now)
    if (now > last.count) last = { count: now, at: Date.now() }
    else if (Date.now() - last.at > patienceMs)
      throw new Error(`expected ${all} ends, got ${now}, and no more for ${patienceMs} ms`)
  }
}

export const connectDriver = async (where: Addresses): Promise<Driver> => {
  const kafka = connectKafka({ brokers: where.kafkaBrokers, clientId: 'bench', prefix: '' })
  const publisher = createPublisher({ kafka })
  const databases = openDatabases(where.databaseUrls)
  const story = await readStory(kafka)
  const targets = new Map<string, Target>()
  let placed = 0

  const newRequest = (target: Target, orderId: string, requestedAt: string): CancelRequested => {
    const request = requestOf(orderId, randomUUID(), requestedAt)
    targets.set(request.requestId, target)
    return request
  }
  return {
    place: async (orders) => {
      placed += orders.length
      await publishAll(
        publisher,
        orders.map((order) => eventMessage('order.placed.v1', order.orderId, order)),
      )
      await untilKnown(databases, placed)
    },
    cancel: async (target, orderId, until) => {
      const request = newRequest(target, orderId, new Date().toISOString())
      const heard = story.hear(request.requestId, until)
      await publisher.publish([requestMessage(target, request)])
      return heard
    },
    request: async (orderIds, requestedAt) => {
      const requests = orderIds.map((orderId, place) => newRequest('countermand', orderId, requestedAt(place)))
      await publishAll(
        publisher,
        requests.map((request) => requestMessage('countermand', request)),
      )
      return requests
    },
    ended: (requests, onProgress) => {
      const count = () => requests.filter(({ requestId }) => story.hasEnded(requestId)).length
      return untilAll(requests.length, count, onProgress)
    },
    targetOf: (requestId) => targets.get(requestId),
    doubled: story.doubled,
    stop: async () => {
      await story.stop()
      await publisher.stop()
      await databases.close()
    },
  }
}
