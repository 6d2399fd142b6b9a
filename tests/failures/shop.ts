import {
  acceptedOrder,
  type CancelRequested,
  type CommandName,
  eventHeaders,
  isCommandName,
  type PlacedOrder,
  placedOrder,
  refundChanged,
  type ServiceName,
  type ShipmentChanged,
  serviceOf,
  shipmentChanged,
  takenRequest,
  topics,
} from '@countermand/contracts'
import { exampleOrder, exampleShipment } from '@countermand/contracts/examples.ts'
import { unitsOf } from '@countermand/inventory/decide/whereabouts.ts'
import { inventory } from '@countermand/inventory/handlers.ts'
import type { Reservation } from '@countermand/inventory/state.ts'
import type { OutgoingMessage } from '@countermand/kafka'
import { carriers } from '@countermand/logistics/carriers/index.ts'
import { logistics } from '@countermand/logistics/handlers.ts'
import type { LogisticsOrder } from '@countermand/logistics/state.ts'
import { carrierInMemory } from '@countermand/logistics/test/memory-book.ts'
import { statusOf } from '@countermand/order/decide/order.ts'
import { order } from '@countermand/order/handlers.ts'
import type { OrderState } from '@countermand/order/state.ts'
import { samplePolicies } from '@countermand/order/test/given.ts'
import { channels, ofEachRoute } from '@countermand/payment/channels/index.ts'
import { payment } from '@countermand/payment/handlers.ts'
import type { Payment } from '@countermand/payment/state.ts'
import { bankInMemory } from '@countermand/payment/test/memory-book.ts'
import { serviceInMemory } from '@countermand/testing/service-in-memory.ts'
import { z } from 'zod'

/** By these the sandbox's bank behaves (`docs` of the payment service). */
const paymentRefs = { pays: 'pay_ok_1', refuses: 'pay_refuse_1', down: 'pay_down_1', silent: 'pay_lost_2' } as const

/** One order in a shop: the four services with their real decisions, a carrier and a bank, all in memory. */

export interface ShopOptions {
  readonly orderId: string
  /** The sandbox carrier's prefix of the tracking number (`docs` of the logistics service). */
  readonly carrier?: 'OK' | 'REFUSE' | 'DOWN' | 'NORESUME'
  /** `down`: it does nothing in the first round. `silent`: in the first round it does it and loses its answers. */
  readonly bank?: keyof typeof paymentRefs
  readonly merchantApproval?: 'never' | 'always'
  readonly onSilence?: 'approve' | 'reject'
  /** Milliseconds that the merchant has. */
  readonly deadlineMs?: number
  /** Milliseconds after the order was placed in which it may be cancelled. */
  readonly windowMs?: number
  /** Parcels that are not handed over are held, and their labels given back after the refund. */
  readonly holds?: boolean
  /** False: inventory never hears of the order. */
  readonly reserved?: boolean
  /** It was placed before there were limits: of many lines, and with ids that intake would not take today. */
  readonly takenBefore?: true
  /** ISO 8601: when the customer asked. */
  readonly requestedAt?: string
  /** Hears every message that leaves a service, before anybody else does. True: nobody else does. */
  readonly intercept?: (message: OutgoingMessage) => boolean
}

const publicEvent = z.object({
  ...{ outcome: z.string().optional(), code: z.string().optional(), decision: z.string().optional() },
})
const { shipmentId } = exampleShipment

const meansOf = (data: unknown): string[] => {
  const means = refundChanged.safeParse(data).data?.afterClosing
  return means === undefined ? [] : [means]
}

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
const asBefore = (order: Omit<typeof exampleOrder, 'orderId'>) => {
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

const placedBy = ({ orderId, carrier = 'OK', bank = 'pays', takenBefore }: ShopOptions): PlacedOrder => {
  const order = {
    ...{ ...exampleOrder, orderId },
    tenders: exampleOrder.tenders.map((tender) => ({ ...tender, paymentRef: paymentRefs[bank] })),
    shipments: [{ ...exampleShipment, trackingNumber: `${carrier}-1` }],
  }
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

/** What the warehouse says to a parcel that it is to keep. */
export const heldFor = (
  { orderId, shipmentId }: Pick<ShipmentChanged, 'orderId' | 'shipmentId'>,
  requestId: string,
  held = true,
): OutgoingMessage => ({
  ...{ topic: topics.shipmentsTracking, key: orderId },
  value: JSON.stringify({ orderId, shipmentId, requestId, held, at: '2026-11-20T10:00:00Z' }),
  headers: eventHeaders({
    ...{ id: `held-${requestId}-${shipmentId}`, type: 'shipment.held.v1', source: 'warehouse' },
    ...{ time: '2026-11-20T10:00:00Z', subject: orderId },
  }),
})

const retries = { stepAttempts: 2, undoAttempts: 2, stepBackoffMs: 10 }

export const openShop = (options: ShopOptions) => {
  const { orderId, reserved = true } = options
  const bank = bankInMemory()
  const carrier = carrierInMemory()
  const orders = new Map<string, OrderState>()
  const reservations = new Map<string, Reservation>()
  const payments = new Map<string, Payment>()
  const stops = new Map<string, LogisticsOrder>()
  const story: string[] = []
  /** What the warehouse says of parcels that it is to keep: yes. */
  const warehouse: OutgoingMessage[] = []
  const letters: string[] = []
  const afterClosing: string[] = []
  const publicIds = new Set<string>()

  const send = (message: OutgoingMessage) => {
    const { topic, headers, value } = message
    if (topic.endsWith('.dlq')) letters.push(headers['dlq-reason'] ?? '')
    if (topic === topics.refunds) afterClosing.push(...meansOf(JSON.parse(String(value))))
    if (topic === topics.cancellations && !publicIds.has(headers.ce_id ?? '')) {
      publicIds.add(headers.ce_id ?? '')
      const { outcome, code, decision } = publicEvent.parse(JSON.parse(String(value)))
      const name = (headers.ce_type ?? '').replace(/^order\.cancellation\.(.*)\.v1$/, '$1')
      const parts = [name, decision, outcome === name ? undefined : outcome, code]
      story.push(parts.filter((each) => each !== undefined).join(' '))
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
  const { 'sandbox-card': card } = channels(bank)
  const { stepAttempts, stepBackoffMs } = retries
  const services = {
    order: serviceInMemory(order(samplePolicies(policy)), orders, send),
    inventory: serviceInMemory(inventory({ initialStock: 100 }), reservations, send),
    logistics: serviceInMemory(
      logistics(
        {
          orderPatienceMs: 1000,
          interceptPatienceMs: 60_000,
          holdPatienceMs: 60_000,
          labelPatienceMs: 60_000,
          labelVoid: options.holds === true ? 'after-refund' : 'by-carrier',
          ...retries,
        },
        carriers(carrier),
      ),
      stops,
      send,
    ),
    payment: serviceInMemory(
      payment(
        { stepAttempts, stepBackoffMs, refundPatienceMs: 60_000 },
        ofEachRoute(() => card),
      ),
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
      const { hold, ...parcel } = shipmentChanged.parse(JSON.parse(String(message.value)))
      if (hold !== undefined) warehouse.push(heldFor(parcel, hold))
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
    /** What refunds were said to mean after a person had decided, in order: each opens a case, but what is settled. */
    afterClosing,
    /** Hands a command to its service, and lets it finish what it has to do. */
    command: async (message: OutgoingMessage): Promise<void> => {
      const service = services[addresseeOf(message)]
      service.receive(message)
      for (const word of warehouse.splice(0)) services.logistics.receive(word)
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
        atTheBank: [...bank.moved().values()].reduce((sum, amount) => sum + amount, 0),
        stock: places.flatMap(([place, units]) => (units > 0 ? [place] : [])).join(', '),
        parcel: carrier.entries.get(shipmentId)?.state ?? 'as-sent',
      }
    },
  }
}

export type Shop = ReturnType<typeof openShop>
