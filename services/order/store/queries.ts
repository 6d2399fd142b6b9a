import {
  type Answer,
  answers,
  type CommandData,
  cancellationRecord,
  standingAlarms,
  takenRequest,
} from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import { takeFirst } from '@countermand/process/take-first.ts'
import { sql } from 'kysely'
import { z } from 'zod'
import { toldDecisions } from '../decide/told-decisions.ts'

const pageSize = 200
/** Of a page: far below what a broker takes, and more than any one hold. */
const pageBytes = 400_000

/** As many from the front as fit into a page, and at least one: whoever asks for the next page must get on. */
const takeBytes = <Hold>(holds: readonly Hold[]): Hold[] => {
  let bytes = 0
  return takeFirst([...holds], (hold) => {
    bytes += Buffer.byteLength(JSON.stringify(hold))
    return bytes <= pageBytes
  })
}

/** The requests of which the last that was heard is that their code failed. */
export const alarmsOfCode = sql`
  select request_id from request_records alarm
  where record ->> 'what' = 'needs-attention' and record ->> 'reason' = 'workflow-task-failing'
    and not exists (
      select from request_records later where later.request_id = alarm.request_id and later.position > alarm.position
        and (later.record ->> 'what' in ('awaiting-merchant', 'decided', 'resolved', 'turning-back')
          or later.record ->> 'of' = alarm.key))`

const mostFailing = 50

const failingRow = z.object({
  request: takenRequest,
  records: z.array(z.object({ key: z.string(), record: cancellationRecord, at: z.string() })),
})

/** The open requests whose code failed when it was last heard of, also those that hold nothing yet; some of them, when they are many. */
const failingRequests = async (tx: DatabaseTransaction): Promise<NonNullable<Answer<'HoldsListed'>['failing']>> => {
  const { rows } = await sql`
    select request, (
      select jsonb_agg(jsonb_build_object('key', key, 'record', record, 'at', at) order by position)
      from request_records where request_records.request_id = requests.request_id
    ) as records
    from requests where ended_at is null and request_id in (${alarmsOfCode})
    order by request_id limit ${mostFailing}`.execute(tx)
  return rows.flatMap((row) => {
    const { data } = failingRow.safeParse(row)
    const alarms = data === undefined ? [] : standingAlarms(data.records)
    return alarms.flatMap(({ key, record }) =>
      data === undefined || record.what !== 'needs-attention' || record.reason !== 'workflow-task-failing'
        ? []
        : [{ request: data.request, alarm: key }],
    )
  })
}

/** The orders on hold, for whoever checks that a saga is open for each, and goes on. */
export const listHolds = async (
  tx: DatabaseTransaction,
  { until, after }: CommandData<'ListHolds'>,
): Promise<Answer<'HoldsListed'>> => {
  const { rows } = await sql<{ request: unknown; started_at: Date }>`
    select request, started_at from requests
    where status = 'holding' and started_at <= ${until} and request_id > ${after ?? ''} collate "C"
    order by request_id collate "C" limit ${pageSize + 1}`.execute(tx)
  const holds = rows.slice(0, pageSize).flatMap(({ request, started_at }) => {
    // What an earlier version took in may be more than today's contract allows. It must not keep all others from being looked at.
    const { data } = takenRequest.safeParse(request)
    return data === undefined ? [] : [{ request: data, since: started_at.toISOString() }]
  })
  const page = takeBytes(holds)
  const more = rows.length > pageSize || holds.length > page.length
  const failing = after === undefined ? takeBytes(await failingRequests(tx)) : []
  return { type: 'HoldsListed', holds: page, more, ...(failing.length > 0 && { failing }) }
}

const { resolutions, refund } = answers.CancellationRead.shape

const found = z.object({ open: z.boolean(), refund: refund.unwrap().nullable(), resolutions })

/** What is kept of a request, for whoever takes care of something that comes after its end. */
export const readCancellation = async (
  tx: DatabaseTransaction,
  { orderId, requestId }: CommandData<'ReadCancellation'>,
): Promise<Answer<'CancellationRead'>> => {
  const { rows } = await sql`
    select status = 'holding' as open,
      case when status in ('holding', 'confirmed') then jsonb_build_object('amount', amount,
        'currency', begun -> 'currency', 'fallback', begun -> 'refundFallback', 'refundTo', request -> 'refundTo') end as refund,
      (select coalesce(jsonb_agg(record order by position), '[]') from request_records
        where request_records.request_id = requests.request_id and record ->> 'what' = 'resolved') as resolutions
    from requests where request_id = ${requestId} and order_id = ${orderId}`.execute(tx)
  const [request] = rows.map((row) => found.parse(row))
  if (request === undefined) return { type: 'CancellationRead', open: false, resolutions: [] }
  const { open, refund, resolutions } = request
  return { type: 'CancellationRead', open, ...(refund && { refund }), resolutions: toldDecisions(resolutions) }
}

/** The requests that ended before a time, and so do not hold their order any more. */
export const endedRequests = (before: Date) => sql`select order_id, request_id from requests where ended_at < ${before}`
