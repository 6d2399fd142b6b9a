import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { saveCounts } from './counts.ts'
import { load } from './store.ts'

const atOnce = 200
const uncounted = z.array(z.object({ orderId: z.string(), requestId: z.string(), score: z.int().nullable() }))

/** Counts what an earlier release has kept, a part at a time; gives back how many. */
export const countRest = async (database: Database): Promise<number> => {
  for (let all = 0; ; ) {
    const many = await database.transaction().execute(async (tx) => {
      const { rows } = await sql`
        select c.order_id as "orderId", c.request_id as "requestId", f.score from cancellations c
        left join feedback f on f.order_id = c.order_id and f.request_id = c.request_id
        where counted is null order by c.request_id limit ${atOnce} for update of c skip locked`.execute(tx)
      const found = uncounted.parse(rows)
      const cases = await load(tx, [...new Set(found.map(({ orderId }) => orderId))])
      await saveCounts(
        tx,
        found.map(({ orderId, requestId, score }) => {
          const of = cases.get(orderId)
          return {
            orderId,
            requestId,
            told: of?.told.get(requestId) ?? [],
            of: of ?? {},
            ...(score !== null && { score }),
          }
        }),
      )
      return found.length
    })
    all += many
    if (many < atOnce) return all
  }
}
