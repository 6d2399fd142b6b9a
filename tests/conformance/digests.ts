import type { ServiceName } from '@countermand/contracts'

/**
 * For each of our services a query that says how an order stands, without ids of requests and times: orders to which the same happened
 * look the same. No row: the order is not known.
 */
export const digests: Readonly<Record<ServiceName, string>> = {
  order: `
    select jsonb_build_array(o.status, o.held_by is not null,
      (select jsonb_agg(jsonb_build_array(line_id, cancelled) order by line_id) from order_lines l where l.order_id = o.order_id)) as digest
    from orders o where o.order_id = $1`,
  inventory: `
    select jsonb_build_array(line_id, reserved, aside, shipped, on_sale, written_off) as digest
    from reservation_lines where order_id = $1 order by line_id`,
  logistics: `
    select jsonb_build_array(s.shipment_id, s.status, coalesce(b.state, 'as-sent'),
      (select count(*) from stops where stops.order_id = s.order_id and phase <> 'resumed')) as digest
    from shipments s left join sandbox.carrier_book b using (order_id, shipment_id)
    where s.order_id = $1 order by s.shipment_id`,
  payment: `
    select jsonb_build_array(t.tender_id, t.captured, t.refunded,
      (select coalesce(sum(amount), 0) from sandbox.channel_book b where b.order_id = t.order_id and b.tender_id = t.tender_id and moves_at <= now()),
      (select count(*) from refunds r where r.order_id = t.order_id and state in ('planned', 'submitted', 'pending'))) as digest
    from tenders t where t.order_id = $1 order by t.tender_id`,
}
