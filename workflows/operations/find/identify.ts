import * as order from '@countermand/order/store/facts.ts'
import { whoseId } from '@countermand/service/facts.ts'
import { type Databases, inEach } from '../reach/databases.ts'

export interface Identified {
  readonly orderId: string
  /** Of the order, oldest first; the one that was asked for, alone. */
  readonly requestIds: readonly string[]
}

/** Whose id it is. A request that only waits in one service for its order counts too. */
export const identify = async (databases: Databases, id: string): Promise<Identified | undefined> => {
  const found = await Promise.all([
    order.whoseId(databases.order, id),
    inEach(databases, (database) => whoseId(database, id)),
  ])
  const rows = found.flat()
  const asked = rows.find((row) => row.requestId === id && row.orderId !== id)
  if (asked !== undefined) return { orderId: asked.orderId, requestIds: [id] }
  if (rows.length === 0) return undefined
  const sorted = rows.toSorted((a, b) => (a.since ?? '').localeCompare(b.since ?? ''))
  const requestIds = new Set(sorted.flatMap(({ requestId }) => (requestId === null ? [] : [requestId])))
  return { orderId: id, requestIds: [...requestIds] }
}
