import type { Check } from '@countermand/service/checks.ts'

export const checks: readonly Check[] = [
  {
    invariant: 2,
    says: 'on sale + reserved + aside + shipped + written off = received (and what is owed to orders beyond it)',
    offending: `
      select * from stock
      where on_sale + reserved + aside + shipped + written_off <> received + backordered
        or least(received, on_sale, reserved, aside, shipped, written_off, backordered) < 0`,
  },
  {
    invariant: 2,
    says: 'nothing is on sale while orders wait for it: no unit is sold twice',
    offending: 'select sku, on_sale, backordered from stock where on_sale > 0 and backordered > 0',
  },
  {
    invariant: 2,
    says: 'each unit of a line is in one place',
    offending: `
      select * from reservation_lines
      where reserved + aside + shipped + on_sale + written_off <> quantity
        or least(reserved, aside, shipped, on_sale, written_off) < 0`,
  },
  {
    invariant: 2,
    says: "a SKU's stock is what its orders' lines say",
    offending: `
      select sku, stock.reserved, stock.aside, stock.shipped, stock.written_off,
        lines_reserved, lines_aside, lines_shipped, lines_written_off
      from stock full join (
        select sku, sum(reserved) as lines_reserved, sum(aside) as lines_aside, sum(shipped) as lines_shipped,
          sum(written_off) as lines_written_off
        from reservation_lines group by sku
      ) lines using (sku)
      where (stock.reserved, stock.aside, stock.shipped, stock.written_off) is distinct from
        (coalesce(lines_reserved, 0), coalesce(lines_aside, 0), coalesce(lines_shipped, 0), coalesce(lines_written_off, 0))`,
  },
  {
    invariant: 5,
    says: 'the stock of a cancellation is back on sale, or is when its parcel is back, or written off',
    offending: `
      select ended.order_id, ended.request_id, ended.outcome, hold
      from ended left join reservations using (order_id)
        left join lateral (
          select hold from jsonb_array_elements(reservations.holds) hold where hold ->> 'requestId' = ended.request_id
        ) held on true
      where ended.outcome in ('cancelled', 'lines-cancelled')
        and not ended.skipped && array['set-stock-aside', 'return-stock']
        and (hold is null or hold ->> 'returned' <> 'true' or exists (
          select line ->> 'lineId', (line ->> 'quantity')::numeric from jsonb_array_elements(ended.lines) line
          where coalesce(line ->> 'kind', 'goods') = 'goods'
          except
          select each ->> 'lineId', sum((each ->> 'quantity')::numeric) from jsonb_array_elements(hold -> 'lines') each
          group by 1))`,
  },
  {
    invariant: 6,
    says: 'a request that came to nothing holds no stock',
    offending: `
      select ended.order_id, ended.request_id, ended.outcome, hold
      from ended join reservations using (order_id), jsonb_array_elements(reservations.holds) hold
      where ended.outcome in ('compensated', 'refused', 'withdrawn') and hold ->> 'requestId' = ended.request_id
        and not 'set-stock-aside' = any (ended.skipped)`,
  },
]
