import type { DatabaseTransaction } from '@countermand/database'
import type { Change, Store } from '@countermand/service'
import { sql } from 'kysely'
import type { Payment } from '../state.ts'
import { saveGiftCards, saveLedger } from './credits.ts'
import { refunds } from './migrations/0001-refunds.ts'
import { sandboxBook } from './migrations/0002-sandbox-book.ts'
import { roundOfATender } from './migrations/0003-round-of-a-tender.ts'
import { refundsUnderWay } from './migrations/0004-refunds-under-way.ts'
import { closedByAPerson } from './migrations/0005-closed-by-a-person.ts'
import { closedTenders } from './migrations/0006-closed-tenders.ts'
import { factsOfACall } from './migrations/0007-facts-of-a-call.ts'
import { versions } from './migrations/0008-versions.ts'
import { wordsOfAChannel } from './migrations/0009-words-of-a-channel.ts'
import { heldPayments } from './migrations/0010-held-payments.ts'
import { accounts } from './migrations/0011-accounts.ts'
import { doubleEntry } from './migrations/0012-double-entry.ts'
import { claims } from './migrations/0013-claims.ts'
import { giftCards } from './migrations/0014-gift-cards.ts'
import { listedBook } from './migrations/0015-listed-book.ts'
import { reconciliations } from './migrations/0016-reconciliations.ts'
import { released } from './migrations/0017-released.ts'
import { bankTransfers } from './migrations/0018-bank-transfers.ts'
import { saveAsked, saveResolved } from './reconciliations.ts'
import { paymentRow, refundToRow, requestToRow, tenderToRow } from './rows.ts'

const load = async (tx: DatabaseTransaction, orderIds: readonly string[]): Promise<Map<string, Payment>> => {
  const { rows } = await sql`
    select o.order_id, orders.currency, orders.merchant_id, orders.customer_id, coalesce(orders.version, 1) as version,
      (select coalesce(jsonb_agg(to_jsonb(t) order by position), '[]') from tenders t where t.order_id = o.order_id) as tenders,
      (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from pivots p where p.order_id = o.order_id) as pivots,
      (select coalesce(jsonb_agg(to_jsonb(r) order by position), '[]') from refunds r where r.order_id = o.order_id) as refunds
    from unnest(${[...orderIds]}::text[]) as o(order_id) left join orders using (order_id)`.execute(tx)
  const known = rows
    .map((row) => paymentRow.parse(row))
    .filter((state) => state.currency !== undefined || state.requests.length > 0)
  return new Map(known.map((state) => [state.orderId, state]))
}

const json = (rows: readonly object[]) => sql`${JSON.stringify(rows)}::jsonb`

const orderToRow = (orderId: string, { currency, version, merchantId, customerId }: Payment) => ({
  order_id: orderId,
  currency,
  version,
  merchant_id: merchantId,
  customer_id: customerId,
})

const saveOrders = (tx: DatabaseTransaction, changes: readonly Change<Payment>[]) => {
  // What came before its order has none yet.
  const rows = changes.flatMap(({ orderId, before, after }) =>
    after.currency === undefined || (before?.currency === after.currency && before.version === after.version)
      ? []
      : [orderToRow(orderId, after)],
  )
  if (rows.length === 0) return undefined
  return sql`insert into orders select * from jsonb_populate_recordset(null::orders, ${json(rows)})
    on conflict (order_id) do update set version = excluded.version`.execute(tx)
}

const saveTenders = (tx: DatabaseTransaction, changes: readonly Change<Payment>[]) => {
  const rows = changes.flatMap(({ orderId, before, after }) =>
    after.tenders.flatMap((tender, position) =>
      before?.tenders[position] === tender ? [] : [tenderToRow(orderId, position, tender)],
    ),
  )
  if (rows.length === 0) return undefined
  return sql`insert into tenders select * from jsonb_populate_recordset(null::tenders, ${json(rows)})
    on conflict (order_id, tender_id) do update set captured = excluded.captured, refunded = excluded.refunded,
      authorized = excluded.authorized, paid_at = excluded.paid_at, paid_total = excluded.paid_total, claims = excluded.claims,
      released = excluded.released, account = excluded.account`.execute(tx)
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
      round = excluded.round, replaced = excluded.replaced, expected_by = excluded.expected_by,
      first_asked_at = excluded.first_asked_at, destination = excluded.destination, operation = excluded.operation, provider_ref = excluded.provider_ref,
      received = excluded.received, waits_for = excluded.waits_for, reversible_until = excluded.reversible_until,
      refusal = excluded.refusal, state = excluded.state,
      calling = excluded.calling, in_doubt = excluded.in_doubt, attempts = excluded.attempts, failure = excluded.failure`.execute(
    tx,
  )
}

export const store: Store<Payment> = {
  migrations: {
    '0001-refunds': refunds,
    '0002-sandbox-book': sandboxBook,
    '0003-round-of-a-tender': roundOfATender,
    '0004-refunds-under-way': refundsUnderWay,
    '0005-closed-by-a-person': closedByAPerson,
    '0006-closed-tenders': closedTenders,
    '0007-facts-of-a-call': factsOfACall,
    '0008-versions': versions,
    '0009-words-of-a-channel': wordsOfAChannel,
    '0010-held-payments': heldPayments,
    '0011-accounts': accounts,
    '0012-double-entry': doubleEntry,
    '0013-claims': claims,
    '0014-gift-cards': giftCards,
    '0015-listed-book': listedBook,
    '0016-reconciliations': reconciliations,
    '0017-released': released,
    '0018-bank-transfers': bankTransfers,
  },
  load: (tx, { orderIds }) => load(tx, orderIds),
  save: async (tx, changes, free) => {
    // Before any account is locked: a reconciliation takes its turn first, too.
    await saveAsked(
      tx,
      free.flatMap(({ type, data }) => (type === 'reconciliation.asked.v1' ? [data] : [])),
    )
    await saveResolved(
      tx,
      free.flatMap(({ type, data }) => (type === 'difference.resolved.v1' ? [data] : [])),
    )
    await saveOrders(tx, changes)
    await saveTenders(tx, changes)
    await savePivots(tx, changes)
    await saveRefunds(tx, changes)
    const postings = changes.flatMap(({ orderId, after }) => after.newPostings.map((posting) => ({ orderId, posting })))
    const spendings = free.flatMap(({ type, data }) => (type === 'store-credit.spent.v1' ? [data] : []))
    await saveGiftCards(
      tx,
      free.flatMap(({ type, data }) => (type === 'gift-card.changed.v1' ? [data] : [])),
    )
    return await saveLedger(tx, postings, spendings)
  },
  heard: (state) => state.currency !== undefined,
  versionOf: ({ version }) => version,
}
