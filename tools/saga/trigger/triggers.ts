import { randomUUID } from 'node:crypto'
import type { CancelRequested, EventType, PlacedOrder, ShipmentStatus } from '@countermand/contracts'
import { inShell, shellCommand } from '@countermand/contracts/shown.ts'
import type { OutgoingMessage } from '@countermand/kafka'
import { upstreamMessage } from '@countermand/workflows/operations/reach/upstream.ts'
import { orderOf, requestOf, type Scenario, scenarios } from '../../shop/scenarios.ts'
import { orderFrom } from '../../shop/wish.ts'

/** What is known when something is triggered. */
export interface Given {
  /** The order and request that it is about, for what needs one. */
  readonly orderId: string | undefined
  readonly requestId: string | undefined
  readonly ref: string
  readonly tracking: string | undefined
  readonly status: ShipmentStatus
  readonly lines: CancelRequested['lines'] | undefined
  readonly decision: 'approve' | 'reject'
  readonly by: string | undefined
}

/** What is published, and the commands that lead on. */
export interface Triggered {
  readonly orderId: string
  readonly requestId: string | null
  readonly messages: readonly OutgoingMessage[]
  readonly next: readonly string[]
}

/** One kind of thing that a shop does. */
export interface Trigger {
  readonly name: string
  readonly story: string
  /** What it has to be told of. */
  readonly needs?: 'order' | 'request'
  make(given: Given): Triggered
}

const now = (): string => new Date().toISOString()

const event = (type: EventType, orderId: string, data: unknown) => upstreamMessage(type, orderId, data)

const placed = (order: PlacedOrder): OutgoingMessage => event('order.placed.v1', order.orderId, order)

/** Throws unless it is given. */
const expectId = (id: string | undefined, what: 'order' | 'request'): string => {
  if (id === undefined) throw new Error(`expected --${what} <id>: which ${what} it is about`)
  return id
}

const showIt = (requestId: string): string[] => [
  shellCommand('saga tail', requestId, '--since 1m'),
  shellCommand('saga show', requestId),
]

const newOrder = ({ ref, tracking, status }: Given): PlacedOrder =>
  orderFrom({
    name: 'trigger',
    tenders: [{ ref }],
    parcels: tracking === undefined ? [] : [{ number: tracking, status }],
  })

const place: Trigger = {
  name: 'placed',
  story: 'an order of two mugs for 33.51 EUR, with a parcel when --tracking is given',
  make: (given) => {
    const order = newOrder(given)
    return {
      ...{ orderId: order.orderId, requestId: null, messages: [placed(order)] },
      next: [`saga trigger cancel --order ${inShell(order.orderId)}`, shellCommand('saga show', order.orderId)],
    }
  },
}

const changed: Trigger = {
  name: 'changed',
  story: 'the shop adds a cup for 10.71 EUR to --order, paid with --ref; while a cancellation is open, that waits',
  needs: 'order',
  make: ({ orderId, ref }) => {
    const order = expectId(orderId, 'order')
    const changeId = randomUUID()
    const cup = { lineId: `cup-${changeId}`, sku: 'SKU-CUP', quantity: 1, unitAmount: 900, taxAmount: 171 }
    const tender = { tenderId: `t-${changeId}`, channel: 'sandbox-card', amount: 1071, paymentRef: ref }
    const data = { orderId: order, changeId, at: now(), lines: { added: [cup] }, tenders: { added: [tender] } }
    return {
      ...{ orderId: order, requestId: null, messages: [event('order.changed.v1', order, data)] },
      next: [shellCommand('saga show', order)],
    }
  },
}

const cancel: Trigger = {
  name: 'cancel',
  story: 'a customer asks to cancel --order, or a new order; --lines for a part of it',
  make: (given) => {
    const order = given.orderId === undefined ? newOrder(given) : undefined
    const orderId = given.orderId ?? order?.orderId ?? ''
    const requestId = given.requestId ?? randomUUID()
    const request = {
      ...requestOf(orderId, requestId, now()),
      ...(given.lines === undefined ? {} : { lines: given.lines }),
    }
    return {
      ...{ orderId, requestId },
      messages: [...(order === undefined ? [] : [placed(order)]), event('order.cancel.requested.v1', orderId, request)],
      next: showIt(requestId),
    }
  },
}

const decide: Trigger = {
  name: 'decide',
  story: "the merchant's system decides about --request: --decision approve or reject",
  needs: 'request',
  make: ({ orderId, requestId, decision, by = 'mer-3' }) => {
    const request = expectId(requestId, 'request')
    const order = expectId(orderId, 'order')
    const data = { requestId: request, orderId: order, decision, by }
    return {
      orderId: order,
      requestId: request,
      messages: [event('order.cancel.decided.v1', order, data)],
      next: showIt(request),
    }
  },
}

const withdraw: Trigger = {
  name: 'withdraw',
  story: 'the customer takes --request back',
  needs: 'request',
  make: ({ orderId, requestId, by = 'cus-7' }) => {
    const request = expectId(requestId, 'request')
    const order = expectId(orderId, 'order')
    const data = { requestId: request, orderId: order, by }
    return {
      orderId: order,
      requestId: request,
      messages: [event('order.cancel.withdrawn.v1', order, data)],
      next: showIt(request),
    }
  },
}

const shipped: Trigger = {
  name: 'shipped',
  story: "the carrier's gateway tells of a parcel of --order: --tracking, --status",
  needs: 'order',
  make: ({ orderId, tracking = 'OK-1', status }) => {
    const order = expectId(orderId, 'order')
    const data = {
      shipmentId: `${order}-parcel-1`,
      orderId: order,
      carrier: 'sandbox',
      trackingNumber: tracking,
      status,
      at: now(),
    }
    return {
      orderId: order,
      requestId: null,
      messages: [event('shipment.updated.v1', order, data)],
      next: [shellCommand('saga show', order)],
    }
  },
}

/** A scenario of the demo, without its merchant's answer: that is for whoever triggers it. */
const ofScenario = (scenario: Scenario): Trigger => ({
  name: scenario.name,
  story: scenario.title,
  make: () => {
    const orderId = `ord-${scenario.name}-${randomUUID().slice(0, 8)}`
    const requestId = randomUUID()
    const asked = event('order.cancel.requested.v1', orderId, requestOf(orderId, requestId, now()))
    const decision =
      scenario.merchant === undefined
        ? []
        : [`saga trigger decide --request ${requestId} --decision ${scenario.merchant}`]
    return {
      ...{ orderId, requestId },
      messages: [
        ...(scenario.behind === undefined ? [] : [scenario.behind.message(orderId)]),
        placed(orderOf(scenario, orderId, now())),
        ...Array.from({ length: scenario.copies ?? 1 }, () => asked),
      ],
      next: [...decision, ...showIt(requestId)],
    }
  },
})

export const triggers: readonly Trigger[] = [
  place,
  changed,
  cancel,
  decide,
  withdraw,
  shipped,
  ...scenarios.map(ofScenario),
]

/** Throws, naming them, when there is none of this name. */
export const triggerNamed = (name: string): Trigger => {
  const found = triggers.find((each) => each.name === name)
  if (found === undefined)
    throw new Error(`expected one of ${triggers.map((each) => each.name).join(', ')}, got ${name}`)
  return found
}
