import type { DatabaseTransaction } from '@countermand/database'
import type { Change, Store } from '@countermand/service'
import { sql } from 'kysely'
import type { LogisticsOrder } from '../state.ts'
import { shipments } from './migrations/0001-shipments.ts'
import { sandboxCarrier } from './migrations/0002-sandbox-carrier.ts'
import { ourClock } from './migrations/0003-our-clock.ts'
import { versions } from './migrations/0004-versions.ts'
import { unitsOfParcels } from './migrations/0005-units-of-parcels.ts'
import { factsOfACall } from './migrations/0006-facts-of-a-call.ts'
import { orderRow, shipmentRow, stopRow } from './rows.ts'

const load = async (tx: DatabaseTransaction, ids: readonly string[]): Promise<Map<string, LogisticsOrder>> => {
  const orderIds = [...ids]
  const orders = await sql`
    select order_id as "orderId", merchant_id as "merchantId", lines, version from logistics_orders where order_id = any(${orderIds}::text[])`.execute(
    tx,
  )
  if (orders.rows.length === 0) return new Map()
  const shipments = await sql`
    select order_id as "orderId", shipment_id as "shipmentId", carrier, tracking_number as "trackingNumber",
           shipment_ref as "shipmentRef",
           earlier_tracking_numbers as "earlierTrackingNumbers", status, at, by_our_clock as "byOurClock",
           line_ids as "lineIds", lines
    from shipments where order_id = any(${orderIds}::text[]) order by order_id, place`.execute(tx)
  const stops = await sql`
    select order_id as "orderId", request_id as "requestId", phase, round, answered, whole, lines, taken, parcels
    from stops where order_id = any(${orderIds}::text[]) order by order_id, place`.execute(tx)
  const shipmentsOf = Map.groupBy(
    shipments.rows.map((row) => shipmentRow.parse(row)),
    (row) => row.orderId,
  )
  const stopsOf = Map.groupBy(
    stops.rows.map((row) => stopRow.parse(row)),
    (row) => row.orderId,
  )
  const assembled = orders.rows.map((row): LogisticsOrder => {
    const order = orderRow.parse(row)
    const ofThis = <Row extends { orderId: string }>(rows: Row[] | undefined) =>
      (rows ?? []).map(({ orderId, ...rest }) => rest)
    return { ...order, shipments: ofThis(shipmentsOf.get(order.orderId)), stops: ofThis(stopsOf.get(order.orderId)) }
  })
  return new Map(assembled.map((order) => [order.orderId, order]))
}

const saveOrders = async (tx: DatabaseTransaction, changes: readonly Change<LogisticsOrder>[]): Promise<void> => {
  const rows = changes
    .filter(({ before, after }) => before?.version !== after.version)
    .map(({ after: { orderId, merchantId, lines, version } }) => ({ orderId, merchantId, lines, version }))
  if (rows.length === 0) return
  await sql`
    insert into logistics_orders (order_id, merchant_id, lines, version)
    select "orderId", "merchantId", lines, version
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r ("orderId" text, "merchantId" text, lines jsonb, version int)
    on conflict (order_id) do update set lines = excluded.lines, version = excluded.version`.execute(tx)
}

/** The parts of an order that are not those loaded: decisions leave alone what does not change. */
const changed = <Part>(
  changes: readonly Change<LogisticsOrder>[],
  partsOf: (order: LogisticsOrder) => readonly Part[],
): (Part & { orderId: string; place: number })[] =>
  changes.flatMap(({ orderId, before, after }) => {
    const earlier = before === undefined ? [] : partsOf(before)
    return partsOf(after).flatMap((part, place) => (earlier.includes(part) ? [] : [{ ...part, orderId, place }]))
  })

const saveShipments = async (tx: DatabaseTransaction, changes: readonly Change<LogisticsOrder>[]): Promise<void> => {
  const rows = changed(changes, (order) => order.shipments)
  if (rows.length === 0) return
  await sql`
    insert into shipments (order_id, shipment_id, place, carrier, tracking_number, earlier_tracking_numbers, status, at,
      by_our_clock, line_ids, lines, shipment_ref)
    select "orderId", "shipmentId", place, carrier, "trackingNumber", "earlierTrackingNumbers", status, at, "byOurClock", "lineIds", lines, "shipmentRef"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r ("orderId" text, "shipmentId" text, place integer, carrier text,
      "trackingNumber" text, "earlierTrackingNumbers" jsonb, status text, at text, "byOurClock" boolean, "lineIds" jsonb, lines jsonb, "shipmentRef" text)
    on conflict (order_id, shipment_id) do update set carrier = excluded.carrier, tracking_number = excluded.tracking_number,
      earlier_tracking_numbers = excluded.earlier_tracking_numbers, status = excluded.status, at = excluded.at,
      by_our_clock = excluded.by_our_clock, line_ids = excluded.line_ids, lines = excluded.lines, shipment_ref = excluded.shipment_ref`.execute(
    tx,
  )
}

const saveStops = async (tx: DatabaseTransaction, changes: readonly Change<LogisticsOrder>[]): Promise<void> => {
  const rows = changed(changes, (order) => order.stops)
  if (rows.length === 0) return
  await sql`
    insert into stops (order_id, request_id, place, phase, round, answered, whole, lines, taken, parcels)
    select "orderId", "requestId", place, phase, round, answered, whole, lines, taken, parcels
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r ("orderId" text, "requestId" text, place integer, phase text,
      round integer, answered boolean, whole boolean, lines jsonb, taken jsonb, parcels jsonb)
    on conflict (order_id, request_id) do update set phase = excluded.phase, round = excluded.round, answered = excluded.answered,
      whole = excluded.whole, lines = excluded.lines, taken = excluded.taken, parcels = excluded.parcels`.execute(tx)
}

export const store: Store<LogisticsOrder> = {
  migrations: {
    '0001-shipments': shipments,
    '0002-sandbox-carrier': sandboxCarrier,
    '0003-our-clock': ourClock,
    '0004-versions': versions,
    '0005-units-of-parcels': unitsOfParcels,
    '0006-facts-of-a-call': factsOfACall,
  },
  load: (tx, { orderIds }) => load(tx, orderIds),
  save: async (tx, changes) => {
    await saveOrders(tx, changes)
    await saveShipments(tx, changes)
    await saveStops(tx, changes)
  },
  heard: () => true,
  versionOf: ({ version }) => version,
}
