import { type Answer, type CommandData, cancelRequested } from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import type { ServiceMeasure } from '@countermand/messaging/measures.ts'
import { takeFirst } from '@countermand/messaging/take-first.ts'
import { sql } from 'kysely'

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
    const { data } = cancelRequested.safeParse(request)
    return data === undefined ? [] : [{ request: data, since: started_at.toISOString() }]
  })
  const page = takeBytes(holds)
  return {
    type: 'HoldsListed',
    holds: page,
    more: rows.length > pageSize || holds.length > page.length,
  }
}

/** How many orders are on hold, and for how long. */
export const holds: ServiceMeasure = {
  gauges: [
    { name: 'countermand_orders_on_hold', help: 'Orders that are on hold because their cancellation is open' },
    { name: 'countermand_hold_age_seconds', help: 'For how long the oldest of them has been on hold; 0: none is' },
  ],
  read: async (database) => {
    const { rows } = await sql<{ held: number; oldest: number }>`
      select count(*) as held, coalesce(extract(epoch from now() - min(started_at)), 0)::float8 as oldest
      from requests where status = 'holding'`.execute(database)
    return rows.flatMap(({ held, oldest }) => [
      { gauge: 'countermand_orders_on_hold', value: held },
      { gauge: 'countermand_hold_age_seconds', value: oldest },
    ])
  },
}
