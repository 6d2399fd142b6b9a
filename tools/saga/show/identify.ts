import { z } from 'zod'
import { type Databases, inEach } from '../databases.ts'
import { waitingCommands } from './waiting.ts'

const known = z.object({ order_id: z.string(), request_id: z.string().nullable() })

/** Commands that were taken up, and those that still wait for their order. */
const select = `
  select order_id, request_id, min(received_at) as since from steps
  where request_id = $1 or order_id = $1 group by order_id, request_id
  union all select order_id, request_id, received_at from ${waitingCommands}
  where request_id = $1 or order_id = $1`

const selectOfOrders = `
  select order_id, null as request_id, null::timestamptz as since from orders where order_id = $1
  union all select order_id, request_id, coalesce(started_at, ended_at) from requests where request_id = $1 or order_id = $1
  union all ${select}`

export interface Identified {
  readonly orderId: string
  /** Of the order, oldest first; the one that was asked for, alone. */
  readonly requestIds: readonly string[]
}

const sinceOf = z.object({ since: z.string().nullable() })

/** Whose id it is. A request that only waits in one service for its order counts too. */
export const identify = async (databases: Databases, id: string): Promise<Identified | undefined> => {
  const rows = await inEach(databases, (database) =>
    database.rows(z.intersection(known, sinceOf), database.owner === 'order' ? selectOfOrders : select, [id]),
  )
  const byRequest = rows.filter((row) => row.request_id === id && row.order_id !== id)
  const [asked] = byRequest
  if (asked !== undefined) return { orderId: asked.order_id, requestIds: [id] }
  if (rows.length === 0) return undefined
  const sorted = rows.toSorted((a, b) => (a.since ?? '').localeCompare(b.since ?? ''))
  const requestIds = new Set(sorted.flatMap((row) => (row.request_id === null ? [] : [row.request_id])))
  return { orderId: id, requestIds: [...requestIds] }
}
