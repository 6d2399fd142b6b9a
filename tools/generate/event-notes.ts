import type { EventType, events } from '@countermand/contracts'
import { exampleOrder, exampleRequest, exampleShipment } from '@countermand/contracts/examples.ts'
import type { z } from 'zod'

/** What the documentation says of a message, and one as it may be sent. */
export interface Note<Data> {
  readonly summary: string
  readonly example: Data
}

const { orderId, merchantId, customerId, currency } = exampleOrder
const { requestId, initiator, reason } = exampleRequest
const lines = [{ lineId: '1', quantity: 1, sku: 'SKU-MUG' }]
const parcel = exampleShipment
const at = '2026-11-20T10:00:03Z'

const story = {
  requestId,
  orderId,
  merchantId,
  customerId,
  initiator,
  reason,
  amount: 1391,
  currency,
  lines,
  workflowId: `cancel-${orderId}-${requestId}`,
  at,
}

export const exampleTender = {
  tenderId: 't1',
  channel: 'sandbox-card',
  amount: 1391,
  currency,
  state: 'succeeded',
  destination: 'original',
} as const

const letter = { letterId: 'orders.placed.v1:2:4242', by: 'ada', at }

const refund = { ...exampleTender, refundId: 'refund-1', requestId, orderId, at }

/** Every event of the contracts. */
export const eventNotes = {
  'order.placed.v1': {
    summary:
      'A customer placed an order. Tenders add up to Σ(unitAmount·quantity − discountAmount + taxAmount) + shippingAmount + shippingTaxAmount. Placed again with the same content: ignored; with other content: a dead letter.',
    example: exampleOrder,
  },
  'order.accepted.v1': {
    summary: 'The order service checked a placed order, once for all: the same data, with its defaults filled in.',
    example: exampleOrder,
  },
  'shipment.updated.v1': {
    summary:
      'A carrier says where a parcel is. A parcel that is not known is created; news older than what is known is ignored, and what is dated more than five minutes ahead counts as of now.',
    example: { ...parcel, orderId, status: 'in-transit', at },
  },
  'shipment.changed.v1': {
    summary:
      'Logistics checked news of a parcel; `lineIds` always says which lines it holds. `lateIntercept`: it comes back though the intercept of this request was taken back, and a person looks at it; `lateDelivery`: it goes out though this request had it stopped, and a person looks at it.',
    example: { ...parcel, orderId, status: 'in-transit', at },
  },
  'stock.received.v1': {
    summary: 'The warehouse received units of a SKU. The key of the message is the SKU.',
    example: { sku: 'SKU-MUG', quantity: 40, at },
  },
  'order.cancel.requested.v1': {
    summary:
      'Somebody asks to cancel an order, or some of its lines; without `lines`, what is left of it. The same request id twice is one request; with other content it is a dead letter.',
    example: exampleRequest,
  },
  'order.cancel.decided.v1': {
    summary:
      'The merchant decided. A decision that comes before its request is kept and applied when its moment comes.',
    example: { requestId, orderId, decision: 'approve', by: merchantId },
  },
  'order.cancel.withdrawn.v1': {
    summary: 'The customer takes the request back, which works until the first refund is attempted.',
    example: { requestId, orderId, by: customerId },
  },
  'order.cancellation.started.v1': {
    summary: 'The request was accepted and the order is on hold.',
    example: story,
  },
  'order.cancellation.awaiting-merchant.v1': {
    summary: 'The merchant decides until `decideBy`; `onSilence` is what no decision means.',
    example: {
      ...story,
      decideBy: '2026-11-21T10:00:03Z',
      onSilence: 'approve',
      shipments: [{ shipmentId: parcel.shipmentId, status: 'in-transit' }],
    },
  },
  'order.cancellation.needs-attention.v1': {
    summary: 'The cancellation is stuck and waits for a person, who has these remedies.',
    example: {
      ...story,
      stage: 'refunding',
      attention: { reason: 'refund-in-doubt', error: 'the channel did not answer', since: at, remedies: ['retry'] },
    },
  },
  'order.cancellation.input-rejected.v1': {
    summary: 'A decision or withdrawal came that changes nothing, and why.',
    example: { requestId, orderId, input: 'withdraw', code: 'too-late', at },
  },
  'order.cancellation.completed.v1': {
    summary: 'An end: the order or these lines are cancelled, and the refunds add up to what was cancelled.',
    example: { ...story, outcome: 'lines-cancelled', stage: 'closed', refunds: [exampleTender] },
  },
  'order.cancellation.refused.v1': {
    summary: 'An end: the request was refused, and nothing has changed.',
    example: { ...story, outcome: 'refused', stage: 'verifying', code: 'window-closed' },
  },
  'order.cancellation.withdrawn.v1': {
    summary: 'An end: the request was withdrawn, and everything is as if it had not been made.',
    example: { ...story, outcome: 'withdrawn', stage: 'confirming', by: customerId },
  },
  'order.cancellation.compensated.v1': {
    summary: 'An end: a step said no, and what was done before it was taken back. `stage` is where it stopped.',
    example: { ...story, outcome: 'compensated', stage: 'confirming', code: 'intercept-failed' },
  },
  'refund.submitted.v1': {
    summary: 'A refund is given to its channel.',
    example: { ...refund, state: 'submitted' },
  },
  'refund.pending.v1': {
    summary: 'The channel accepted a refund; the money is on its way.',
    example: { ...refund, state: 'pending', expectedBy: '2026-11-30T10:00:03Z' },
  },
  'refund.succeeded.v1': { summary: 'The channel says that the money arrived.', example: refund },
  'refund.failed.v1': {
    summary: 'The channel refused a refund for good.',
    example: { ...refund, state: 'failed', failure: 'account closed' },
  },
  'refund.reversed.v1': {
    summary: 'The money of a refund that had succeeded came back.',
    example: { ...refund, state: 'reversed', failure: 'returned by the bank' },
  },
  'dead-letter.redriven.v1': {
    summary: 'An operator sent the message of a dead letter to its topic again, in one transaction with this record.',
    example: {
      ...letter,
      why: 'the database is well again',
      to: { topic: 'orders.placed.v1', partition: 2, offset: '4711' },
      edited: false,
      redrives: 1,
    },
  },
  'dead-letter.discarded.v1': {
    summary: 'An operator decided that a dead letter needs nothing more.',
    example: { ...letter, why: 'a test of checkout' },
  },
} satisfies { readonly [Type in EventType]: Note<z.input<(typeof events)[Type]['data']>> }
