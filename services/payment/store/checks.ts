import type { Check } from '@countermand/service/checks.ts'

/** The sandbox channel's own book: what it did, as of now, but for voids, by which no money moves. */
const book = `
  (select *, case when refused_at <= now() then 'refused' when reverses_at <= now() then 'reversed'
     when moves_at <= now() then 'succeeded' else 'pending' end as channel_state
   from sandbox.channel_book where not voids)`

/** Somebody is going to ask the channel about the refund: until then the ledger may lag behind. */
const asking = `exists (
  select from tasks where tasks.id = 'poll/' || refunds.refund_id or tasks.id like 'call/' || refunds.refund_id || '/%')`

/**
 * What people gave back by hand (`hand.words`). They say it to the order service; of money that was said of no tender, payment knows better
 * which tenders it was for. What it cannot say of any, of a refund whose tenders it knows, a channel gives, or somebody sees to.
 */
const hand = `
  lateral (
    select coalesce(jsonb_agg(word), '[]') as words from (
      select word from jsonb_array_elements(ended.settled) word
      where word ->> 'tenderId' is not null or pivots.closed_at is null
      union all
      select word from jsonb_array_elements(pivots.settled) word
      where case when word ->> 'tenderId' is null
        then not exists (select from refunds where order_id = ended.order_id and request_id = ended.request_id)
        else not exists (select from jsonb_array_elements(ended.settled) said where said ->> 'tenderId' = word ->> 'tenderId') end
    ) words
  ) hand`

const wordOf = "from jsonb_array_elements(hand.words) word where word ->> 'tenderId' = refunds.tender_id"

/** A person gave back by hand what this refund was to give back. */
const byHand = `exists (select ${wordOf} and (word ->> 'amount')::bigint > 0)`

/** They may have: they said it of no tender, and nothing of this one. */
const mayBeByHand = `(${byHand} or not exists (select ${wordOf})
  and exists (select from jsonb_array_elements(pivots.settled) word where word ->> 'tenderId' is null))`

/** What somebody has still to see to, or a channel: nobody has given it back yet; and, negative, what a customer has twice. */
const open = `
  (select coalesce(sum(case when refunds.state = 'succeeded' then -refunds.amount else refunds.amount end), 0)::bigint as amount
   from refunds
   where refunds.order_id = ended.order_id and refunds.request_id = ended.request_id and not refunds.replaced
     and case refunds.state when 'succeeded' then ${byHand} when 'planned' then false when 'submitted' then false else not ${byHand} end)`

/** A person has closed what this refund was to give back: of the whole request, or of its tender alone. */
const closed = '(closed_at is not null and coalesce(closed_tenders ? refunds.tender_id, true))'

export const checks: readonly Check[] = [
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
        select order_id, tender_id, coalesce(sum(case kind when 'capture' then amount when 'release' then -amount end), 0) as ledger_captured,
          coalesce(sum(case kind when 'refund' then amount when 'reversal' then -amount end), 0) as ledger_refunded
        from ledger group by order_id, tender_id
      ) entries using (order_id, tender_id)
      where (captured, refunded) is distinct from (coalesce(ledger_captured, 0), coalesce(ledger_refunded, 0))`,
  },
  {
    invariant: 1,
    says: 'the ledger has each refund that moved money once, with its amount, and no other',
    offending: `
      select order_id, refund_id, refunds.request_id, refunds.state, refunds.amount, entries.moved, entries.returned
      from refunds full join (
        select order_id, refund_id, jsonb_agg(amount) filter (where kind = 'refund') as moved,
          jsonb_agg(amount) filter (where kind = 'reversal') as returned
        from ledger where kind in ('refund', 'reversal') group by order_id, refund_id
      ) entries using (order_id, refund_id)
      where (moved, returned) is distinct from (
        case when refunds.state in ('succeeded', 'reversed') then jsonb_build_array(refunds.amount) end,
        case when refunds.state = 'reversed' then jsonb_build_array(refunds.amount) end)`,
  },
  {
    invariant: 1,
    says: 'each posting of the ledger adds up to nothing, over accounts that there are',
    offending: `
      select order_id, posting_id, event, count(entries.amount) as entries, coalesce(sum(entries.amount), 0)::bigint as adds_up_to
      from postings left join entries using (posting_id) left join accounts using (account_id)
      group by posting_id, order_id, event
      having coalesce(sum(entries.amount), 0) <> 0 or count(accounts.account_id) < 2 or count(accounts.account_id) < count(entries.amount)
        or count(distinct accounts.currency) > 1`,
  },
  {
    invariant: 1,
    says: 'what the ledger has in transit is what channels have accepted and not settled',
    offending: `
      select order_id, refund_id, refunds.state, refunds.amount, coalesce(posted.amount, 0) as in_transit
      from refunds full join (
        select order_id, refund_id, -sum(entries.amount)::bigint as amount
        from accounts join entries using (account_id) join postings using (posting_id)
        where accounts.kind = 'in-transit' group by order_id, refund_id
      ) posted using (order_id, refund_id)
      where coalesce(posted.amount, 0) <> coalesce(case refunds.state when 'pending' then refunds.amount else 0 end, 0)`,
  },
  {
    invariant: 1,
    says: 'what the ledger has in suspense of a tender is what others gave back of it, or claim',
    offending: `
      select order_id, tender_id, claims, coalesce(posted.amount, 0) as in_suspense
      from tenders full join (
        select order_id, tender_id, sum(entries.amount)::bigint as amount
        from accounts join entries using (account_id) join postings using (posting_id)
        where accounts.kind = 'suspense' and tender_id is not null group by order_id, tender_id
      ) posted using (order_id, tender_id), lateral (
        select coalesce(sum(case
            when claim ->> 'toldAs' is null and claim ->> 'state' <> 'won' then (claim ->> 'amount')::bigint
            when claim ->> 'toldAs' is not null and claim ->> 'state' = 'won' then -(claim ->> 'amount')::bigint
            else 0 end), 0) as amount
        from jsonb_array_elements(tenders.claims) claim
      ) gone
      where coalesce(posted.amount, 0) <> gone.amount`,
  },
  {
    invariant: 1,
    says: 'what a customer can spend is what the ledger has posted to it',
    offending: `
      select account_id, customer_id, gift_card_id, balance, coalesce(posted, 0) as posted
      from credit_accounts full join (
        select account_id, -sum(amount)::bigint as posted from accounts join entries using (account_id)
        where kind in ('store-credit', 'gift-card') group by account_id
      ) sums using (account_id)
      where balance is distinct from posted and (balance is null or balance <> coalesce(posted, 0))`,
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
        given.amount as by_hand, open.amount as open
      from ended left join pivots using (order_id, request_id) left join (
        select order_id, request_id,
          sum(case kind when 'refund' then amount when 'reversal' then -amount end)::bigint as refunded
        from ledger where kind in ('refund', 'reversal') group by order_id, request_id
      ) moved using (order_id, request_id),
        ${hand},
        lateral (select coalesce(sum((word ->> 'amount')::bigint), 0)::bigint as amount
          from jsonb_array_elements(hand.words) word) given,
        lateral ${open} open
      where ended.outcome in ('cancelled', 'lines-cancelled') and not ended.settled_unsaid
        and coalesce(moved.refunded, 0) + given.amount + open.amount <> ended.amount`,
  },
  {
    invariant: 5,
    // A case that was told before the end waits for it ever longer, at most as long again.
    says: 'a refund that ended otherwise than the person thought who closed it is in somebody’s hands: told, or decided about',
    offending: `
      select ended.order_id, ended.request_id, refund_id, refunds.state, closed_at
      from ended join refunds using (order_id, request_id) join pivots using (order_id, request_id), ${hand}
      where ended.outcome in ('cancelled', 'lines-cancelled') and not replaced and ${closed}
        and (refunds.state = 'failed' and not ${byHand} or refunds.state = 'succeeded' and ${mayBeByHand})
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
      from ended left join pivots using (order_id, request_id) join refunds using (order_id, request_id)
        join ledger using (order_id, refund_id), ${hand}
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
  {
    invariant: 6,
    says: 'no channel is asked for a refund of a request that is not over the pivot, but for those that it refused',
    offending: `
      select pivots.order_id, pivots.request_id, refund_id, refunds.state
      from pivots join refunds using (order_id, request_id)
      where pivots.crossed_at is null and refunds.state not in ('planned', 'failed')`,
  },
]
