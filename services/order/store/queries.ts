import { type Answer, answers, type CommandData, takenRequest } from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import { takeFirst } from '@countermand/messaging/take-first.ts'
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

/** The orders on hold, for whoever checks that a saga is open for each. */
export const listHolds = async (
  tx: DatabaseTransaction,
  { until, after = '' }: CommandData<'ListHolds'>,
): Promise<Answer<'HoldsListed'>> => {
  const { rows } = await sql<{ request: unknown; started_at: Date }>`
    select request, started_at from requests
    where status = 'holding' and started_at <= ${until} and request_id > ${after} collate "C"
    order by request_id collate "C" limit ${pageSize + 1}`.execute(tx)
  const holds = rows.slice(0, pageSize).flatMap(({ request, started_at }) => {
    // What an earlier version took in may be more than today's contract allows. It must not keep all others from being looked at.
    const { data } = takenRequest.safeParse(request)
    return data === undefined ? [] : [{ request: data, since: started_at.toISOString() }]
  })
  const page = takeBytes(holds)
  return {
    type: 'HoldsListed',
    holds: page,
    more: rows.length > pageSize || holds.length > page.length,
  }
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
