/**
 * Checks of the payment database, each a query that gives back the rows that offend. Amounts are minor units. The sandbox's
 * money may move moments before the service hears of it: rows of a refund under way are read again before they count.
 */

/**
 * Per order and tender, what the sandbox moved and did not take back is what the ledger says of refunds to the original channel;
 * but for a tender with an attempt in doubt: there the service says itself that it does not know, and waits for a retry.
 */
export const bookAgainstLedger = `
  with book as (
    select order_id, tender_id,
      sum(case when reverses_at <= now() then 0 when moves_at <= now() then amount else 0 end)::bigint as moved
    from sandbox.channel_book group by order_id, tender_id),
  entries as (
    select l.order_id, l.tender_id,
      sum(case l.kind when 'refund' then l.amount when 'reversal' then -l.amount else 0 end)::bigint as moved
    from ledger l join tenders t using (order_id, tender_id)
    where l.destination = 'original' and t.channel like 'sandbox-%' group by l.order_id, l.tender_id)
  select order_id, tender_id, coalesce(b.moved, 0) as book, coalesce(e.moved, 0) as ledger
  from book b full join entries e using (order_id, tender_id)
  where coalesce(b.moved, 0) <> coalesce(e.moved, 0)
    and (order_id, tender_id) not in (select order_id, tender_id from refunds where in_doubt)`

/** Per order and tender, what was captured and refunded is the sum of the ledger, and no more is refunded than was captured. */
export const ledgerAgainstTenders = `
  with entries as (
    select order_id, tender_id,
      sum(amount) filter (where kind = 'capture') as captured,
      sum(case kind when 'refund' then amount when 'reversal' then -amount else 0 end) as refunded
    from ledger group by order_id, tender_id)
  select order_id, tender_id, t.captured, t.refunded,
    coalesce(e.captured, 0)::bigint as ledger_captured, coalesce(e.refunded, 0)::bigint as ledger_refunded
  from tenders t full join entries e using (order_id, tender_id)
  where t.captured is distinct from coalesce(e.captured, 0) or t.refunded is distinct from coalesce(e.refunded, 0)
    or t.refunded > t.captured`

/** No refund was asked of a channel for a request that was forbidden or has not crossed the pivot, unless that ended in a no. */
export const refundsBeforeThePivot = `
  select p.order_id, p.request_id, r.refund_id, r.state
  from pivots p join refunds r using (order_id, request_id)
  where p.crossed_at is null and r.state not in ('planned', 'failed')`
