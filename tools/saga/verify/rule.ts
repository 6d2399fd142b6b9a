import { z } from 'zod'
import type { DatabaseOwner } from '../../stack/settings.ts'

/** One of the six invariants of the specification, as far as one database can tell. */
export interface Rule {
  readonly invariant: 1 | 2 | 3 | 4 | 5 | 6
  /** What holds. */
  readonly says: string
  /** Selects the rows for which it does not; may read {@link facts}. */
  readonly offending: string
}

/** A row that breaks a rule. */
export interface Violation {
  readonly invariant: Rule['invariant']
  readonly says: string
  readonly service: DatabaseOwner
  readonly row: Readonly<Record<string, unknown>>
}

export const offendingRow = z.record(z.string(), z.unknown())

/** A request that has ended, as the order service keeps it for ever. */
export const endedRequest = z.object({
  order_id: z.string(),
  request_id: z.string(),
  outcome: z.string(),
  /** Minor units; `null`: it never held its order. */
  amount: z.number().nullable(),
  lines: z.array(z.object({ lineId: z.string(), quantity: z.number() })).nullable(),
  /** What people let the saga go on without: the steps they skipped. */
  skipped: z.array(z.string()),
  /** What people said they gave back by hand, the latest word about each tender; without one: of those that no channel was asked about. */
  settled: z.array(z.object({ tenderId: z.string().nullable(), amount: z.number() })),
  /** A refund was let go before decisions said what was given back by hand. */
  settled_unsaid: z.boolean(),
  /** Keys of what was written down about refunds that ended otherwise, and parcels that came back, after the end. */
  later: z.array(z.string()),
  ended_at: z.string(),
})
export type EndedRequest = z.infer<typeof endedRequest>

/** What the order service alone knows: read first, for an end is final, and what the others did for it came before. */
export const endedRequests = `
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

/** The tables of facts that every rule may read besides its own database's: requests that ended ($1), runs of sagas ($2). */
export const facts = `
  with ended as (
    select * from jsonb_to_recordset($1::jsonb) as each (
      order_id text, request_id text, outcome text, amount bigint, lines jsonb, skipped text[],
      settled jsonb, settled_unsaid boolean, later text[], ended_at timestamptz)
  ), runs as (
    select * from jsonb_to_recordset($2::jsonb) as each (order_id text, request_id text, status text, outcome text)
  )`
