import {
  type CancelRequested,
  type ChannelName,
  type DeadLetterReason,
  type OrderStatus,
  type PlacedOrder,
  type RefusalCode,
  type SagaOutcome,
  type SagaStage,
  type ShipmentStatus,
  topics,
} from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'
import { upstreamHeaders } from '@countermand/workflows/operations/reach/upstream.ts'
import type { Outside } from './outside.ts'

/** One saga from its order to its end: what goes in, and what is promised to come out. */
export interface Scenario {
  readonly name: string
  /** For people. */
  readonly title: string
  readonly paymentRef: string
  readonly channel: ChannelName
  /** Of its order; absent: EUR. */
  readonly currency?: string
  /** It was paid when it was placed, by a channel that does not say so by itself. */
  readonly paid?: true
  readonly parcel?: { readonly trackingNumber: string; readonly status: ShipmentStatus; readonly carrier?: string }
  /** What the merchant answers when asked (a parcel that has left asks for it, by `MERCHANT_APPROVAL=when-shipped`). */
  readonly merchant?: 'approve' | 'reject'
  /** How often the cancel event is published, 1 by default. */
  readonly copies?: number
  /** What comes before it on the same partition: something that cannot be used. */
  readonly behind?: { readonly message: (orderId: string) => OutgoingMessage; readonly deadLetter: DeadLetterReason }
  /** What somebody outside does once it was asked for. */
  readonly during?: (asked: Asked) => Promise<void>
  /** What its carrier's book has of the parcel at the end. */
  readonly inBook?: string
  readonly promise: Promised
}

/** A cancellation that was asked for, and what somebody outside may do about it. */
export interface Asked {
  readonly orderId: string
  readonly requestId: string
  readonly outside: Pick<Outside, 'publish'>
  /** What the stand-in of its carrier has of the parcel. */
  readonly inBook: () => Promise<string | undefined>
}

/** How it ends, in public and in each of the four services. */
export interface Promised {
  readonly outcome: SagaOutcome
  readonly code: RefusalCode | null
  readonly stage: SagaStage
  readonly order: OrderStatus
  /** Where both units of the order's one line are. */
  readonly stock: 'reserved' | 'aside' | 'shipped' | 'onSale'
  readonly parcel?: {
    readonly status: ShipmentStatus
    readonly stop: string
    /** By default as it was. */
    readonly trackingNumber?: string
  }
  readonly refund: 'succeeded' | 'failed' | 'none'
}

const brokenOff = (orderId: string): OutgoingMessage => ({
  topic: topics.cancelRequests,
  key: orderId,
  headers: upstreamHeaders('order.cancel.requested.v1', orderId),
  value: '{"requestId":"broken","requestedAt":',
})

const cancelled = {
  outcome: 'cancelled',
  code: null,
  stage: 'closed',
  order: 'cancelled',
  refund: 'succeeded',
} as const

export const scenarios: readonly Scenario[] = [
  {
    name: 'unshipped',
    title: 'An order that nobody has packed yet',
    paymentRef: 'pay_ok_1',
    channel: 'sandbox-card',
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    name: 'label-voided',
    title: 'The label is printed already: it is voided',
    paymentRef: 'pay_ok_2',
    channel: 'sandbox-wallet',
    parcel: { trackingNumber: 'OK-2', status: 'label-created' },
    promise: { ...cancelled, stock: 'onSale', parcel: { status: 'label-created', stop: 'label-voided' } },
  },
  {
    name: 'intercepted',
    title: 'The parcel is on its way: the merchant agrees, and the carrier turns it round after 3 s',
    paymentRef: 'pay_ok_3',
    channel: 'sandbox-card',
    parcel: { trackingNumber: 'SLOW-3000', status: 'in-transit' },
    merchant: 'approve',
    promise: { ...cancelled, stock: 'aside', parcel: { status: 'returning', stop: 'intercepted' } },
  },
  {
    name: 'delivered',
    title: 'The parcel is delivered: it is too late, and everything is as before',
    paymentRef: 'pay_ok_4',
    channel: 'sandbox-card',
    parcel: { trackingNumber: 'OK-4', status: 'delivered' },
    merchant: 'approve',
    promise: {
      outcome: 'compensated',
      code: 'intercept-failed',
      stage: 'confirming',
      order: 'delivered',
      stock: 'shipped',
      parcel: { status: 'delivered', stop: 'left-as-is' },
      refund: 'none',
    },
  },
  {
    name: 'refund-refused',
    title: 'The bank refuses the refund for good: parcel, stock and order are put back',
    paymentRef: 'pay_refuse_5',
    channel: 'sandbox-card',
    parcel: { trackingNumber: 'OK-5', status: 'label-created' },
    promise: {
      outcome: 'compensated',
      code: 'refund-refused',
      stage: 'refunding',
      order: 'paid',
      stock: 'reserved',
      parcel: { status: 'label-created', stop: 'resumed', trackingNumber: 'OK-5-N1' },
      refund: 'failed',
    },
  },
  {
    name: 'slow-refund',
    title: 'The bank accepts the refund, and makes it after 3 s',
    paymentRef: 'pay_slow_3000',
    channel: 'sandbox-card',
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    name: 'five-times',
    title: 'The same cancel event, published five times: one saga, one refund',
    paymentRef: 'pay_ok_7',
    channel: 'sandbox-wallet',
    copies: 5,
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    name: 'behind-malformed',
    title: 'A cancel event breaks off in the middle: it is put aside with the reason, and the one behind it goes on',
    paymentRef: 'pay_ok_8',
    channel: 'sandbox-card',
    behind: { message: brokenOff, deadLetter: 'unreadable-json' },
    promise: { ...cancelled, stock: 'onSale' },
  },
]

export const quantity = 2
/** Minor units: what the customer paid, and what a whole cancellation gives back. */
export const total = 3351

/** The order of a scenario: two mugs for 33.51 EUR. */
export const orderOf = (
  scenario: Pick<Scenario, 'channel' | 'paymentRef' | 'paid' | 'parcel' | 'currency'>,
  orderId: string,
  placedAt: string,
): PlacedOrder => ({
  orderId,
  customerId: 'cus-7',
  merchantId: 'mer-3',
  market: 'DE',
  currency: scenario.currency ?? 'EUR',
  placedAt,
  lines: [{ lineId: '1', sku: 'SKU-MUG', quantity, unitAmount: 1250, discountAmount: 100, taxAmount: 383 }],
  shippingAmount: 490,
  shippingTaxAmount: 78,
  tenders: [
    {
      ...{ tenderId: 't1', channel: scenario.channel, amount: total, paymentRef: scenario.paymentRef },
      ...(scenario.paid && { paidAt: placedAt }),
    },
  ],
  shipments:
    scenario.parcel === undefined ? [] : [{ shipmentId: `${orderId}-parcel`, carrier: 'sandbox', ...scenario.parcel }],
})

export const requestOf = (orderId: string, requestId: string, requestedAt: string): CancelRequested => ({
  requestId,
  orderId,
  requestedAt,
  initiator: { kind: 'customer', id: 'cus-7' },
  reason: { code: 'changed-mind', note: 'ordered by mistake' },
  refundTo: 'original',
})
