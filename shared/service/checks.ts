import type { ReadDatabase } from '@countermand/database'
import { z } from 'zod'

/** One of the six invariants of the specification, as far as one service's database can tell. */
export interface Check {
  readonly invariant: 1 | 2 | 3 | 4 | 5 | 6
  /** What holds. */
  readonly says: string
  /** Selects the rows for which it does not; may read the tables `ended` and `runs` of {@link Known} too. */
  readonly offending: string
}

/** A request that has ended, as the order service keeps it for ever. */
export const endedRequest = z.object({
  order_id: z.string(),
  request_id: z.string(),
  outcome: z.string(),
  /** Minor units; `null`: it never held its order. */
  amount: z.number().nullable(),
  lines: z.array(z.object({ lineId: z.string(), quantity: z.number(), kind: z.string().optional() })).nullable(),
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

/** A run of a saga, as Temporal has it. */
export interface RunOfSaga {
  readonly order_id: string
  readonly request_id: string
  readonly status: string
  readonly outcome: string | undefined
}

/** What every check may read besides its own database's tables, as it is sent. */
export type Known = readonly [ended: string, runs: string]

export const knownOf = (ended: readonly EndedRequest[], runs: readonly RunOfSaga[]): Known => [
  JSON.stringify(ended),
  JSON.stringify(runs),
]

const known = `
  with ended as (
    select * from jsonb_to_recordset($1::jsonb) as each (
      order_id text, request_id text, outcome text, amount bigint, lines jsonb, skipped text[],
      settled jsonb, settled_unsaid boolean, later text[], ended_at timestamptz)
  ), runs as (
    select * from jsonb_to_recordset($2::jsonb) as each (order_id text, request_id text, status text, outcome text)
  )`

const offendingRow = z.record(z.string(), z.unknown())
export type OffendingRow = Readonly<z.infer<typeof offendingRow>>

/** The whole query of a check; its parameters are {@link Known}. */
export const checked = (check: Check): string => `${known} select * from (${check.offending}) offending`

/** The rows for which a check does not hold. */
export const offendingRows = (database: ReadDatabase, check: Check, facts: Known): Promise<OffendingRow[]> =>
  database.rows(offendingRow, checked(check), facts)
