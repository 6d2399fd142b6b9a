import { type Answer, type CommandData, cancelRequested } from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import { sql } from 'kysely'

const pageSize = 200

/** The orders on hold, for whoever checks that a saga is open for each. */
export const listHolds = async (
  tx: DatabaseTransaction,
  { until, after = '' }: CommandData<'ListHolds'>,
): Promise<Answer<'HoldsListed'>> => {
  const { rows } = await sql<{ request: unknown; started_at: Date }>`
    select request, started_at from requests
    where status = 'holding' and started_at <= ${until} and request_id > ${after} collate "C"
    order by request_id collate "C" limit ${pageSize + 1}`.execute(tx)
  return {
    type: 'HoldsListed',
    holds: rows.slice(0, pageSize).map((row) => ({
      request: cancelRequested.parse(row.request),
      since: row.started_at.toISOString(),
    })),
    more: rows.length > pageSize,
  }
}
