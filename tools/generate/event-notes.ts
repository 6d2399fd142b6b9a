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

const operationId = '3f6c1a52-7c0b-4a5e-9f0e-2b8d4c1e6a70'
const letter = { letterId: 'orders.placed.v1:2:4242', by: 'ada', at }

const refund = { ...exampleTender, refundId: 'refund-1', requestId, orderId, at }

/** Every event of the contracts. */
export const eventNotes = {
  'order.placed.v1': {
    summary:
      'A customer placed an order. Tenders add up to Σ(unitAmount·quantity − discountAmount + taxAmount) + shippingAmount + shippingTaxAmount + roundingAmount. Placed again with the same content: ignored; with other content: a dead letter.',
    example: exampleOrder,
  },
  'order.accepted.v1': {
    summary: 'The order service checked a placed order, once for all: the same data, with its defaults filled in.',
    example: exampleOrder,
  },
  'order.changed.v1': {
    summary:
      'An order was edited after it was placed: lines that were added, lines as they are from now on, lines of which nothing is left; tenders that were added, and what others hold from now on; shipping and rounding. What is not named stays. Afterwards tenders add up to the total, as when it was placed; cancelled units stay cancelled, and keep their price. While a cancellation is open the change waits for its end. What does not fit is a dead letter, or, after it has waited, an `order.change.refused.v1`.',
    example: {
      ...{ orderId, changeId: 'chg-1', at },
      lines: {
        added: [{ lineId: '2', sku: 'SKU-CUP', quantity: 1, unitAmount: 900, discountAmount: 0, taxAmount: 171 }],
        changed: [],
        removed: [],
      },
      tenders: {
        added: [{ tenderId: 't2', channel: 'sandbox-card', amount: 1071, paymentRef: 'pay_ok_2' }],
        changed: [],
      },
    },
  },
  'order.amended.v1': {
    summary:
      'The order service took a change: the whole order as it is now. Versions count from 1, the order as it was placed; an older version is no news. A command with an `orderVersion` waits until that version was heard of.',
    example: {
      ...exampleOrder,
      ...{ version: 2, changeId: 'chg-1' },
      lines: [
        ...exampleOrder.lines,
        { lineId: '2', sku: 'SKU-CUP', quantity: 1, unitAmount: 900, discountAmount: 0, taxAmount: 171 },
      ],
      tenders: [
        ...exampleOrder.tenders,
        { tenderId: 't2', channel: 'sandbox-card', amount: 1071, paymentRef: 'pay_ok_2' },
      ],
    },
  },
  'order.change.refused.v1': {
    summary:
      'A change that waited for the end of a cancellation was not made, since it does not fit the order any more. The order stays as it is.',
    example: {
      ...{ orderId, changeId: 'chg-1', code: 'lines', at },
      message: 'expected 2 or more of line 1, which are cancelled, got 1',
    },
  },
  'shipment.updated.v1': {
    summary:
      'A carrier says where a parcel is. A parcel that is not known is created; news older than what is known is ignored, and what is dated more than five minutes ahead counts as of now.',
    example: { ...parcel, orderId, status: 'in-transit', at },
  },
  'shipment.changed.v1': {
    summary:
      'Logistics checked news of a parcel; `lineIds` always says which lines it holds, `lines` how many units of each, where that is known. `lateIntercept`: it comes back though the intercept of this request was taken back, and a person looks at it; `hold`: the warehouse keeps it where it is, until an event without; `lateDelivery`: it goes out though this request had it stopped, and a person looks at it; `lateReturn`: one of these is back, and nobody has to look at it any more.',
    example: { ...parcel, orderId, status: 'in-transit', at },
  },
  'shipment.held.v1': {
    summary:
      'The warehouse keeps a parcel where it is, as `hold` of `shipment.changed.v1` asked for this request; with `held: false` it cannot, and the cancellation is turned back. Asked for, and not answered within `HOLD_PATIENCE`, is no as well. A later `shipment.changed.v1` without `hold` lets the parcel go on.',
    example: { orderId, shipmentId: parcel.shipmentId, requestId, held: true, at },
  },
  'label.wanted.v1': {
    summary:
      'The label of a parcel was voided, its cancellation came to nothing, and its carrier makes no label by itself: the shop makes a new one and says its number by `shipment.updated.v1`. Until then the cancellation waits; after `dueBy` a person is asked. Asked again by a person: another event for the same parcel.',
    example: {
      ...{ orderId, shipmentId: parcel.shipmentId, requestId, carrier: parcel.carrier },
      ...{ replaces: parcel.trackingNumber, dueBy: '2026-11-21T10:00:03Z', lineIds: ['1'] },
    },
  },
  'payment.captured.v1': {
    summary:
      'A payment that was only held (`state: authorized` of its tender) was taken, so much of it. Until then a refund of it voids it, or says by `captureAtMost` of `refund.succeeded.v1` how much is still to be taken; where more was taken than that, the refund is reversed.',
    example: { orderId, tenderId: 't1', amount: 4200, at },
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
      'The merchant decided: `by` is the order’s merchant, or one of the policy `DECISIONS_FROM`, else it is answered `not-allowed`. A decision that comes before its request is kept and applied when its moment comes.',
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
  'order.cancellation.decided.v1': {
    summary:
      'It is decided whether the request is granted: `by` is the merchant, `policy:silence` when the deadline passed without a word, or `operator`. What was approved goes on; what was rejected ends as `order.cancellation.refused.v1` once all is as before.',
    example: { ...story, decision: 'approve', by: merchantId },
  },
  'order.cancellation.needs-attention.v1': {
    summary:
      'The cancellation is stuck and waits for a person, who has these remedies. After it comes `order.cancellation.resumed.v1` or an end.',
    example: {
      ...story,
      stage: 'refunding',
      attention: {
        reason: 'refund-in-doubt',
        error: 'it is not known whether a refund has moved money',
        since: at,
        remedies: ['retry'],
      },
    },
  },
  'order.cancellation.resumed.v1': {
    summary:
      'What needed attention does not any more: a person `decided`, what it waited for was `answered` after all, or its program has `recovered`. The cancellation goes on.',
    example: { ...story, attention: { reason: 'refund-in-doubt', since: at }, because: 'decided' },
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
  'carrier.notified.v1': {
    summary:
      'A carrier told that something happened to a parcel, or to a stop of it, in a way that cannot be checked word by word. Logistics asks the carrier at once what has become of a stop that it took on, and where the parcel is, where it can be asked that; of the notification itself nothing is believed.',
    example: {
      ...{ orderId, shipmentId: parcel.shipmentId, carrier: 'ups', trackingNumber: '1Z204W4R0308071865' },
      ...{ account: 'ups-us', provider: 'ups', notificationId: '5f2a8c0d', kind: 'look', occurredAt: at },
    },
  },
  'channel.notified.v1': {
    summary:
      'A payment provider told of a refund or a payment, and its signature was checked. Payment looks at once how the refund is; the notification itself is believed only where the provider cannot be asked. `foreign-refund` and `dispute` say that money goes back and not by us: so much less of the payment is left to give back, and while a dispute is open nobody is asked for a refund of it. The same `providerRef` counts once. With `inAll` its amount is a total, of which payment takes off what it knows.',
    example: {
      ...{ orderId, account: 'stripe-eu', provider: 'stripe', notificationId: 'evt_1', kind: 'look' },
      ...{ refundId: refund.refundId, tenderId: 't1', providerRef: 're_1', occurredAt: at },
    },
  },
  'feedback.given.v1': {
    summary:
      'What a customer thought of a cancellation that is over: 1 (very bad) to 5, and their own words. Given again with other content it is another feedback, which counts in place of the first.',
    example: {
      ...{ feedbackId: 'feedback-1', orderId, requestId, score: 5, text: 'That was quick.' },
      ...{ language: 'en', channel: 'web', at },
    },
  },
  'store-credit.changed.v1': {
    summary:
      'What there is to spend of a store credit, or of a gift card as far as refunds have put it there (`giftCardId`), has changed: a refund went there, or something was spent. `entryId` names the posting of the ledger; an event of the same one is a duplicate.',
    example: {
      ...{ accountId: 'sc_5f2a8c0d1e3b4a6978c0d1e2', customerId, balance: 1391, currency },
      ...{ entryId: 'refund-1/succeeded', at },
    },
  },
  'store-credit.spent.v1': {
    summary:
      'Checkout spends of a credit, by the `accountId` of `store-credit.changed.v1`, which is the key of the message. It was spent when `store-credit.changed.v1` says so with its `spendId`; else `store-credit.spend-refused.v1` says why not. The same `spendId` again spends nothing again.',
    example: {
      ...{ accountId: 'sc_5f2a8c0d1e3b4a6978c0d1e2', spendId: 'checkout-77', amount: 500, currency },
      ...{ spentOn: 'ord-1002', at },
    },
  },
  'store-credit.spend-refused.v1': {
    summary:
      'Nothing was spent: there is no such account in this currency, it has too little (`balance` is what it has), or the `spendId` was spent before with another amount.',
    example: {
      ...{ accountId: 'sc_5f2a8c0d1e3b4a6978c0d1e2', spendId: 'checkout-78', amount: 5000, currency },
      ...{ code: 'too-little', balance: 891, at },
    },
  },
  'gift-card.changed.v1': {
    summary:
      'Whether money can be put on a gift card; a card that nobody said anything of is active. A refund to one that is expired or deactivated waits (`refund.action-required.v1`, `who: merchant`) until it is active again, or a person has given its holder another; it never goes elsewhere by itself. The key of the message is the `giftCardId`; the later word counts.',
    example: { giftCardId: 'gift-31', status: 'expired', at },
  },
  'reconciliation.asked.v1': {
    summary:
      'An operator asks payment to compare its books with what its providers say of a span of time (`saga reconcile`). What differs is kept, and posted to suspense; no money moves by it. The same `reconciliationId` again is the same one. The key of the message is the `reconciliationId`.',
    example: {
      ...{ reconciliationId: 'rec-7', account: 'stripe-eu', from: '2026-11-19T00:00:00Z', to: '2026-11-20T00:00:00Z' },
      ...{ by: 'ana', at },
    },
  },
  'difference.resolved.v1': {
    summary:
      'Somebody has found out why our books and a provider’s differ: what is in suspense for it becomes a matter of sales, and it is not found again. The key of the message is the `differenceId`.',
    example: {
      differenceId: 'dif_5f2a8c0d1e3b4a6978c0d1e2',
      by: 'ana',
      reason: 'refunded by support, ticket 4711',
      at,
    },
  },
  'refund.submitted.v1': {
    summary: 'A refund is given to its channel.',
    example: { ...refund, state: 'submitted' },
  },
  'refund.pending.v1': {
    summary: 'The channel accepted a refund; the money is on its way.',
    example: { ...refund, state: 'pending', expectedBy: '2026-11-30T10:00:03Z' },
  },
  'refund.action-required.v1': {
    summary: 'The channel accepted a refund and waits for somebody: `action` says for whom, and what they have to do.',
    example: {
      ...{ ...refund, state: 'action-required' },
      action: { who: 'customer', what: 'tell the bank account that the money is to go to' },
    },
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
  'operation.requested.v1': {
    summary:
      'A person asks the operations process for something from a screen: to drive sagas on, to hold intake or let it in, to deal with a dead letter, or to look. With `dryRun` it says what would be done. The same `operationId` again is the same deed, done once; one that is older than a quarter of an hour is not begun any more. The key of the message is the `operationId`.',
    example: {
      ...{ operationId, dryRun: false, by: 'Ana', reason: 'the carrier is well again, ticket 4711', at },
      wanted: {
        kind: 'retry',
        sagas: [{ orderId, requestId, parked: { step: 'stop-parcels', direction: 'do', round: 1 } }],
      },
    },
  },
  'operation.answered.v1': {
    summary:
      'What came of what a person asked of operations; of a dry run, what would. The key of the message is the `operationId`.',
    example: {
      ...{ operationId, dryRun: false, at },
      answer: {
        kind: 'sagas',
        sagas: [{ orderId, requestId, result: 'done', text: 'it goes on: refunding', done: [] }],
      },
    },
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
