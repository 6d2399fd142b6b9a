import { type Answer, answers, type CommandData } from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { toldDecisions } from './told-decisions.ts'

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
