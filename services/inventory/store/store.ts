import type { DatabaseTransaction } from '@countermand/database'
import type { Change, Store } from '@countermand/service'
import { sql } from 'kysely'
import { unitsOf } from '../decide/whereabouts.ts'
import type { Line, Reservation, Units } from '../state.ts'
import { stockAndReservations } from './migrations/0001-stock-and-reservations.ts'
import { versions } from './migrations/0002-versions.ts'
import { reservationRow } from './rows.ts'
import { type Movement, movementOf, moveStock, stockSkus } from './stock.ts'

/** How a reservation's lines, by id, are counted in the stock: by the rules of whichever version saved it last. */
const countedUnits = new WeakMap<Reservation, Readonly<Record<string, Units>>>()

const load = async (tx: DatabaseTransaction, orderIds: readonly string[]): Promise<Map<string, Reservation>> => {
  const { rows } = await sql`
    select order_id as "orderId", parcels, holds, version, (
      select coalesce(jsonb_agg(jsonb_build_object('lineId', line_id, 'sku', sku, 'quantity', quantity) order by line_id), '[]')
      from reservation_lines where order_id = reservations.order_id) as lines, (
      select coalesce(jsonb_object_agg(line_id, jsonb_build_object('reserved', reserved, 'aside', aside, 'shipped', shipped,
        'on-sale', on_sale, 'written-off', written_off)), '{}')
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

const counted = (reservation: Reservation, line: Line): Units =>
  countedUnits.get(reservation)?.[line.lineId] ?? unitsOf(reservation, line)

/** Every unit of a line that was not yet known was on sale before. */
const before = (reservation: Reservation | undefined, known: Line | undefined, line: Line): Units => {
  const units =
    reservation === undefined || known === undefined
      ? { reserved: 0, aside: 0, shipped: 0, 'on-sale': 0, 'written-off': 0 }
      : counted(reservation, known)
  return { ...units, 'on-sale': units['on-sale'] + line.quantity - (known?.quantity ?? 0) }
}

/** What a change of one order moves in the stock of its SKUs. */
export const movementsOf = (change: Change<Reservation>): Movement[] => {
  const known = new Map(change.before?.lines.map((line) => [line.lineId, line]))
  return change.after.lines.flatMap((line) => {
    const from = before(change.before, known.get(line.lineId), line)
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
}

const saveReservations = async (tx: DatabaseTransaction, changes: readonly Change<Reservation>[]): Promise<void> => {
  const reservations = changes.map(({ orderId, after: { parcels, holds, version } }) => ({
    ...{ orderId, parcels, holds, version },
  }))
  await sql`
    insert into reservations (order_id, parcels, holds, version)
    select "orderId", parcels, holds, version
    from jsonb_to_recordset(${JSON.stringify(reservations)}::jsonb)
      as each ("orderId" text, parcels jsonb, holds jsonb, version int)
    on conflict (order_id) do update set parcels = excluded.parcels, holds = excluded.holds, version = excluded.version`.execute(
    tx,
  )
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
    on conflict (order_id, line_id) do update set quantity = excluded.quantity, reserved = excluded.reserved, aside = excluded.aside,
      shipped = excluded.shipped, on_sale = excluded.on_sale, written_off = excluded.written_off`.execute(tx)
}

const newLines = ({ before: known, after }: Change<Reservation>): Line[] => {
  const ids = new Set(known?.lines.map(({ lineId }) => lineId))
  return after.lines.filter(({ lineId }) => !ids.has(lineId))
}

/** The reservations of orders, and the stock that they share. `initialStock`: of a SKU that is first heard of, in units. */
export const store = (options: { readonly initialStock: number }): Store<Reservation> => ({
  migrations: { '0001-stock-and-reservations': stockAndReservations, '0002-versions': versions },
  load: (tx, { orderIds }) => load(tx, orderIds),
  save: async (tx, changes, free) => {
    const received = free.flatMap((event) => (event.type === 'stock.received.v1' ? [movementOf(event.data)] : []))
    const fresh = changes.flatMap(newLines)
    if (changes.length > 0) {
      await saveReservations(tx, changes)
      await saveLines(tx, changes)
    }
    const skus = [...fresh, ...received].map(({ sku }) => sku)
    // Once, for all that is moved: whoever holds rows that others wait for wants no more of them.
    await stockSkus(tx, skus, options.initialStock)
    await moveStock(tx, [...changes.flatMap(movementsOf), ...received])
  },
  heard: () => true,
  versionOf: ({ version }) => version,
})
