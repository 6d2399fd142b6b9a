import type { ReadDatabase } from '@countermand/database'
import { z } from 'zod'

const count = z.number()
const line = z.object({
  lineId: z.string(),
  sku: z.string(),
  quantity: count,
  reserved: count,
  aside: count,
  shipped: count,
  onSale: count,
  writtenOff: count,
})

/** Where the units of an order's line are. */
export type StockFacts = z.infer<typeof line>

export const stockOf = (database: ReadDatabase, orderId: string): Promise<StockFacts[]> =>
  database.rows(
    line,
    `select line_id as "lineId", sku, quantity, reserved, aside, shipped, on_sale as "onSale", written_off as "writtenOff"
     from reservation_lines where order_id = $1 order by line_id`,
    [orderId],
  )
