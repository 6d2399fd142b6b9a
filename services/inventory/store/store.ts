import type { DatabaseTransaction } from '@countermand/database'
import type { Change, Store } from '@countermand/messaging'
import { sql } from 'kysely'
import { type Line, type Reservation, type Units, unitsOf } from '../state.ts'
import { stockAndReservations } from './migrations/0001-stock-and-reservations.ts'
import { reservationRow } from './rows.ts'
import { type Movement, movementOf, moveStock, stockSkus } from './stock.ts'

/** How a reservation's lines, by id, are counted in the stock: by the rules of whichever version saved it last. */
const countedUnits = new WeakMap<Reservation, Readonly<Record<string, Units>>>()

const load = async (tx: DatabaseTransaction, orderIds: readonly string[]): Promise<Map<string, Reservation>> => {
  const { rows } = await sql`
    select order_id as "orderId", parcels, holds, (
      select jsonb_agg(jsonb_build_object('lineId', line_id, 'sku', sku, 'quantity', quantity) order by line_id)
      from reservation_lines where order_id = reservations.order_id) as lines, (
      select jsonb_object_agg(line_id, jsonb_build_object('reserved', reserved, 'aside', aside, 'shipped', shipped,
        'on-sale', on_sale, 'written-off', written_off))
      from reservation_lines where order_id = reservations.order_id) as counted
    from reservations where order_id = any(${[...orderIds]}::text[])`.execute(tx)
  return new Map(
    rows.map((each) => {
      const { orderId, counted, ...reservation } = reservationRow.parse(each)
      countedUnits.set(reservation, counted)
      return [orderId, reservation]
    }),
  )
}

/** Every unit of a line that was not yet known was on sale before. */
const before = (reservation: Reservation | undefined, line: Line): Units =>
  reservation === undefined
    ? { reserved: 0, aside: 0, shipped: 0, 'on-sale': line.quantity, 'written-off': 0 }
    : (countedUnits.get(reservation)?.[line.lineId] ?? unitsOf(reservation, line))

/** What a change of one order moves in the stock of its SKUs. */
export const movementsOf = (change: Change<Reservation>): Movement[] =>
  change.after.lines.flatMap((line) => {
    const from = before(change.before, line)
    const to = unitsOf(change.after, line)
    const movement: Movement = {
      sku: line.sku,
      received: 0,
      reserved: to.reserved - from.reserved,
      aside: to.aside - from.aside,
      shipped: to.shipped - from.shipped,
      'on-sale': to['on-sale'] - from['on-sale'],
      'written-off': to['written-off'] - from['written-off'],
    }
    const { sku, ...units } = movement
    return Object.values(units).some((quantity) => quantity !== 0) ? [movement] : []
  })

const saveReservations = async (tx: DatabaseTransaction, changes: readonly Change<Reservation>[]): Promise<void> => {
  const reservations = changes.map(({ orderId, after: { parcels, holds } }) => ({ orderId, parcels, holds }))
  await sql`
    insert into reservations (order_id, parcels, holds)
    select "orderId", parcels, holds
    from jsonb_to_recordset(${JSON.stringify(reservations)}::jsonb) as each ("orderId" text, parcels jsonb, holds jsonb)
    on conflict (order_id) do update set parcels = excluded.parcels, holds = excluded.holds`.execute(tx)
}

const saveLines = async (tx: DatabaseTransaction, changes: readonly Change<Reservation>[]): Promise<void> => {
  const lines = changes.flatMap(({ orderId, after }) =>
    after.lines.map((line) => ({ orderId, ...line, ...unitsOf(after, line) })),
  )
  await sql`
    insert into reservation_lines (order_id, line_id, sku, quantity, reserved, aside, shipped, on_sale, written_off)
    select "orderId", "lineId", sku, quantity, reserved, aside, shipped, "on-sale", "written-off"
    from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as each ("orderId" text, "lineId" text, sku text,
      quantity bigint, reserved bigint, aside bigint, shipped bigint, "on-sale" bigint, "written-off" bigint)
    on conflict (order_id, line_id) do update set reserved = excluded.reserved, aside = excluded.aside,
      shipped = excluded.shipped, on_sale = excluded.on_sale, written_off = excluded.written_off`.execute(tx)
}

/** The reservations of orders, and the stock that they share. `initialStock`: of a SKU that is first heard of, in units. */
export const store = (options: { readonly initialStock: number }): Store<Reservation> => ({
  migrations: { '0001-stock-and-reservations': stockAndReservations },
  load: (tx, { orderIds }) => load(tx, orderIds),
  save: async (tx, changes, free) => {
    const received = free.flatMap((event) => (event.type === 'stock.received.v1' ? [movementOf(event.data)] : []))
    const fresh = changes.filter((change) => change.before === undefined)
    if (changes.length > 0) {
      await saveReservations(tx, changes)
      await saveLines(tx, changes)
    }
    const skus = [...fresh.flatMap(({ after }) => after.lines), ...received].map(({ sku }) => sku)
    // Once, for all that is moved: whoever holds rows that others wait for wants no more of them.
    await stockSkus(tx, skus, options.initialStock)
    await moveStock(tx, [...changes.flatMap(movementsOf), ...received])
  },
  heard: () => true,
})
