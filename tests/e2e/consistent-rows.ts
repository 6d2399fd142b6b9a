/**
 * Rows as the services leave them, for the rules of `verify` to be tried on: `ord-1` was cancelled with its parcel turned round,
 * `ord-2` came to nothing, `ord-3` is on hold. Of `ord-4` a person closed the refund without knowing its tenders: its channel pays it.
 */

const request = (requestId: string, orderId: string) =>
  JSON.stringify({
    requestId,
    orderId,
    requestedAt: '2026-11-20T10:00:00Z',
    initiator: { kind: 'customer' },
    reason: { code: 'other' },
  })

const begun = JSON.stringify({ amount: 500, lines: [{ lineId: '1', sku: 'SKU', quantity: 2 }] })

export const told = (orderId: string, requestId: string, type: string, eventId: string): string => `
  insert into outbox (topic, key, headers, value, slot, writer, published_at)
  values ('orders.cancellations.v1', convert_to('${orderId}', 'UTF8'),
    '{"ce_type": "order.cancellation.${type}.v1", "ce_id": "${orderId}/${requestId}/${eventId}"}', convert_to('{"requestId": "${requestId}"}', 'UTF8'), 0, 'test', now())`

export const order = (orderId: string, status: string, heldBy: string | null, cancelled: number): string => `
  insert into orders (order_id, status, status_before, held_by, customer_id, merchant_id, market, currency, placed_at, placed, parcels)
  values ('${orderId}', '${status}', ${heldBy === null ? 'null, null' : `'paid', '${heldBy}'`}, 'cus', 'mer', 'DE', 'EUR', now(), '{}', '[]');
  insert into order_lines (order_id, line_id, sku, quantity, cancelled) values ('${orderId}', '1', 'SKU', 2, ${cancelled})`

export const asked = (requestId: string, orderId: string, status: string, ending: object | null): string => `
  insert into requests (request_id, order_id, status, request, begun, ending, started_at, ended_at)
  values ('${requestId}', '${orderId}', '${status}', '${request(requestId, orderId)}', ${status === 'asked' ? 'null' : `'${begun}'`},
    ${ending === null ? 'null, now(), null' : `'${JSON.stringify(ending)}', now(), now()`})`

export const cancelledEnd = { outcome: 'cancelled', stage: 'closed', refunds: [{ tenderId: 't1', amount: 500 }] }
export const compensatedEnd = { outcome: 'compensated', code: 'refund-refused', stage: 'refunding' }

export const reserved = (
  orderId: string,
  holds: object[],
  units: { aside: number; reserved: number },
  sku = 'SKU',
): string => `
  insert into reservations (order_id, parcels, holds) values ('${orderId}', '[]', '${JSON.stringify(holds)}');
  insert into reservation_lines (order_id, line_id, sku, quantity, reserved, aside, shipped, on_sale, written_off)
  values ('${orderId}', '1', '${sku}', 2, ${units.reserved}, ${units.aside}, 0, 0, 0)`

export const hold = (requestId: string, returned: boolean, quantity = 2) => ({
  requestId,
  returned,
  lines: [{ lineId: '1', sku: 'SKU', quantity, from: 'shipped' }],
})

export const stopped = (orderId: string, requestId: string, phase: string, state: string, carrier: string): string => `
  insert into logistics_orders (order_id, lines) values ('${orderId}', '[]');
  insert into shipments (order_id, shipment_id, place, carrier, tracking_number, earlier_tracking_numbers, status, line_ids)
  values ('${orderId}', 'shp', 0, 'sandbox', 'OK-1', '[]', 'in-transit', '["1"]');
  insert into stops (order_id, request_id, place, phase, round, answered, whole, lines, parcels)
  values ('${orderId}', '${requestId}', 0, '${phase}', 1, true, true, '[]', '[{"shipmentId": "shp", "progress": {"state": "${state}", "at": "2026-11-20T10:00:00.000Z"}}]');
  insert into sandbox.carrier_book (order_id, shipment_id, tracking_number, state) values ('${orderId}', 'shp', 'OK-1', '${carrier}')`

export const tender = (orderId: string, refunded: number): string => `
  insert into tenders (order_id, tender_id, position, channel, payment_ref, captured, refunded)
  values ('${orderId}', 't1', 0, 'sandbox-card', 'pay_ok', 500, ${refunded})`

export const entry = (
  orderId: string,
  requestId: string | null,
  kind: string,
  amount: number,
  at = 'now()',
): string => `
  insert into ledger (order_id, entry_id, tender_id, request_id, refund_id, kind, amount, at)
  values ('${orderId}', '${kind}', 't1', ${requestId === null ? 'null, null' : `'${requestId}', 'ref-${requestId}'`}, '${kind}', ${amount}, ${at})`

export const refund = (orderId: string, requestId: string, state: string, amount = 500): string => `
  insert into refunds (order_id, refund_id, position, request_id, tender_id, idempotency_key, amount, currency, destination, round,
    replaced, state, calling, in_doubt, attempts)
  values ('${orderId}', 'ref-${requestId}', 0, '${requestId}', 't1', '${requestId}/t1', ${amount}, 'EUR', 'original', 1,
    false, '${state}', false, false, 1)`

/** `when`: the column that says what the channel made of it: `moves_at`, `refused_at`. */
export const booked = (orderId: string, requestId: string, when: string, amount = 500): string => `
  insert into sandbox.channel_book (idempotency_key, order_id, tender_id, payment_ref, amount, currency, ${when})
  values ('${requestId}/t1', '${orderId}', 't1', 'pay_ok', ${amount}, 'EUR', now())`

export const refunded = (orderId: string, requestId: string): string =>
  [
    tender(orderId, 500),
    entry(orderId, null, 'capture', 500),
    entry(orderId, requestId, 'refund', 500),
    refund(orderId, requestId, 'succeeded'),
    booked(orderId, requestId, 'moves_at'),
  ].join(';')

const skip = {
  what: 'resolved',
  step: 'refund',
  direction: 'do',
  round: 1,
  decision: 'skip',
  settled: [{ amount: 500 }],
}

/** A person closed the request's refund without knowing its tenders, and said that all of it was given by hand. */
export const skippedUnseen = (requestId: string): string => `
  insert into request_records (request_id, key, position, record, at)
  values ('${requestId}', 'resolved.refund-do-1.1', 0, '${JSON.stringify(skip)}', now())`

/** So payment keeps it: no tender waited for it. */
export const closedUnseen = (orderId: string, requestId: string, closedAt = 'now()'): string => `
  insert into pivots (order_id, request_id, crossed_at, closed_at, settled)
  values ('${orderId}', '${requestId}', now(), ${closedAt}, '[{"amount": 500}]')`

/** A row of `stock` that fits the lines: so many reserved and aside of 1,000. */
export const stock = (sku: string, units: { reserved: number; aside: number }): string => `
  insert into stock (sku, received, on_sale, reserved, aside)
  values ('${sku}', 1000, ${1000 - units.reserved - units.aside}, ${units.reserved}, ${units.aside})`

/** Values that are no JSON, or none that PostgreSQL keeps as `jsonb`: what reads rows reads around them. */
const unreadable = ['{"requestId": ', String.raw`{"requestId": "req-1", "note": "\u0000"}`].map((text) =>
  Buffer.from(text).toString('base64'),
)

const unreadablyTold = unreadable.map(
  (value) => `
  insert into outbox (topic, key, headers, value, slot, writer, published_at)
  values ('orders.cancellations.v1', convert_to('ord-1', 'UTF8'),
    '{"ce_type": "order.cancellation.started.v1", "ce_id": "ord-1/req-1/x"}', decode('${value}', 'base64'), 0, 'test', now())`,
)

const unreadablyWaiting = unreadable.map(
  (value, offset) => `
  insert into waiting (order_id, message_id, topic, partition, "offset", key, headers, value)
  values ('ord-1', 'ord-1/req-1/set-stock-aside/do/${offset + 1}', 'inventory.commands.v1', 0, ${offset}, 'ord-1',
    '{"ce_type": "SetStockAside"}', decode('${value}', 'base64'))`,
)

export const consistent = {
  order: [
    order('ord-1', 'cancelled', null, 2),
    asked('req-1', 'ord-1', 'confirmed', cancelledEnd),
    told('ord-1', 'req-1', 'completed', 'end-1'),
    order('ord-2', 'paid', null, 0),
    asked('req-2', 'ord-2', 'abandoned', compensatedEnd),
    told('ord-2', 'req-2', 'compensated', 'end-2'),
    asked('req-3', 'ord-3', 'holding', null),
    order('ord-3', 'on-hold', 'req-3', 0),
    order('ord-4', 'cancelled', null, 2),
    asked('req-4', 'ord-4', 'confirmed', cancelledEnd),
    skippedUnseen('req-4'),
    told('ord-4', 'req-4', 'completed', 'end-4'),
    ...unreadablyTold,
  ],
  inventory: [
    stock('SKU', { reserved: 4, aside: 4 }),
    reserved('ord-1', [hold('req-1', true)], { aside: 2, reserved: 0 }),
    reserved('ord-2', [], { aside: 0, reserved: 2 }),
    reserved('ord-3', [], { aside: 0, reserved: 2 }),
    reserved('ord-4', [hold('req-4', true)], { aside: 2, reserved: 0 }),
    ...unreadablyWaiting,
  ],
  logistics: [
    stopped('ord-1', 'req-1', 'stopping', 'intercepted', 'intercepted'),
    stopped('ord-2', 'req-2', 'resumed', 'resumed', 'as-sent'),
    stopped('ord-4', 'req-4', 'stopping', 'intercepted', 'intercepted'),
  ],
  payment: [
    refunded('ord-1', 'req-1'),
    [
      tender('ord-2', 0),
      entry('ord-2', null, 'capture', 500),
      refund('ord-2', 'req-2', 'failed'),
      booked('ord-2', 'req-2', 'refused_at'),
    ].join(';'),
    refunded('ord-4', 'req-4'),
    closedUnseen('ord-4', 'req-4'),
  ],
} as const
