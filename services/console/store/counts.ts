import { exactly } from '@countermand/contracts/exactly.ts'
import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { cancellationOf } from '../decide/cancellation.ts'
import { type Count, changeOf, countKinds, countsOf } from '../decide/counts.ts'
import type { Case, Told } from '../state.ts'
import type { Merchants } from './keys.ts'

/** Sums for reports, kept in the transaction that keeps what they are of. */

/** As it is in the database; large sums come as text. */
export const countRow = exactly<Count>()(
  z.object({
    ...{ kind: z.enum(countKinds), day: z.string(), merchant: z.string(), market: z.string(), reason: z.string() },
    ...{ initiator: z.string(), outcome: z.string(), code: z.string(), channel: z.string(), currency: z.string() },
    ...{ bucket: z.int(), n: z.coerce.number(), amount: z.coerce.number() },
  }),
)

const columns = sql`kind, day, merchant, market, reason, initiator, outcome, code, channel, currency, bucket, n, amount`

const add = async (tx: Database, changes: readonly Count[]): Promise<void> => {
  if (changes.length === 0) return
  await sql`
    insert into counts (${columns})
    select ${columns} from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as each(kind text, day date, merchant text,
      market text, reason text, initiator text, outcome text, code text, channel text, currency text, bucket smallint,
      n bigint, amount bigint)`.execute(tx)
}

/** A request, with all that is known of it. */
export interface Counted {
  readonly orderId: string
  readonly requestId: string
  readonly told: readonly Told[]
  readonly of: Pick<Case, 'order'>
  /** What its customer thinks of it, where they say so now. */
  readonly score?: number | undefined
}

const before = z.object({ orderId: z.string(), requestId: z.string(), counted: z.array(countRow).nullable() })

/** Counts requests as they are now, in place of what they counted as before. */
export const saveCounts = async (tx: Database, all: readonly Counted[]): Promise<void> => {
  if (all.length === 0) return
  const names = all.map(({ orderId, requestId }) => ({ orderId, requestId }))
  const { rows } = await sql`
    select c.order_id as "orderId", c.request_id as "requestId", counted from cancellations c
    join jsonb_to_recordset(${JSON.stringify(names)}::jsonb) as each("orderId" text, "requestId" text)
      on c.order_id = each."orderId" and c.request_id = each."requestId"
    for update of c`.execute(tx)
  const known = new Map(
    z
      .array(before)
      .parse(rows)
      .map(({ orderId, requestId, counted }) => [JSON.stringify([orderId, requestId]), counted ?? []]),
  )
  const made = all.flatMap(({ orderId, requestId, told, of, score }) => {
    const was = known.get(JSON.stringify([orderId, requestId]))
    const now = cancellationOf(orderId, requestId, told)
    return was === undefined || now === undefined
      ? []
      : [{ orderId, requestId, was, counted: countsOf(now, of, was, score) }]
  })
  await add(
    tx,
    changeOf(
      made.flatMap(({ was }) => was),
      made.flatMap(({ counted }) => counted),
    ),
  )
  const written = made.map(({ was: _, ...row }) => row)
  if (written.length > 0)
    await sql`
      update cancellations c set counted = each.counted
      from jsonb_to_recordset(${JSON.stringify(written)}::jsonb) as each("orderId" text, "requestId" text, counted jsonb)
      where c.order_id = each."orderId" and c.request_id = each."requestId"`.execute(tx)
}

const summedAtOnce = 20_000

/** Makes sums of what was added one by one. Readers see the same before and after. */
export const sumCounts = async (database: Database): Promise<void> => {
  await sql`
    with gone as (
      delete from counts where id in (select id from counts order by id limit ${summedAtOnce} for update skip locked)
      returning ${columns})
    insert into counts (${columns})
    select kind, day, merchant, market, reason, initiator, outcome, code, channel, currency, bucket, sum(n), sum(amount)
    from gone group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 having sum(n) <> 0 or sum(amount) <> 0`.execute(database)
}

/** What a report is of. Days in UTC, both of them in it. */
export interface ReportFilter {
  readonly from: string
  readonly to: string
  readonly merchant?: string | undefined
  readonly market?: string | undefined
}

const within = (merchants: Merchants) =>
  merchants === null ? sql`true` : sql`merchant = any(${[...merchants]}::text[])`

const sums = z.array(countRow)

/** Sums of one kind, by all that reports tell apart. */
export const countedBy = async (
  database: Database,
  kind: Count['kind'],
  { from, to, merchant, market }: ReportFilter,
  merchants: Merchants,
): Promise<Count[]> => {
  const { rows } = await sql`
    select kind, '' as day, '' as merchant, '' as market, reason, '' as initiator, outcome, code, channel, currency, bucket,
      sum(n) as n, sum(amount) as amount
    from counts where kind = ${kind} and day between ${from}::date and ${to}::date and ${within(merchants)}
      and ${merchant === undefined ? sql`true` : sql`merchant = ${merchant}`}
      and ${market === undefined ? sql`true` : sql`market = ${market}`}
    group by kind, reason, outcome, code, channel, currency, bucket having sum(n) <> 0`.execute(database)
  return sums.parse(rows)
}

const places = z.object({ merchants: z.array(z.string()).nullable(), markets: z.array(z.string()).nullable() })
const mostPlaces = 200

/** Of which merchants and markets something was counted. */
export const countedPlaces = async (database: Database, merchants: Merchants) => {
  const { rows } = await sql`
    select
      (select array_agg(m) from (select distinct merchant as m from counts where ${within(merchants)} and merchant <> '' order by 1 limit ${mostPlaces}) a) as merchants,
      (select array_agg(m) from (select distinct market as m from counts where ${within(merchants)} and market <> '' order by 1 limit ${mostPlaces}) b) as markets`.execute(
    database,
  )
  const found = places.parse(rows[0])
  return { merchants: found.merchants ?? [], markets: found.markets ?? [] }
}
