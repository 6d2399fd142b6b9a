import type { DatabaseTransaction } from '@countermand/database'
import type { Change, Store } from '@countermand/messaging'
import { sql } from 'kysely'
import type { LedgerEntry, Payment } from '../state.ts'
import { refunds } from './migrations/0001-refunds.ts'
import { sandboxBook } from './migrations/0002-sandbox-book.ts'
import { roundOfATender } from './migrations/0003-round-of-a-tender.ts'
import { refundsUnderWay } from './migrations/0004-refunds-under-way.ts'
import { closedByAPerson } from './migrations/0005-closed-by-a-person.ts'
import { closedTenders } from './migrations/0006-closed-tenders.ts'
import { paymentRow, refundToRow, requestToRow } from './rows.ts'

const load = async (tx: DatabaseTransaction, orderIds: readonly string[]): Promise<Map<string, Payment>> => {
  const { rows } = await sql`
    select o.order_id, (select currency from orders where order_id = o.order_id) as currency,
      (select coalesce(jsonb_agg(to_jsonb(t) order by position), '[]') from tenders t where t.order_id = o.order_id) as tenders,
      (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from pivots p where p.order_id = o.order_id) as pivots,
      (select coalesce(jsonb_agg(to_jsonb(r) order by position), '[]') from refunds r where r.order_id = o.order_id) as refunds
    from unnest(${[...orderIds]}::text[]) as o(order_id)`.execute(tx)
  const known = rows
    .map((row) => paymentRow.parse(row))
    .filter((state) => state.currency !== undefined || state.requests.length > 0)
  return new Map(known.map((state) => [state.orderId, state]))
}

const json = (rows: readonly object[]) => sql`${JSON.stringify(rows)}::jsonb`

const saveOrders = (tx: DatabaseTransaction, changes: readonly Change<Payment>[]) => {
  const rows = changes.flatMap(({ orderId, before, after }) =>
    before?.currency === after.currency ? [] : [{ order_id: orderId, currency: after.currency }],
  )
  if (rows.length === 0) return undefined
  return sql`insert into orders select * from jsonb_populate_recordset(null::orders, ${json(rows)})`.execute(tx)
}

const saveTenders = (tx: DatabaseTransaction, changes: readonly Change<Payment>[]) => {
  const rows = changes.flatMap(({ orderId, before, after }) =>
    after.tenders.flatMap(({ tenderId, channel, paymentRef, captured, refunded }, position) =>
      before?.tenders[position] === after.tenders[position]
        ? []
        : [{ order_id: orderId, tender_id: tenderId, position, channel, payment_ref: paymentRef, captured, refunded }],
    ),
  )
  if (rows.length === 0) return undefined
  return sql`insert into tenders select * from jsonb_populate_recordset(null::tenders, ${json(rows)})
    on conflict (order_id, tender_id) do update set refunded = excluded.refunded`.execute(tx)
}

const savePivots = (tx: DatabaseTransaction, changes: readonly Change<Payment>[]) => {
  const rows = changes.flatMap(({ orderId, before, after }) =>
    after.requests
      .filter((request) => before?.requests.includes(request) !== true)
      .map((request) => requestToRow(orderId, request)),
  )
  if (rows.length === 0) return undefined
  return sql`insert into pivots select * from jsonb_populate_recordset(null::pivots, ${json(rows)})
    on conflict (order_id, request_id) do update set
      crossed_at = excluded.crossed_at, forbidden_at = excluded.forbidden_at, accepted = excluded.accepted,
      amount = excluded.amount, round = excluded.round, open_round = excluded.open_round,
      fallback = excluded.fallback, elsewhere = excluded.elsewhere,
      tender_id = excluded.tender_id, closed_at = excluded.closed_at, settled = excluded.settled,
      closed_tenders = excluded.closed_tenders`.execute(tx)
}

const saveRefunds = (tx: DatabaseTransaction, changes: readonly Change<Payment>[]) => {
  const rows = changes.flatMap(({ orderId, before, after }) =>
    after.refunds.flatMap((refund, position) =>
      before?.refunds[position] === refund ? [] : [refundToRow(orderId, position, refund)],
    ),
  )
  if (rows.length === 0) return undefined
  return sql`insert into refunds select * from jsonb_populate_recordset(null::refunds, ${json(rows)})
    on conflict (order_id, refund_id) do update set
      round = excluded.round, replaced = excluded.replaced, expected_by = excluded.expected_by, state = excluded.state,
      calling = excluded.calling, in_doubt = excluded.in_doubt, attempts = excluded.attempts, failure = excluded.failure`.execute(
    tx,
  )
}

const ledgerRow = (orderId: string, entry: LedgerEntry) => ({
  order_id: orderId,
  entry_id: entry.entryId,
  tender_id: entry.tenderId,
  request_id: entry.requestId,
  refund_id: entry.refundId,
  kind: entry.kind,
  amount: entry.amount,
  destination: entry.destination,
  at: entry.at,
})

/** The ledger only grows: an entry that is there already is an error, and undoes the transaction. */
const saveLedger = (tx: DatabaseTransaction, changes: readonly Change<Payment>[]) => {
  const rows = changes.flatMap(({ orderId, after }) => after.newEntries.map((entry) => ledgerRow(orderId, entry)))
  if (rows.length === 0) return undefined
  return sql`insert into ledger select * from jsonb_populate_recordset(null::ledger, ${json(rows)})`.execute(tx)
}

export const store: Store<Payment> = {
  migrations: {
    '0001-refunds': refunds,
    '0002-sandbox-book': sandboxBook,
    '0003-round-of-a-tender': roundOfATender,
    '0004-refunds-under-way': refundsUnderWay,
    '0005-closed-by-a-person': closedByAPerson,
    '0006-closed-tenders': closedTenders,
  },
  load: (tx, { orderIds }) => load(tx, orderIds),
  save: async (tx, changes) => {
    await saveOrders(tx, changes)
    await saveTenders(tx, changes)
    await savePivots(tx, changes)
    await saveRefunds(tx, changes)
    await saveLedger(tx, changes)
  },
  heard: (state) => state.currency !== undefined,
}
