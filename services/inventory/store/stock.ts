import type { StockReceived } from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import { sql } from 'kysely'
import type { Units } from '../state.ts'

/** What is added to a SKU's row, in units; they go from place to place, so without `received` they add up to 0. */
export interface Movement extends Units {
  readonly sku: string
  readonly received: number
}

const noUnits: Units = { reserved: 0, aside: 0, shipped: 0, 'on-sale': 0, 'written-off': 0 }

/** Gives each SKU that is first heard of its initial stock. */
export const stockSkus = async (
  tx: DatabaseTransaction,
  skus: readonly string[],
  initialStock: number,
): Promise<void> => {
  if (skus.length === 0) return
  // In sorted order, like every lock on stock: two transactions that meet on several SKUs never wait for each other.
  await sql`
    insert into stock (sku, received, on_sale)
    select distinct sku, ${initialStock}::bigint, ${initialStock}::bigint from unnest(${[...skus]}::text[]) as named (sku)
    order by sku
    on conflict (sku) do nothing`.execute(tx)
}

/** Applies movements, one update per SKU however many there are. Each SKU must have its row ({@link stockSkus}). */
export const moveStock = async (tx: DatabaseTransaction, movements: readonly Movement[]): Promise<void> => {
  if (movements.length === 0) return
  await sql`
    with movement as materialized (
      select sku, sum(received) as received, sum("on-sale") as on_sale, sum(reserved) as reserved, sum(aside) as aside,
        sum(shipped) as shipped, sum("written-off") as written_off
      from jsonb_to_recordset(${JSON.stringify(movements)}::jsonb) as each (sku text, received bigint, "on-sale" bigint,
        reserved bigint, aside bigint, shipped bigint, "written-off" bigint)
      group by sku
    ), locked as materialized (
      select sku from stock where sku in (select sku from movement) order by sku for no key update
    )
    update stock set
      received = stock.received + movement.received,
      on_sale = greatest(0, stock.on_sale - stock.backordered + movement.on_sale),
      backordered = greatest(0, stock.backordered - stock.on_sale - movement.on_sale),
      reserved = stock.reserved + movement.reserved,
      aside = stock.aside + movement.aside,
      shipped = stock.shipped + movement.shipped,
      written_off = stock.written_off + movement.written_off
    from movement join locked using (sku)
    where stock.sku = movement.sku`.execute(tx)
}

/** `stock.received.v1`: on sale at once, after what is backordered. */
export const movementOf = ({ sku, quantity }: StockReceived): Movement => ({
  ...noUnits,
  sku,
  received: quantity,
  'on-sale': quantity,
})
