import { randomUUID } from 'node:crypto'
import { type DeadLetterReason, events, topics } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'
import { upstreamHeaders } from '@countermand/tools/shop/outside.ts'
import { orderOf, requestOf, scenarios } from '@countermand/tools/shop/scenarios.ts'

/** A message that cannot be used, and what its dead letter says. */
export interface BadInput {
  readonly name: string
  readonly reason: DeadLetterReason
  /** What its error tells a stranger. */
  readonly says: string
  /** The message with this key: valid but for what is named. */
  readonly message: (orderId: string) => OutgoingMessage
}

const at = '2026-11-20T09:00:00Z'
const [plain] = scenarios
if (plain === undefined) throw new Error('expected a scenario')

const placed = (orderId: string, changes: object = {}): OutgoingMessage => ({
  topic: topics.ordersPlaced,
  key: orderId,
  headers: upstreamHeaders('order.placed.v1', orderId),
  value: JSON.stringify({ ...orderOf(plain, orderId, at), ...changes }),
})

const asked = (orderId: string, changes: object = {}): OutgoingMessage => ({
  topic: topics.cancelRequests,
  key: orderId,
  headers: upstreamHeaders('order.cancel.requested.v1', orderId),
  value: JSON.stringify({ ...requestOf(orderId, randomUUID(), new Date().toISOString()), ...changes }),
})

const line = { lineId: '1', sku: 'SKU-MUG', quantity: 2, unitAmount: 1250, discountAmount: 100, taxAmount: 383 }
const tender = { tenderId: 't1', channel: 'sandbox-card', amount: 3351, paymentRef: 'pay_ok' }
const without = (message: OutgoingMessage, header: string): OutgoingMessage => ({
  ...message,
  headers: Object.fromEntries(Object.entries(message.headers).filter(([name]) => name !== header)),
})

const bad = (name: string, reason: DeadLetterReason, says: string, message: BadInput['message']): BadInput => ({
  name,
  reason,
  says,
  message,
})

const tracking = (orderId: string, changes: object): OutgoingMessage => ({
  topic: topics.shipmentsTracking,
  key: orderId,
  headers: upstreamHeaders('shipment.updated.v1', orderId),
  value: JSON.stringify({
    ...{ shipmentId: 'shp', orderId, carrier: 'sandbox', trackingNumber: 'OK-1', status: 'in-transit', at },
    ...changes,
  }),
})

/** Every kind of dead letter that upstream can cause, on each topic that it writes to. */
export const badInputs: readonly BadInput[] = [
  bad('an order of unreadable JSON', 'unreadable-json', 'JSON', (id) => ({ ...placed(id), value: '{"orderId":' })),
  bad('an order that is a list', 'not-an-object', 'object', (id) => ({ ...placed(id), value: '[]' })),
  bad('an order without ce_id', 'missing-headers', 'ce_', (id) => without(placed(id), 'ce_id')),
  bad('an order of an unknown type', 'unknown-type', 'order.moved.v1', (id) => {
    const message = placed(id)
    return { ...message, headers: { ...message.headers, ce_type: 'order.moved.v1' } }
  }),
  bad('an order without a merchant', 'invalid-data', 'merchantId', (id) => placed(id, { merchantId: undefined })),
  bad('an order with a market that is a number', 'invalid-data', 'market', (id) => placed(id, { market: 7 })),
  bad('tenders that do not add up', 'invalid-data', 'add up to 3351', (id) =>
    placed(id, { tenders: [{ ...tender, amount: 3350 }] }),
  ),
  bad('a negative amount', 'invalid-data', 'unitAmount', (id) => placed(id, { lines: [{ ...line, unitAmount: -1 }] })),
  bad('a fraction of a cent', 'invalid-data', 'unitAmount', (id) =>
    placed(id, { lines: [{ ...line, unitAmount: 12.5 }] }),
  ),
  bad('a quantity of nothing', 'invalid-data', 'quantity', (id) => placed(id, { lines: [{ ...line, quantity: 0 }] })),
  bad('a channel that is not listed', 'invalid-data', 'channel', (id) =>
    placed(id, { tenders: [{ ...tender, channel: 'barter' }] }),
  ),
  bad('an unknown currency', 'invalid-data', 'ISO 4217', (id) => placed(id, { currency: 'EUX' })),
  bad('a date of another format', 'invalid-data', 'RFC 3339', (id) => placed(id, { placedAt: '20.11.2026' })),
  bad('an id of 129 characters', 'invalid-data', '128', (id) => placed(id, { merchantId: 'm'.repeat(129) })),
  bad("a key that is not the order's id", 'key-mismatch', 'key', (id) => placed(id, { orderId: `${id}-other` })),
  bad('a parcel of an unknown status', 'invalid-data', 'status', (id) => tracking(id, { status: 'vanished' })),
  bad('a cancel event of unreadable JSON', 'unreadable-json', 'JSON', (id) => ({ ...asked(id), value: 'cancel it' })),
  bad('a cancel event without an order', 'invalid-data', 'orderId', (id) => asked(id, { orderId: undefined })),
  bad('a reason that is not listed', 'invalid-data', 'reason.code', (id) => asked(id, { reason: { code: 'bored' } })),
  bad('half a unit to cancel', 'invalid-data', 'quantity', (id) =>
    asked(id, { lines: [{ lineId: '1', quantity: 0.5 }] }),
  ),
  bad('a note of 200 KB', 'invalid-data', '2,000', (id) =>
    asked(id, { reason: { code: 'other', note: 'x'.repeat(200_000) } }),
  ),
  bad('a note of 900 KB', 'invalid-data', '262,144 bytes', (id) =>
    asked(id, { reason: { code: 'other', note: 'x'.repeat(900_000) } }),
  ),
  bad('an order of 501 lines', 'invalid-data', 'lines: expected at most 500 entries, got 501', (id) =>
    placed(id, { lines: Array.from({ length: 501 }, (_, place) => ({ ...line, lineId: String(place) })) }),
  ),
  bad('a decision that is neither', 'invalid-data', 'decision', (id) => ({
    topic: events['order.cancel.decided.v1'].topic,
    key: id,
    headers: upstreamHeaders('order.cancel.decided.v1', id),
    value: JSON.stringify({ requestId: 'req', orderId: id, decision: 'perhaps', by: 'mer-3' }),
  })),
]
