import type { Rule } from './rule.ts'

/** The sandbox channel's own book: what it did, as of now. */
const book = `
  (select *, case when refused_at <= now() then 'refused' when reverses_at <= now() then 'reversed'
     when moves_at <= now() then 'succeeded' else 'pending' end as channel_state
   from sandbox.channel_book)`

/** Somebody is going to ask the channel about the refund: until then the ledger may lag behind. */
const asking = `exists (
  select from tasks where tasks.id = 'poll/' || refunds.refund_id or tasks.id like 'call/' || refunds.refund_id || '/%')`

/** A person gave back by hand what this refund was to give back. */
const byHand = `exists (
  select from jsonb_array_elements(ended.settled) each
  where each ->> 'tenderId' = refunds.tender_id and (each ->> 'amount')::bigint > 0)`

/** What somebody has still to see to, or a channel: nobody has given it back yet; and, negative, what a customer has twice. */
const open = `
  (select coalesce(sum(case when refunds.state = 'succeeded' then -refunds.amount else refunds.amount end), 0)::bigint as amount
   from refunds
   where refunds.order_id = ended.order_id and refunds.request_id = ended.request_id and not refunds.replaced
     and case refunds.state when 'succeeded' then ${byHand} when 'planned' then false when 'submitted' then false else not ${byHand} end)`

/** A person has closed what this refund was to give back: of the whole request, or of its tender alone. */
const closed = '(closed_at is not null and coalesce(closed_tenders ? refunds.tender_id, true))'

export const paymentRules: readonly Rule[] = [
  {
    invariant: 1,
    says: 'refunded ≤ captured for each tender',
    offending: 'select * from tenders where refunded < 0 or refunded > captured',
  },
  {
    invariant: 1,
    says: "a tender's totals are the sums of its ledger",
    offending: `
      select order_id, tender_id, captured, refunded, ledger_captured, ledger_refunded
      from tenders full join (
        select order_id, tender_id, coalesce(sum(amount) filter (where kind = 'capture'), 0) as ledger_captured,
          coalesce(sum(case kind when 'refund' then amount when 'reversal' then -amount end), 0) as ledger_refunded
        from ledger group by order_id, tender_id
      ) entries using (order_id, tender_id)
      where (captured, refunded) is distinct from (ledger_captured, ledger_refunded)`,
  },
  {
    invariant: 1,
    says: 'the ledger has each refund that moved money once, with its amount, and no other',
    offending: `
      select order_id, refund_id, refunds.request_id, refunds.state, refunds.amount, entries.moved, entries.returned
      from refunds full join (
        select order_id, refund_id, jsonb_agg(amount) filter (where kind = 'refund') as moved,
          jsonb_agg(amount) filter (where kind = 'reversal') as returned
        from ledger where kind <> 'capture' group by order_id, refund_id
      ) entries using (order_id, refund_id)
      where (moved, returned) is distinct from (
        case when refunds.state in ('succeeded', 'reversed') then jsonb_build_array(refunds.amount) end,
        case when refunds.state = 'reversed' then jsonb_build_array(refunds.amount) end)`,
  },
  {
    invariant: 1,
    says: 'the channel knows only refunds that we asked for, with their amounts',
    offending: `
      select book.order_id, book.tender_id, book.idempotency_key, book.amount as channel_amount, refunds.amount
      from ${book} book left join refunds using (order_id, tender_id, idempotency_key)
      where refunds.amount is distinct from book.amount`,
  },
  {
    invariant: 1,
    says: 'the channel says of each refund what the ledger says',
    offending: `
      select refunds.order_id, refunds.request_id, refunds.refund_id, refunds.state, book.channel_state
      from refunds join tenders using (order_id, tender_id)
        left join ${book} book using (order_id, tender_id, idempotency_key)
      where channel in ('sandbox-card', 'sandbox-wallet') and destination = 'original' and not ${asking}
        and case refunds.state
          when 'planned' then channel_state is not null
          when 'submitted' then channel_state is not null and (not in_doubt or exists (
            select from pivots where pivots.order_id = refunds.order_id and pivots.request_id = refunds.request_id
              and ${closed}))
          when 'failed' then channel_state in ('pending', 'succeeded')
          else channel_state is distinct from refunds.state end`,
  },
  {
    invariant: 1,
    says: 'the channel never gave back more of a tender than was captured',
    offending: `
      select order_id, tender_id, captured, sum(book.amount) as channel_refunded
      from ${book} book join tenders using (order_id, tender_id)
      where channel_state = 'succeeded' group by order_id, tender_id, captured having sum(book.amount) > captured`,
  },
  {
    invariant: 5,
    says: 'what was refunded and what people gave back by hand is what was owed, no less and no more, or somebody sees to the rest',
    offending: `
      select ended.order_id, ended.request_id, ended.amount, coalesce(moved.refunded, 0) as refunded,
        hand.amount as by_hand, open.amount as open
      from ended left join (
        select order_id, request_id,
          sum(case kind when 'refund' then amount when 'reversal' then -amount end)::bigint as refunded
        from ledger where kind <> 'capture' group by order_id, request_id
      ) moved using (order_id, request_id),
        lateral (select coalesce(sum((each ->> 'amount')::bigint), 0)::bigint as amount
          from jsonb_array_elements(ended.settled) each) hand,
        lateral ${open} open
      where ended.outcome in ('cancelled', 'lines-cancelled') and not ended.settled_unsaid
        and coalesce(moved.refunded, 0) + hand.amount + open.amount <> ended.amount`,
  },
  {
    invariant: 5,
    // A case that was told before the end waits for it ever longer, at most as long again.
    says: 'a refund that ended otherwise than the person thought who closed it is in somebody’s hands: told, or decided about',
    offending: `
      select ended.order_id, ended.request_id, refund_id, refunds.state, closed_at
      from ended join refunds using (order_id, request_id) join pivots using (order_id, request_id)
      where ended.outcome in ('cancelled', 'lines-cancelled') and not replaced and ${closed}
        and (refunds.state = 'failed' and not ${byHand} or refunds.state = 'succeeded' and ${byHand})
        and now() - ended.ended_at > greatest(interval '1 minute', 2 * (ended.ended_at - closed_at))
        and not exists (select from unnest(ended.later) key
          where strpos(key, case refunds.state when 'failed' then '.failed.' else '.twice.' end || refund_id || '-') > 0)`,
  },
  {
    invariant: 5,
    // A reversal that came before the end is looked at a while after it: its saga waits ever longer for the end, at most 6 hours.
    says: 'a refund that was reversed is in somebody’s hands: told, or decided about',
    offending: `
      select ended.order_id, ended.request_id, refund_id, ledger.at as reversed_at
      from ended join refunds using (order_id, request_id) join ledger using (order_id, refund_id)
      where ended.outcome in ('cancelled', 'lines-cancelled') and refunds.state = 'reversed' and not replaced and kind = 'reversal'
        and not ${byHand}
        and ledger.at < now() - interval '1 minute' and (ledger.at > ended.ended_at or ended.ended_at < now() - interval '7 hours')
        and not exists (select from unnest(ended.later) key where strpos(key, '.reversed.' || refund_id || '-') > 0)`,
  },
  {
    invariant: 6,
    says: 'no money moved for a request that came to nothing',
    offending: `
      select ended.order_id, ended.request_id, ended.outcome, refunds.refund_id, refunds.state, book.channel_state
      from ended join refunds using (order_id, request_id)
        left join ${book} book using (order_id, tender_id, idempotency_key)
      where ended.outcome in ('compensated', 'refused', 'withdrawn')
        and (refunds.state not in ('planned', 'failed') or book.channel_state in ('pending', 'succeeded', 'reversed'))`,
  },
  {
    invariant: 6,
    says: 'a request that came to nothing is not over the pivot',
    offending: `
      select ended.order_id, ended.request_id, ended.outcome, pivots.crossed_at
      from ended join pivots using (order_id, request_id)
      where ended.outcome in ('compensated', 'refused', 'withdrawn') and pivots.crossed_at is not null`,
  },
]
