import type { ReadDatabase } from '@countermand/database'
import { type Check, type EndedRequest, endedRequest } from '@countermand/service/checks.ts'
import { partOf } from '@countermand/service/facts.ts'

const selectEnded = `
  select request_id, order_id, outcome, amount, lines, coalesce((
    select jsonb_agg(record ->> 'step') from request_records
    where request_records.request_id = requests.request_id and record ->> 'what' = 'resolved' and record ->> 'decision' = 'skip'
  ), '[]') as skipped, coalesce((
    select jsonb_agg(last) from (
      select distinct on (entry ->> 'tenderId') entry ->> 'tenderId' as "tenderId", (entry ->> 'amount')::bigint as amount
      from request_records, jsonb_array_elements(record -> 'settled') entry
      where request_records.request_id = requests.request_id and record ->> 'what' = 'resolved'
      order by entry ->> 'tenderId', request_records.position desc
    ) last
  ), '[]') as settled, exists (
    select from request_records
    where request_records.request_id = requests.request_id and record ->> 'what' = 'resolved' and record ->> 'decision' = 'skip'
      and (record ->> 'step' = 'refund' or record ->> 'step' like 'reversed.%') and not record ? 'settled'
  ) as settled_unsaid, coalesce((
    select jsonb_agg(key) from request_records where request_records.request_id = requests.request_id and key ~ '[.](reversed|failed|twice|parcel)[.]'
  ), '[]') as later, to_jsonb(ended_at) #>> '{}' as ended_at
  from requests where outcome is not null`

/** What the order service alone knows: read first, for an end is final, and what the others did for it came before. */
export const allEnded = (database: ReadDatabase): Promise<EndedRequest[]> => database.rows(endedRequest, selectEnded)

const ends = `('order.cancellation.completed.v1', 'order.cancellation.refused.v1',
  'order.cancellation.withdrawn.v1', 'order.cancellation.compensated.v1')`

export const checks: readonly Check[] = [
  {
    invariant: 3,
    says: 'an order is on hold exactly while one request holds it',
    offending: `
      select order_id, status, held_by, holders
      from orders full join (
        select order_id, jsonb_agg(request_id) as holders from requests where status = 'holding' group by order_id
      ) holding using (order_id)
      where (status is not distinct from 'on-hold') <> (holders is not null)
        or holders <> jsonb_build_array(held_by)`,
  },
  {
    invariant: 3,
    says: 'the saga of a request that holds an order is open',
    offending: `
      select order_id, request_id, started_at from requests
      where status = 'holding' and not exists (
        select from runs where runs.order_id = requests.order_id and runs.request_id = requests.request_id
          and runs.status = 'RUNNING')`,
  },
  {
    invariant: 4,
    says: 'a request that was heard of and has not begun has an open saga',
    offending: `
      select order_id, request_id from requests
      where status = 'asked' and not exists (
        select from runs where runs.order_id = requests.order_id and runs.request_id = requests.request_id
          and runs.status = 'RUNNING')`,
  },
  {
    invariant: 4,
    says: 'a saga that is over left its request with the same outcome',
    offending: `
      select runs.order_id, runs.request_id, runs.status, runs.outcome as saga_outcome, requests.outcome
      from runs left join requests on requests.order_id = runs.order_id and requests.request_id = runs.request_id
      where not exists (
          select from runs open where open.order_id = runs.order_id and open.request_id = runs.request_id and open.status = 'RUNNING')
        and case when runs.status = 'COMPLETED'
          -- Without an outcome it was none of a request: the id belonged to another one, or the request never came.
          then runs.outcome is not null and runs.outcome is distinct from requests.outcome
          else requests.outcome is null end`,
  },
  {
    invariant: 4,
    // The outbox keeps what was published for six hours.
    says: 'a request that ended is told in public once, by one event id; one that has not is not',
    offending: `
      select order_id, request_id, outcome, ended_at, coalesce(event_ids, '[]') as event_ids
      from requests left join (
        select ${partOf("headers ->> 'ce_id'", 2)} as request_id, jsonb_agg(distinct headers ->> 'ce_id') as event_ids
        from outbox where topic = 'orders.cancellations.v1' and headers ->> 'ce_type' in ${ends} group by 1
      ) told using (request_id)
      where (outcome is null and event_ids is not null) or jsonb_array_length(event_ids) > 1
        or (ended_at > now() - interval '5 hours' and event_ids is null)`,
  },
  {
    invariant: 5,
    says: 'the refunds of a cancellation add up to what was cancelled, with what somebody gave back before any channel was asked',
    offending: `
      select requests.order_id, requests.request_id, requests.amount, told.refunded, hand.amount as by_hand, requests.refunds
      from requests join ended using (request_id),
        lateral (select coalesce(sum((each ->> 'amount')::bigint), 0) as refunded from jsonb_array_elements(requests.refunds) each) told,
        lateral (select coalesce(sum((each ->> 'amount')::bigint), 0) as amount from jsonb_array_elements(ended.settled) each
          where each ->> 'tenderId' is null) hand
      where requests.outcome in ('cancelled', 'lines-cancelled') and not ended.settled_unsaid
        and (told.refunded > requests.amount or told.refunded + hand.amount < requests.amount)`,
  },
  {
    invariant: 5,
    says: 'the units cancelled of a line are those of the requests that were confirmed, and of no other',
    offending: `
      select order_id, line_id, order_lines.cancelled, coalesce(confirmed.quantity, 0) as confirmed
      from order_lines left join (
        select order_id, line ->> 'lineId' as line_id, sum((line ->> 'quantity')::bigint) as quantity
        from requests, jsonb_array_elements(lines) line where status = 'confirmed' group by 1, 2
      ) confirmed using (order_id, line_id)
      where order_lines.cancelled <> coalesce(confirmed.quantity, 0)`,
  },
  {
    invariant: 5,
    says: 'an order is cancelled exactly when nothing of it is left',
    offending: `
      select order_id, status, quantity, cancelled
      from orders join (
        select order_id, sum(quantity) as quantity, sum(cancelled) as cancelled from order_lines group by order_id
      ) units using (order_id)
      where coalesce(status_before, status) = 'cancelled' and cancelled < quantity
        or coalesce(status_before, status) <> 'cancelled' and cancelled = quantity`,
  },
]
