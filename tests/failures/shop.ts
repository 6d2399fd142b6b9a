import {
  acceptedOrder,
  type CancelRequested,
  type CommandName,
  eventHeaders,
  isCommandName,
  type PlacedOrder,
  placedOrder,
  type ServiceName,
  serviceOf,
  takenRequest,
  topics,
} from '@countermand/contracts'
import { exampleOrder, exampleShipment } from '@countermand/contracts/examples.ts'
import { inventory } from '@countermand/inventory/handlers.ts'
import { type Reservation, unitsOf } from '@countermand/inventory/state.ts'
import { carriers } from '@countermand/logistics/carriers/index.ts'
import { logistics } from '@countermand/logistics/handlers.ts'
import type { LogisticsOrder } from '@countermand/logistics/state.ts'
import { memoryBook } from '@countermand/logistics/test/world.ts'
import type { OutgoingMessage } from '@countermand/messaging'
import { statusOf } from '@countermand/order/decide/order.ts'
import { order } from '@countermand/order/handlers.ts'
import type { OrderState } from '@countermand/order/state.ts'
import { samplePolicies } from '@countermand/order/test/samples.ts'
import { ofEachRoute } from '@countermand/payment/channels/index.ts'
import { payment } from '@countermand/payment/handlers.ts'
import type { Payment } from '@countermand/payment/state.ts'
import { z } from 'zod'
import { type BankHabit, bankInMemory } from './bank.ts'
import { serviceInMemory } from './service-in-memory.ts'

/** One order in a shop: the four services with their real decisions, a carrier and a bank, all in memory. */

export interface ShopOptions {
  readonly orderId: string
  /** The sandbox carrier's prefix of the tracking number (`docs` of the logistics service). */
  readonly carrier?: 'OK' | 'REFUSE' | 'DOWN' | 'NORESUME'
  readonly bank?: BankHabit
  readonly merchantApproval?: 'never' | 'always'
  readonly onSilence?: 'approve' | 'reject'
  /** Milliseconds that the merchant has. */
  readonly deadlineMs?: number
  /** Milliseconds after the order was placed in which it may be cancelled. */
  readonly windowMs?: number
  /** False: inventory never hears of the order. */
  readonly reserved?: boolean
  /** It was placed before there were limits: of many lines, and with ids that intake would not take today. */
  readonly takenBefore?: true
  /** ISO 8601: when the customer asked. */
  readonly requestedAt?: string
  /** Hears every message that leaves a service, before anybody else does. True: nobody else does. */
  readonly intercept?: (message: OutgoingMessage) => boolean
}

const publicEvent = z.object({ outcome: z.string().optional(), code: z.string().optional() })
const { shipmentId } = exampleShipment
/** The service that a command is for. */
export const addresseeOf = (message: OutgoingMessage): ServiceName => {
  const service = serviceOf(commandOf(message).name, JSON.parse(String(message.value)))
  if (service === undefined) throw new Error(`expected a command of a service, got ${message.headers.ce_type}`)
  return service
}

/** Which command a message is, and its round. Throws when it is none. */
export const commandOf = ({
  headers,
  value,
}: OutgoingMessage): { readonly name: CommandName; readonly round: number } => {
  const name = headers.ce_type ?? ''
  if (!isCommandName(name)) throw new Error(`expected a command, got ${name}`)
  return { name, ...z.object({ round: z.number() }).parse(JSON.parse(String(value))) }
}

const linesBefore = Array.from({ length: 600 }, (_, place) => ({
  ...{ lineId: `line\t${place}`, sku: `SKU\n${place}`, quantity: 1, unitAmount: 1 },
}))

/** What it comes to is the same for each order here. */
const asBefore = (order: typeof exampleOrder) => {
  const { shippingAmount, shippingTaxAmount, ...rest } = order
  const amount = order.tenders.reduce((sum, tender) => sum + tender.amount, 0)
  const [first, ...others] = linesBefore
  const left = amount - others.length
  return {
    ...rest,
    lines: [{ ...first, unitAmount: left }, ...others],
    shipments: order.shipments.map(({ lineIds: _, ...shipment }) => shipment),
  }
}

const placedBy = ({ orderId, carrier = 'OK', takenBefore }: ShopOptions): PlacedOrder => {
  const order = { ...exampleOrder, orderId, shipments: [{ ...exampleShipment, trackingNumber: `${carrier}-1` }] }
  return takenBefore ? acceptedOrder.parse(asBefore(order)) : placedOrder.parse(order)
}

const requestOf = ({ orderId, requestedAt = '2026-11-20T10:00:00Z' }: ShopOptions): CancelRequested =>
  takenRequest.parse({
    requestId: `req-of-${orderId}`,
    orderId,
    requestedAt,
    initiator: { kind: 'customer', id: 'cus-7' },
    reason: { code: 'changed-mind' },
  })

const retries = { stepAttempts: 2, undoAttempts: 2, stepBackoffMs: 10 }

export const openShop = (options: ShopOptions) => {
  const { orderId, bank: habit = 'pays', reserved = true } = options
  const bank = bankInMemory(habit)
  const { book, entries: parcels } = memoryBook(() => new Date())
  const orders = new Map<string, OrderState>()
  const reservations = new Map<string, Reservation>()
  const payments = new Map<string, Payment>()
  const stops = new Map<string, LogisticsOrder>()
  const story: string[] = []
  const letters: string[] = []
  const publicIds = new Set<string>()

  const send = (message: OutgoingMessage) => {
    const { topic, headers, value } = message
    if (topic.endsWith('.dlq')) letters.push(headers['dlq-reason'] ?? '')
    if (topic === topics.cancellations && !publicIds.has(headers.ce_id ?? '')) {
      publicIds.add(headers.ce_id ?? '')
      const { outcome, code } = publicEvent.parse(JSON.parse(String(value)))
      const name = (headers.ce_type ?? '').replace(/^order\.cancellation\.(.*)\.v1$/, '$1')
      story.push([name, outcome === name ? undefined : outcome, code].filter((each) => each !== undefined).join(' '))
    }
    if (options.intercept?.(message) !== true) deliver(message)
  }

  const policy = {
    MERCHANT_APPROVAL: options.merchantApproval ?? 'never',
    MERCHANT_SILENCE: options.onSilence ?? 'approve',
    MERCHANT_DEADLINE: options.deadlineMs ?? 60_000,
    CANCEL_WINDOW: options.windowMs ?? 30 * 86_400_000,
    REQUEST_DELAY: 3_600_000,
  } as const
  const { channel } = bank
  const channels = ofEachRoute(() => channel)
  const { stepAttempts, stepBackoffMs } = retries
  const services = {
    order: serviceInMemory(order(samplePolicies(policy)), orders, send),
    inventory: serviceInMemory(inventory({ initialStock: 100 }), reservations, send),
    logistics: serviceInMemory(
      logistics({ orderPatienceMs: 1000, interceptPatienceMs: 60_000, ...retries }, carriers({ sandbox: book })),
      stops,
      send,
    ),
    payment: serviceInMemory(
      payment({ stepAttempts, stepBackoffMs, refundPatienceMs: 60_000 }, channels),
      payments,
      send,
    ),
  }

  const deliver = (message: OutgoingMessage) => {
    if (message.topic === topics.ordersAccepted) {
      if (reserved) services.inventory.receive(message)
      services.logistics.receive(message)
      services.payment.receive(message)
    }
    if (message.topic === topics.shipmentsChanged) {
      services.order.receive(message)
      if (reserved) services.inventory.receive(message)
    }
  }

  const placed = placedBy(options)
  const at = { source: 'shop', time: placed.placedAt, subject: orderId }
  const event = {
    topic: topics.ordersPlaced,
    key: orderId,
    value: JSON.stringify(placed),
    headers: eventHeaders({ id: orderId, type: 'order.placed.v1', ...at }),
  }
  if (options.takenBefore) services.order.receiveAsBefore('order.placed.v1', event)
  else services.order.receive(event)

  return {
    orderId,
    request: requestOf(options),
    /** The public story, in order, as a consumer sees it that drops duplicates by event id. */
    story,
    /** Reasons of dead letters. */
    letters,
    /** Hands a command to its service, and lets it finish what it has to do. */
    command: async (message: OutgoingMessage): Promise<void> => {
      const service = services[addresseeOf(message)]
      service.receive(message)
      if (!reserved) services.inventory.patienceOver()
      await service.work()
    },
    /** What the four services and the world outside hold to be so. */
    facts: () => {
      const known = orders.get(orderId)?.order
      if (known === undefined) throw new Error(`expected order ${orderId} to be known`)
      const reservation = reservations.get(orderId)
      const [line] = reservation?.lines ?? []
      const places = reservation && line ? Object.entries(unitsOf(reservation, line)) : []
      return {
        order: statusOf(known),
        /** Minor units that the ledger says went back; the bank must say the same. */
        refunded: payments.get(orderId)?.tenders.reduce((sum, tender) => sum + tender.refunded, 0),
        atTheBank: bank.total(),
        stock: places.flatMap(([place, units]) => (units > 0 ? [place] : [])).join(', '),
        parcel: parcels.get(shipmentId)?.state ?? 'as-sent',
      }
    },
  }
}

export type Shop = ReturnType<typeof openShop>
