import type { DatabaseTransaction } from '@countermand/database'
import type { Change, Keys, Store } from '@countermand/service/service.ts'
import { sql } from 'kysely'
import type { OrderState } from '../state.ts'
import { ordersAndRequests } from './migrations/0001-orders-and-requests.ts'
import { holdsInOrder } from './migrations/0002-holds-in-order.ts'
import { guests } from './migrations/0003-guests.ts'
import { alarmsOfCode } from './migrations/0004-alarms-of-code.ts'
import { linesWithoutSku } from './migrations/0005-lines-without-sku.ts'
import { edits } from './migrations/0006-edits.ts'
import {
  type LoadedOrder,
  type LoadedRequest,
  lineRows,
  orderOf,
  orderRow,
  recordRows,
  removedLines,
  requestOf,
  requestRow,
} from './rows.ts'

const loadOrders = async (tx: DatabaseTransaction, orderIds: readonly string[]) =>
  sql<LoadedOrder>`
    select o.order_id, o.placed, o.parcels, o.held_by, o.edits, (
      select jsonb_object_agg(l.line_id, l.cancelled) from order_lines l
      where l.order_id = o.order_id and l.cancelled > 0
    ) as cancelled, (
      select jsonb_object_agg(given.tender_id, given.amount) from (
        select refund ->> 'tenderId' as tender_id, sum((refund ->> 'amount')::bigint) as amount
        from requests r, jsonb_array_elements(r.refunds) refund
        where r.order_id = o.order_id and r.status = 'confirmed' group by 1
      ) given
    ) as refunded
    from orders o where o.order_id = any(${[...orderIds]}::text[])`.execute(tx)

/** The requests that the batch speaks of, also when they are another order's. */
const loadRequests = async (tx: DatabaseTransaction, requestIds: readonly string[]) =>
  sql<LoadedRequest>`
    select r.request_id, r.order_id, r.status, r.request, r.begun, r.ending, (
      select jsonb_agg(jsonb_build_object('key', k.key, 'record', k.record, 'at', k.at) order by k.position)
      from request_records k where k.request_id = r.request_id
    ) as records
    from requests r where r.request_id = any(${[...requestIds]}::text[])`.execute(tx)

const load = async (tx: DatabaseTransaction, keys: Keys): Promise<Map<string, OrderState>> => {
  const orders = await loadOrders(tx, keys.orderIds)
  const requests = await loadRequests(tx, keys.requestIds)
  const orderById = new Map(orders.rows.map((row) => [row.order_id, orderOf(row)]))
  const requestsByOrder = Map.groupBy(requests.rows, (row) => row.order_id)
  const owners = new Map(requests.rows.map((row) => [row.request_id, row.order_id]))
  const states = keys.orderIds.flatMap((orderId): [string, OrderState][] => {
    const order = orderById.get(orderId)
    if (order === undefined && owners.size === 0) return []
    const own = new Map((requestsByOrder.get(orderId) ?? []).map((row) => [row.request_id, requestOf(row)]))
    return [[orderId, { ...(order && { order }), requests: own, owners }]]
  })
  return new Map(states)
}

/**
 * An id that another order took meanwhile, or takes in this same batch, fails the transaction; tried again, it is seen.
 * A hold that ends is written before the one that begins: only one of an order may stand at any moment.
 */
const saveRequests = async (tx: DatabaseTransaction, rows: readonly ReturnType<typeof requestRow>[]) => {
  if (rows.length === 0) return
  const written = await sql`
    insert into requests (request_id, order_id, status, request, begun, ending, started_at, ended_at)
    select request_id, order_id, status, request, begun, ending, started_at, ended_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      request_id text, order_id text, status text, request jsonb, begun jsonb, ending jsonb,
      started_at timestamptz, ended_at timestamptz)
    order by status = 'holding', request_id
    on conflict (request_id) do update set
      status = excluded.status, begun = excluded.begun, ending = excluded.ending,
      started_at = excluded.started_at, ended_at = excluded.ended_at
      where requests.order_id = excluded.order_id
    returning request_id`.execute(tx)
  if (written.rows.length < rows.length) {
    const ids = rows.map((row) => `${row.request_id} of ${row.order_id}`).join(', ')
    throw new Error(`expected request ids of these orders, got one that another order took meanwhile: ${ids}`)
  }
}

const saveRecords = async (tx: DatabaseTransaction, rows: ReturnType<typeof recordRows>) => {
  if (rows.length === 0) return
  await sql`
    insert into request_records (request_id, key, position, record, at)
    select request_id, key, position, record, at from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      request_id text, key text, position integer, record jsonb, at timestamptz)`.execute(tx)
}

const saveOrders = async (tx: DatabaseTransaction, rows: readonly ReturnType<typeof orderRow>[]) => {
  if (rows.length === 0) return
  await sql`
    insert into orders (order_id, status, status_before, held_by, customer_id, merchant_id, market, currency,
      placed_at, placed, parcels, edits)
    select order_id, status, status_before, held_by, customer_id, merchant_id, market, currency,
      placed_at, placed, parcels, edits
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      order_id text, status text, status_before text, held_by text, customer_id text, merchant_id text, market text,
      currency text, placed_at timestamptz, placed jsonb, parcels jsonb, edits jsonb)
    on conflict (order_id) do update set
      status = excluded.status, status_before = excluded.status_before, held_by = excluded.held_by,
      parcels = excluded.parcels, placed = excluded.placed, edits = excluded.edits`.execute(tx)
}

const saveLines = async (tx: DatabaseTransaction, rows: ReturnType<typeof lineRows>) => {
  if (rows.length === 0) return
  await sql`
    insert into order_lines (order_id, line_id, sku, quantity, cancelled)
    select order_id, line_id, sku, quantity, cancelled from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      order_id text, line_id text, sku text, quantity bigint, cancelled bigint)
    on conflict (order_id, line_id) do update set quantity = excluded.quantity, cancelled = excluded.cancelled`.execute(
    tx,
  )
}

const removeLines = async (tx: DatabaseTransaction, rows: ReturnType<typeof removedLines>) => {
  if (rows.length === 0) return
  await sql`
    delete from order_lines using jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(order_id text, line_id text)
    where order_lines.order_id = r.order_id and order_lines.line_id = r.line_id`.execute(tx)
}

const save = async (tx: DatabaseTransaction, changes: readonly Change<OrderState>[]): Promise<undefined> => {
  const requests = changes.flatMap(({ before, after }) =>
    [...after.requests].flatMap(([requestId, request]) => {
      const known = before?.requests.get(requestId)
      return known === request ? [] : [{ before: known, after: request }]
    }),
  )
  await saveRequests(
    tx,
    requests.map((each) => requestRow(each.after)),
  )
  await saveRecords(
    tx,
    requests.flatMap((each) => recordRows(each.before, each.after)),
  )
  const orders = changes.flatMap(({ orderId, before, after: { order } }) =>
    order === undefined || order === before?.order ? [] : [orderRow(orderId, order)],
  )
  await saveOrders(tx, orders)
  const changed = changes.filter((change) => change.after.order !== change.before?.order)
  await saveLines(tx, changed.flatMap(lineRows))
  await removeLines(tx, changed.flatMap(removedLines))
}

export const store: Store<OrderState> = {
  migrations: {
    '0001-orders-and-requests': ordersAndRequests,
    '0002-holds-in-order': holdsInOrder,
    '0003-guests': guests,
    '0004-alarms-of-code': alarmsOfCode,
    '0005-lines-without-sku': linesWithoutSku,
    '0006-edits': edits,
  },
  load,
  save,
  heard: (state) => state.order !== undefined,
}
