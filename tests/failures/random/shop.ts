import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CommandName,
  type EventType,
  eventHeaders,
  events,
  type PlacedOrder,
  shipmentChanged,
  topics,
} from '@countermand/contracts'
import { inventory } from '@countermand/inventory/handlers.ts'
import type { Reservation } from '@countermand/inventory/state.ts'
import type { OutgoingMessage } from '@countermand/kafka'
import { carriers } from '@countermand/logistics/carriers/index.ts'
import { logistics } from '@countermand/logistics/handlers.ts'
import type { LogisticsOrder } from '@countermand/logistics/state.ts'
import { carrierInMemory } from '@countermand/logistics/test/memory-book.ts'
import { order } from '@countermand/order/handlers.ts'
import type { OrderState } from '@countermand/order/state.ts'
import { channels } from '@countermand/payment/channels/index.ts'
import { payment } from '@countermand/payment/handlers.ts'
import type { Payment } from '@countermand/payment/state.ts'
import { bankInMemory } from '@countermand/payment/test/memory-book.ts'
import type { Policies } from '@countermand/settings/policies.ts'
import { createClock } from '@countermand/testing/clock.ts'
import { serviceInMemory } from '@countermand/testing/service-in-memory.ts'
import { ApplicationFailure } from '@temporalio/activity'
import { addresseeOf, commandOf, heldFor } from '../shop.ts'
import { answerTo, failed, readCancellation, requestIdOf, withoutAddress } from './answers.ts'
import type { Mishap, Scenario } from './scenario.ts'

/** One order's four services with their real decisions, its carrier and channels, and the roads between them, all in memory. */

interface ShopOptions {
  readonly order: PlacedOrder
  readonly policies: Policies
  readonly mishaps: readonly Mishap[]
  readonly holds: Scenario['holds']
  /** Milliseconds that a channel has. */
  readonly refundPatience: number
  /** Milliseconds that the next message or call takes. */
  readonly nextDelay: () => number
  /** Hears each command before it is on its way. */
  readonly asked: (name: CommandName, requestId: string) => void
  /** Hears what leaves the shop: answers, refunds, news of parcels. */
  readonly outside: (message: OutgoingMessage) => void
}

/** What the public was told of a request, by event id: a second publication is a duplicate. */
export type Story = Map<string, { readonly type: string; readonly data: Readonly<Record<string, unknown>> }>

type ServiceName = 'order' | 'inventory' | 'logistics' | 'payment'

const retries = { stepAttempts: 3, undoAttempts: 3, stepBackoffMs: 10 }
const patience = { orderPatienceMs: 1000, interceptPatienceMs: 60_000, holdPatienceMs: 60_000, labelPatienceMs: 60_000 }

/** An attempt that has timed out, without the seconds that it takes: the next one follows at once. */
const timedOut = () => ApplicationFailure.create({ message: 'no answer in time', nextRetryDelay: 5 })

/** Who reads a topic. */
const readers: Readonly<Record<string, readonly ServiceName[]>> = {
  [topics.ordersPlaced]: ['order'],
  [topics.ordersAccepted]: ['inventory', 'logistics', 'payment'],
  [topics.shipmentsTracking]: ['logistics'],
  [topics.shipmentsChanged]: ['order', 'inventory'],
}

export const openShop = (options: ShopOptions) => {
  const { order: placed, policies, mishaps, holds, nextDelay, asked, outside } = options
  const { orderId } = placed
  const clock = createClock()
  const bank = bankInMemory(clock.iso)
  const carrier = carrierInMemory(clock.iso)
  const orders = new Map<string, OrderState>()
  const reservations = new Map<string, Reservation>()
  const stops = new Map<string, LogisticsOrder>()
  const payments = new Map<string, Payment>()
  const story: Story = new Map()
  const letters: string[] = []
  const errors: unknown[] = []
  const met = new Map<Mishap, number>()
  const undelivered: OutgoingMessage[] = []
  let busy = 0

  const send = (message: OutgoingMessage) => {
    const { topic, headers, value } = message
    if (topic.endsWith('.dlq')) letters.push(headers['dlq-reason'] ?? '')
    else if (topic === topics.cancellations) {
      const known = story.get(headers.ce_id ?? '')
      story.set(headers.ce_id ?? '', known ?? { type: headers.ce_type ?? '', data: JSON.parse(String(value)) })
    } else {
      for (const name of readers[topic] ?? []) enqueue(name, message)
      if (topic === topics.shipmentsChanged) warehouse(message)
      outside(message)
    }
  }

  /** It says whether it keeps a parcel. */
  const warehouse = ({ value }: OutgoingMessage) => {
    const { hold, ...parcel } = shipmentChanged.parse(JSON.parse(String(value)))
    if (hold !== undefined) enqueue('logistics', heldFor(parcel, hold, holds === 'yes'))
  }

  const labelVoid = holds === 'never' ? 'by-carrier' : 'after-refund'
  const { stepAttempts, stepBackoffMs } = retries
  const services = {
    // Its deadlines are waited for by the saga, in the machine's time.
    order: serviceInMemory(order(policies), orders, send),
    inventory: serviceInMemory(inventory({ initialStock: 100 }), reservations, send, clock),
    logistics: serviceInMemory(
      logistics({ ...patience, ...retries, labelVoid }, carriers(carrier)),
      stops,
      send,
      clock,
    ),
    payment: serviceInMemory(
      payment({ stepAttempts, stepBackoffMs, refundPatienceMs: options.refundPatience }, channels(bank)),
      payments,
      send,
      clock,
    ),
  }

  const during = async (work: () => Promise<void>) => {
    busy += 1
    await work().catch((error: unknown) => errors.push(error))
    busy -= 1
  }

  const working = new Set<ServiceName>()
  /** Calls go out one at a time, and messages come in between. */
  const workOff = async (name: ServiceName) => {
    if (working.has(name)) return
    working.add(name)
    await during(async () => {
      do await sleep(nextDelay())
      while (await services[name].workOnce())
    })
    working.delete(name)
  }

  const roads = new Map<ServiceName, Promise<void>>()
  /** A service reads its messages one after the other. */
  const enqueue = (name: ServiceName, message: OutgoingMessage) => {
    const receive = async () => {
      await sleep(nextDelay())
      if (message.headers.ce_type === 'ReadCancellation') {
        return send(answerTo(message, readCancellation(orders.get(orderId), requestIdOf(message))))
      }
      services[name].receive(message)
      void workOff(name)
    }
    const before = roads.get(name) ?? Promise.resolve()
    roads.set(
      name,
      before.then(() => during(receive)),
    )
  }

  const befalling = (name: CommandName): Mishap | undefined => {
    const found = mishaps.find((each) => each.command === name && (met.get(each) ?? 0) < each.times)
    if (found !== undefined) met.set(found, (met.get(found) ?? 0) + 1)
    return found
  }

  const tell = <Type extends EventType>(type: Type, data: object, id: string) => {
    const { topic } = events[type]
    const time = new Date(clock.now()).toISOString()
    const headers = eventHeaders({ id, source: 'outside', type, time, subject: orderId })
    for (const name of readers[topic] ?? [])
      enqueue(name, { topic, key: orderId, value: JSON.stringify(data), headers })
  }

  return {
    orderId,
    placed,
    clock,
    bank,
    carrierBook: carrier.entries,
    /** The carrier brings a parcel back by itself. */
    turnRound: carrier.turnRound,
    story,
    letters,
    errors,
    states: { orders, reservations, stops, payments },
    /** Something from outside: the order itself, or news of a parcel. */
    tell,
    /** What waits for the order by now has waited long enough. */
    patienceOver: () => services.order.patienceOver(),
    /** Takes a command on its way to its service. Rejects when the attempt has no answer in time. */
    command: async (message: OutgoingMessage): Promise<void> => {
      const { name } = commandOf(message)
      const service = addresseeOf(message)
      asked(name, requestIdOf(message))
      const mishap = befalling(name)
      if (mishap === undefined) return enqueue(service, message)
      if (mishap.kind === 'fails') {
        undelivered.push(message)
        return send(answerTo(message, failed))
      }
      if (mishap.kind === 'answer-lost') enqueue(service, withoutAddress(message))
      if (mishap.kind === 'late' || mishap.kind === 'slow')
        void during(async () => {
          await sleep(40 * nextDelay())
          enqueue(service, message)
        })
      if (mishap.kind === 'slow') return
      throw timedOut()
    },
    /** Sends again what failed, as an operator does who does not look. */
    redrive: () => {
      for (const message of undelivered) enqueue(addresseeOf(message), withoutAddress(message))
    },
    /** Resolves when nothing is on its way or left to do. */
    settled: async (): Promise<void> => {
      while (busy > 0) await sleep(10)
    },
  }
}

export type Shop = ReturnType<typeof openShop>
